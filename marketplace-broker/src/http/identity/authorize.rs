//! GET and POST /{tenant}/oauth2/v2.0/authorize, and the same of v1 (`authorize_v1`): the account picker, and the answer
//! to the app. The state of a visit is the request itself: forms post back to the URL they stand on.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

use super::{
    answer::{answer, send_back},
    pages::{AccessPage, ApprovalPage, PickerPage, busy, message},
    params::Params,
    request::{Asked, Asking, Prompt, SentBack, Unsent, asked, asking},
    session::Session,
};
use crate::{
    app::App,
    domain::{
        identity::{Account, Authority, Version},
        refusal::Refusal,
    },
    http::{
        body::ReadBody, extract::TenantPath, fulfillment::location, notes::Notes, page::page, words,
    },
    queries,
};

/// Bytes of a request that comes by POST.
const REQUEST_MAX: usize = 16 * 1024;

/// A person comes to the picker.
struct Visit<'a> {
    app: &'a App,
    notes: &'a Notes,
    session: Session,
    asking: Asking,
    /// The path and query of the request.
    here: String,
}

/// Sign a person in: the account picker, or the answer if somebody is remembered
#[utoipa::path(
    get, path = "/{tenant}/oauth2/v2.0/authorize", tag = "identity",
    params(
        ("tenant" = String, Path, description = "A tenant id, common, organizations or consumers"),
        ("client_id" = String, Query), ("redirect_uri" = String, Query),
        ("response_type" = String, Query, description = "code, id_token or both"),
        ("scope" = String, Query), ("state" = Option<String>, Query), ("nonce" = Option<String>, Query),
        ("code_challenge" = Option<String>, Query), ("code_challenge_method" = Option<String>, Query),
        ("response_mode" = Option<String>, Query, description = "query, fragment or form_post"),
        ("prompt" = Option<String>, Query, description = "none, login, select_account or consent"),
        ("login_hint" = Option<String>, Query),
        ("domain_hint" = Option<String>, Query, description = "A domain, organizations or consumers: who comes first"),
    ),
    responses(
        (status = 200, description = "The account picker"),
        (status = 303, description = "The answer, on its way to redirect_uri"),
        (status = 400, description = "Who asks is not known, or not by this redirect URI: a page"),
    )
)]
pub async fn authorize(
    State(app): State<App>,
    TenantPath(tenant): TenantPath,
    notes: Notes,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    show(
        Version::V2,
        Sent { app: &app, notes: &notes, tenant: &tenant, uri: &uri, headers: &headers },
    )
    .await
}

/// A request of either version.
pub struct Sent<'a> {
    pub app: &'a App,
    pub notes: &'a Notes,
    pub tenant: &'a str,
    pub uri: &'a Uri,
    pub headers: &'a HeaderMap,
}

/// Shows the picker, or answers at once.
pub async fn show(version: Version, sent: Sent<'_>) -> Response {
    let (visit, read) = match open(version, &sent).await {
        Ok(opened) => opened,
        Err(refused) => return refused,
    };
    let asked = match read {
        Ok(asked) => asked,
        Err(refused) => return visit.send_back(&refused),
    };
    if !visit.has_access() {
        if asked.prompt == Prompt::Never {
            return visit.send_back(&nobody()); // no page may be shown (OpenID Connect Core 3.1.2.1)
        }
        return visit.access(StatusCode::OK, false);
    }
    let accounts = match visit.accounts().await {
        Ok(accounts) => accounts,
        Err(failed) => return failed,
    };
    let remembered = visit.session.account(&visit.asking.registration.sandbox);
    let remembered = accounts.iter().find(|account| Some(account.object_id) == remembered);
    let is_expected = |account: &&Account| {
        asked.hint.as_deref().is_none_or(|hint| account.is_hinted(hint)) && !account.needs_approval
    };
    match (asked.prompt, remembered.filter(is_expected)) {
        (Prompt::IfNeeded | Prompt::Never, Some(account)) => visit.answer(&asked, account).await,
        (Prompt::Never, None) => visit.send_back(&nobody()),
        (Prompt::IfNeeded | Prompt::Always, _) => visit.picker(StatusCode::OK, &accounts, &asked),
    }
}

/// Nobody may be asked, and nobody is signed in.
fn nobody() -> SentBack {
    SentBack::new(
        "login_required",
        "AADSTS50058: A silent sign-in request was sent but no user is signed in.",
    )
}

