//! …/publishers/{publisherId}/client-keys: public keys that a publisher's apps prove themselves with instead of a secret.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use shared::{
    ids::PublisherId,
    rehearsal::{
        AppKind, ClientKey as Wire, ClientKeys, Problem as ProblemBody, RegisterClientKey as Asked,
    },
};

use super::problem::Problem;
use crate::{
    app::App,
    client_assertion::{read_certificate, read_jwk},
    commands::{DropClientKey, KeyOwner, RegisterClientKey, WhichApp},
    domain::{
        identity::{CLIENT_KEY_MAX, ClientKey, KeyForm},
        refusal::Refusal,
    },
    http::{
        body::{ReadBody, json},
        extract::{KeyPath, OperatorIn, PublisherPath},
        notes::Notes,
    },
    queries,
    store::Failure,
};

/// The keys that a publisher's apps prove themselves with
#[utoipa::path(
    get, path = "/rehearsal/v1/sandboxes/{sandbox}/publishers/{publisherId}/client-keys", tag = "rehearsal",
    params(("sandbox" = String, Path), ("publisherId" = String, Path)),
    responses((status = 200, body = ClientKeys), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub async fn list_client_keys(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    PublisherPath(publisher): PublisherPath,
    notes: Notes,
) -> Response {
    let found = async {
        let owner = owner(&publisher)?;
        queries::client_keys(&app.store, &sandbox, &owner).await
    };
    match found.await {
        Ok(keys) => {
            let keys = keys.iter().map(|(which, key)| wire(Some(*which), key)).collect();
            Json(ClientKeys { keys }).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// Register a key, in place of one of the same name
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/publishers/{publisherId}/client-keys", tag = "rehearsal",
    params(("sandbox" = String, Path), ("publisherId" = String, Path)), request_body = Asked,
    responses(
        (status = 201, body = Wire), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 409, description = "Too many keys", body = ProblemBody),
    )
)]
pub async fn register_client_key(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    PublisherPath(publisher): PublisherPath,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let registered = async {
        let owner = owner(&publisher)?;
        let (which, key) = read(&body?)?;
        let which = which.unwrap_or(WhichApp::Api);
        let shown = wire(Some(which), &key);
        app.store.execute(RegisterClientKey { sandbox, owner, app: which, key }).await?;
        Ok::<_, Failure>(shown)
    };
    match registered.await {
        Ok(key) => (StatusCode::CREATED, Json(key)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// Drop a key
#[utoipa::path(
    delete, path = "/rehearsal/v1/sandboxes/{sandbox}/publishers/{publisherId}/client-keys/{kid}", tag = "rehearsal",
    params(("sandbox" = String, Path), ("publisherId" = String, Path), ("kid" = String, Path)),
    responses((status = 204), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub async fn drop_client_key(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    PublisherPath(publisher): PublisherPath,
    KeyPath(kid): KeyPath,
    notes: Notes,
) -> Response {
    let dropped = async {
        let owner = owner(&publisher)?;
        app.store.execute(DropClientKey { sandbox, owner, kid }).await
    };
    match dropped.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

fn owner(text: &str) -> Result<KeyOwner, Failure> {
    let id = text.parse::<PublisherId>();
    id.map(KeyOwner::Publisher).map_err(|_| Refusal::unknown("Publisher", text).into())
}

/// Reads a key that is to be registered, and which app it names.
pub(super) fn read(bytes: &[u8]) -> Result<(Option<WhichApp>, ClientKey), Failure> {
    let asked: Asked = json(bytes)?;
    let which = asked.app.map(|app| match app {
        AppKind::Api => WhichApp::Api,
        AppKind::SignIn => WhichApp::SignIn,
    });
    if bytes.len() > CLIENT_KEY_MAX {
        let reason = format!("a key has {CLIENT_KEY_MAX} characters at most");
        return Err(Refusal::field("body", reason).into());
    }
    let key = match (&asked.jwk, &asked.certificate) {
        (Some(jwk), None) => read_jwk(jwk).ok_or_else(|| {
            let reason = "send a public key: kty RSA with n and e, of 2048 bits or more, or kty EC with crv P-256, x and \
                          y; kid, if any, of 1 to 100 letters, digits, '-', '_' and '.'";
            Refusal::field("jwk", reason)
        }),
        (None, Some(pem)) => read_certificate(pem).ok_or_else(|| {
            let reason = "send an X.509 certificate in PEM with an RSA or P-256 key";
            Refusal::field("certificate", reason)
        }),
        _ => Err(Refusal::field("body", "send exactly one of jwk and certificate")),
    };
    Ok((which, key?))
}

/// A key as it is shown; without an app where there is one only.
pub(super) fn wire(which: Option<WhichApp>, key: &ClientKey) -> Wire {
    Wire {
        app: which.map(|which| match which {
            WhichApp::Api => AppKind::Api,
            WhichApp::SignIn => AppKind::SignIn,
        }),
        kid: key.kid.clone(),
        form: match key.form {
            KeyForm::Jwk => "jwk",
            KeyForm::Certificate => "certificate",
        }
        .to_owned(),
        x5t: key.thumbprint.clone(),
    }
}
