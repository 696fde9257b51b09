//! What the pages of the authority show: typed contexts of the templates. Called by `authorize` and `logout`.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use super::request::Asked;
use crate::{
    domain::identity::{Account, Asker},
    http::{page::page, words},
    store::Registration,
};

/// The account picker: one form, a button an account.
#[derive(Template)]
#[template(path = "picker.html")]
pub struct PickerPage {
    /// Who asks, and in which sandbox.
    pub lead: String,
    /// Where the form goes: the request itself.
    pub action: String,
    /// What the form carries.
    pub csrf: String,
    /// Whether what was chosen is not among them.
    pub wrong: bool,
    /// The accounts, a group an organization.
    pub groups: Vec<Group>,
}

/// The accounts of one organization.
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its accounts.
    pub accounts: Vec<Choice>,
}

/// One button.
pub struct Choice {
    /// The object id.
    pub id: String,
    /// The whole name.
    pub name: String,
    /// The mail address, or what it signs in as.
    pub mail: String,
    /// What is special about it; may be empty.
    pub note: String,
}

impl PickerPage {
    /// The picker over `accounts`, the hinted one first, then those of the hinted domain.
    pub fn new(
        registration: &Registration,
        accounts: &[Account],
        asked: &Asked,
        (action, csrf): (String, String),
    ) -> Self {
        let asker = registration.asker();
        let is_hinted =
            |account: &&Account| asked.hint.as_deref().is_some_and(|hint| account.is_hinted(hint));
        let is_near = |account: &&Account| {
            asked.domain_hint.as_deref().is_some_and(|hint| account.is_in(hint))
        };
        let (hinted, others): (Vec<_>, Vec<_>) = accounts.iter().partition(is_hinted);
        let (near, others): (Vec<_>, Vec<_>) = others.into_iter().partition(is_near);
        let mut groups: Vec<Group> = Vec::new();
        for account in hinted.into_iter().chain(near).chain(others) {
            let name = match account.is_personal() {
                true => words::text("picker-personal"),
                false => account.organization.clone(),
            };
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.accounts.push(choice(account, asker)),
                None => groups.push(Group { name, accounts: vec![choice(account, asker)] }),
            }
        }
        let lead = words::text_with(
            "picker-lead",
            [
                ("publisher", registration.owner_name.clone()),
                ("sandbox", registration.sandbox.to_string()),
            ],
        );
        Self { lead, action, csrf, wrong: false, groups }
    }
}

fn choice(account: &Account, asker: Asker) -> Choice {
    let roles: Vec<_> =
        account.roles.names().map(|name| words::text(&format!("role-{name}"))).collect();
    let note = match account {
        Account { needs_approval: true, .. } => words::text("picker-approval"),
        Account { mail: None, .. } => words::text("picker-no-mail"),
        _ if asker == Asker::Partner && roles.is_empty() => words::text("role-none"),
        _ => roles.join(", "),
    };
    Choice {
        id: account.object_id.to_string(),
        name: account.display_name(),
        mail: account.mail.clone().unwrap_or_else(|| account.user_name.clone()),
        note,
    }
}

/// Asks for the installation's access code.
#[derive(Template)]
#[template(path = "access_code.html")]
pub struct AccessPage {
    /// Where the form goes: the request itself.
    pub action: String,
    /// What the form carries.
    pub csrf: String,
    /// Whether the code tried was not the one.
    pub wrong: bool,
}

/// Says that an administrator must approve the app.
#[derive(Template)]
#[template(path = "approval.html")]
pub struct ApprovalPage {
    /// Where the form goes: the request itself.
    pub action: String,
    /// What the form carries.
    pub csrf: String,
    /// Whose administrator.
    pub text: String,
}

/// Says one thing.
#[derive(Template)]
#[template(path = "message.html")]
pub struct MessagePage {
    /// What.
    pub title: String,
    /// In a sentence.
    pub text: String,
    /// For developers; may be empty.
    pub detail: String,
}

/// Sends an answer on as a form.
#[derive(Template)]
#[template(path = "form_post.html")]
pub struct FormPostPage {
    /// The redirect URI.
    pub action: String,
    /// The answer.
    pub fields: Vec<(&'static str, String)>,
    /// What sends it.
    pub script: &'static str,
}

/// A page that says one thing: `name` of its words, without `-title` and `-text`.
pub fn message(status: StatusCode, name: &str, detail: String) -> Response {
    let title = words::text(&format!("{name}-title"));
    let text = words::text(&format!("{name}-text"));
    page(status, &MessagePage { title, text, detail })
}

/// The database is out of reach, or the key is being made.
pub fn busy() -> Response {
    message(StatusCode::SERVICE_UNAVAILABLE, "sign-in-busy", String::new())
}