/// The picker's form comes back: an account was chosen, or not
#[utoipa::path(
    post, path = "/{tenant}/oauth2/v2.0/authorize", tag = "identity",
    params(("tenant" = String, Path)),
    request_body(
        content = String, content_type = "application/x-www-form-urlencoded",
        description = "csrf, and one of account (an object id), cancel, decline, access_code; without a query, an app's \
                       request, which is sent on to GET"
    ),
    responses(
        (status = 200, description = "An administrator must approve: a page"),
        (status = 303, description = "The answer, on its way to redirect_uri"),
        (status = 400, description = "Who asks is not known, or the account is none of those shown: a page"),
        (status = 403, description = "The form is not of this browser, or the access code is wrong: a page"),
    )
)]
pub async fn choose(
    State(app): State<App>,
    TenantPath(tenant): TenantPath,
    notes: Notes,
    uri: Uri,
    headers: HeaderMap,
    ReadBody(body): ReadBody,
) -> Response {
    let sent = Sent { app: &app, notes: &notes, tenant: &tenant, uri: &uri, headers: &headers };
    take(Version::V2, sent, body).await
}

/// Takes the picker's form.
pub async fn take(version: Version, sent: Sent<'_>, body: Result<Vec<u8>, Refusal>) -> Response {
    let notes = sent.notes;
    let body = body.unwrap_or_default();
    if let Some(moved) = asked_by_post(sent.uri, &body) {
        return moved;
    }
    let (visit, read) = match open(version, &sent).await {
        Ok(opened) => opened,
        Err(refused) => return refused,
    };
    let mut form = Params::read(&body);
    if !visit.session.is_own_form(&form.take("csrf").unwrap_or_default()) {
        notes.refusal("a form of another browser");
        return message(StatusCode::FORBIDDEN, "sign-in-stale", String::new());
    }
    let asked = match read {
        Ok(asked) => asked,
        Err(refused) => return visit.send_back(&refused),
    };
    if let Some(sent) = form.take("access_code") {
        return visit.enter(&sent);
    }
    if !visit.has_access() {
        return visit.access(StatusCode::FORBIDDEN, false);
    }
    visit.chosen(&asked, &mut form).await
}

/// An app may ask by POST, too (OpenID Connect Core 3.1.2.1): its form is the query of the request that follows.
fn asked_by_post(uri: &Uri, body: &[u8]) -> Option<Response> {
    let asks = uri.query().is_none()
        && body.len() <= REQUEST_MAX
        && Params::read(body).get("client_id").is_some();
    let query = std::str::from_utf8(body).ok().filter(|_| asks)?;
    let there = HeaderValue::try_from(format!("{}?{query}", uri.path())).ok()?;
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Some((StatusCode::SEE_OTHER, [(header::LOCATION, there), no_store]).into_response())
}

type Opened<'a> = (Visit<'a>, Result<Asked, SentBack>);

/// Reads the request; the answer to what may not be sent anywhere is a page.
async fn open<'a>(version: Version, sent: &Sent<'a>) -> Result<Opened<'a>, Response> {
    let Sent { app, notes, tenant, uri, headers } = *sent;
    let query = uri.query().unwrap_or_default();
    if !app.hosts.allow(headers, uri) {
        notes.refusal("host or origin");
        return Err(message(StatusCode::FORBIDDEN, "sign-in-host", String::new()));
    }
    let mut params = Params::read(query.as_bytes());
    let asking =
        asking(app, (tenant, version), &mut params).await.map_err(|unsent| match unsent {
            Unsent::Refused(text) => {
                notes.refusal(&text);
                message(StatusCode::BAD_REQUEST, "sign-in-refused", text)
            }
            Unsent::Failed(failure) => {
                notes.refusal(&failure);
                busy()
            }
        })?;
    notes.caller(format!("visitor of {}", asking.registration.owner.id()));
    notes.sandbox(&asking.registration.sandbox, asking.registration.clock);
    let read = asked((version, asking.mode), asking.registration.asker(), &mut params);
    let secure = location::absolute(app, headers, "/").starts_with("https:");
    let here = format!("{}?{query}", uri.path());
    let session = Session::read(headers, secure);
    Ok((Visit { app, notes, session, asking, here }, read))
}

