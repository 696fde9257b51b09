//! The answer of the authorize endpoint on its way to the app: a code, an id token, or an error; in the query, behind
//! the `#`, or as a form. Called by `authorize`.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use shared::{entropy, secret::Secret};
use url::Url;

use super::{
    issue::{Person, id_token},
    pages::FormPostPage,
    request::{Asked, Asking, ResponseMode},
};
use crate::{
    app::App,
    commands::IssueCode,
    domain::identity::{Account, CodeGrant},
    http::page::{SUBMIT, page_with_submit},
};

/// What was asked for, for `account`. The error says why it cannot be had now.
pub async fn answer(
    app: &App,
    asking: &Asking,
    asked: &Asked,
    account: &Account,
) -> Result<Response, String> {
    let mut fields = Vec::new();
    let mut code_hash = None;
    if asked.code {
        let code = URL_SAFE_NO_PAD.encode(entropy::seed(app.entropy.as_ref()));
        let hash = Sha256::digest(code.as_bytes());
        code_hash = Some(URL_SAFE_NO_PAD.encode(&hash[..16]));
        let command = IssueCode {
            sandbox: asking.registration.sandbox.clone(),
            code: Secret::new(code.clone()),
            grant: CodeGrant {
                client_id: asking.registration.app.client_id,
                redirect_uri: asking.redirect_uri.clone(),
                challenge: asked.challenge.clone(),
                nonce: asked.nonce.clone(),
                scope: asked.scopes.text(),
                tenant_id: account.tenant_id,
                object_id: account.object_id,
            },
        };
        app.store.execute(command).await.map_err(|failure| failure.to_string())?;
        fields.push(("code", code));
    }
    if asked.id_token {
        let person = Person {
            registration: &asking.registration,
            account,
            scopes: &asked.scopes,
            nonce: asked.nonce.clone(),
        };
        let token = id_token(app, asking.version, &person, code_hash)
            .await
            .map_err(|error| error.to_string())?;
        fields.push(("id_token", token.expose().clone()));
    }
    Ok(send_back(asking, fields))
}

/// Sends fields to the app, with its state.
pub fn send_back(asking: &Asking, mut fields: Vec<(&'static str, String)>) -> Response {
    fields.extend(asking.state.clone().map(|state| ("state", state)));
    if asking.mode == ResponseMode::FormPost {
        let action = asking.redirect_uri.clone();
        return page_with_submit(StatusCode::OK, &FormPostPage { action, fields, script: SUBMIT });
    }
    let location = Url::parse(&asking.redirect_uri).ok().map(|mut url| {
        if asking.mode == ResponseMode::Query {
            url.query_pairs_mut().extend_pairs(&fields);
        } else {
            let mut text = url::form_urlencoded::Serializer::new(String::new());
            url.set_fragment(Some(&text.extend_pairs(&fields).finish()));
        }
        url
    });
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Some(location) = location.and_then(|url| HeaderValue::try_from(url.as_str()).ok()) {
        headers.insert(header::LOCATION, location);
    }
    response
}