impl Visit<'_> {
    fn has_access(&self) -> bool {
        self.app.access_code.as_ref().is_none_or(|code| self.session.has_access(code))
    }

    /// Somebody tries the access code.
    fn enter(mut self, sent: &str) -> Response {
        let code = self.app.access_code.as_ref();
        match code.filter(|code| code.matches(sent.trim())) {
            Some(code) => {
                self.session.give_access(code);
                let mut response = StatusCode::SEE_OTHER.into_response();
                if let Ok(here) = HeaderValue::try_from(self.here) {
                    response.headers_mut().insert(header::LOCATION, here);
                }
                (self.session.into_jar(), response).into_response()
            }
            None => {
                self.notes.refusal("access code");
                self.access(StatusCode::FORBIDDEN, true)
            }
        }
    }

    fn access(mut self, status: StatusCode, wrong: bool) -> Response {
        let csrf = self.session.csrf(self.app.entropy.as_ref());
        let shown = page(status, &AccessPage { action: self.here, csrf, wrong });
        (self.session.into_jar(), shown).into_response()
    }

    /// Those who may sign in by this authority.
    async fn accounts(&self) -> Result<Vec<Account>, Response> {
        let all = queries::accounts_of(&self.app.store, &self.asking.registration.sandbox).await;
        let mut accounts = all.map_err(|failure| {
            self.notes.refusal(&failure);
            busy()
        })?;
        accounts.retain(|account| self.asking.admits(account));
        if accounts.is_empty() {
            let text = match self.asking.authority {
                Authority::Consumers => {
                    "AADSTS500207: Personal accounts do not sign in here: v1 and a partner's app take work accounts only. \
                     Use common or organizations, or v2.0."
                }
                _ => {
                    "AADSTS90002: Nobody of this sandbox is in this tenant. Use common, organizations or consumers."
                }
            };
            self.notes.refusal(text);
            return Err(message(StatusCode::BAD_REQUEST, "sign-in-refused", text.to_owned()));
        }
        Ok(accounts)
    }

    fn picker(mut self, status: StatusCode, accounts: &[Account], asked: &Asked) -> Response {
        let csrf = self.session.csrf(self.app.entropy.as_ref());
        let form = (self.here, csrf);
        let shown = PickerPage {
            wrong: status != StatusCode::OK,
            ..PickerPage::new(&self.asking.registration, accounts, asked, form)
        };
        (self.session.into_jar(), page(status, &shown)).into_response()
    }

    /// What the picker's form says.
    async fn chosen(mut self, asked: &Asked, form: &mut Params) -> Response {
        let denied = |text: &str| SentBack::new("access_denied", text);
        if form.take("cancel").is_some() {
            return self
                .send_back(&denied("AADSTS65004: User declined to consent to access the app."));
        }
        if form.take("decline").is_some() {
            return self.send_back(&denied(
                "AADSTS90094: The grant requires admin permission. Ask an administrator of the tenant to approve the \
                 app.",
            ));
        }
        let accounts = match self.accounts().await {
            Ok(accounts) => accounts,
            Err(failed) => return failed,
        };
        let id = form.take("account").and_then(|id| id.parse::<uuid::Uuid>().ok());
        let Some(account) = accounts.iter().find(|account| Some(account.object_id) == id) else {
            self.notes.refusal("no such account");
            return self.picker(StatusCode::BAD_REQUEST, &accounts, asked);
        };
        if account.needs_approval {
            return self.approval(account);
        }
        self.session.remember(&self.asking.registration.sandbox, account.object_id);
        self.answer(asked, account).await
    }

    fn approval(mut self, account: &Account) -> Response {
        let values = [
            ("organization", account.organization.clone()),
            ("name", account.display_name()),
            ("publisher", self.asking.registration.owner_name.clone()),
        ];
        let csrf = self.session.csrf(self.app.entropy.as_ref());
        let text = words::text_with("approval-text", values);
        let shown = page(StatusCode::OK, &ApprovalPage { action: self.here, csrf, text });
        (self.session.into_jar(), shown).into_response()
    }

    async fn answer(self, asked: &Asked, account: &Account) -> Response {
        let answered = answer(self.app, &self.asking, asked, account).await;
        let response = answered.unwrap_or_else(|reason| {
            self.notes.refusal(&reason);
            busy()
        });
        (self.session.into_jar(), response).into_response()
    }

    fn send_back(self, refused: &SentBack) -> Response {
        self.notes.refusal(&refused.description);
        let SentBack { error, description } = refused;
        let fields =
            vec![("error", (*error).to_owned()), ("error_description", description.clone())];
        (self.session.into_jar(), send_back(&self.asking, fields)).into_response()
    }
}
