//! What the pages show: typed contexts of the templates in `templates/`. They decide on words and marks, never on
//! what is possible: that they ask the domain. Called by the handlers.

mod account;
mod choice;
mod console;
mod gate;
mod inbox;
#[cfg(test)]
mod inbox_tests;
mod landing;
mod step;
#[cfg(test)]
mod tests;
mod usage;

use askama::Template;
use axum::{
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};

use crate::{domain::Visitor, words::say_with};

pub(super) use account::AccountPage;
pub(super) use console::ConsolePage;
pub(super) use inbox::InboxPage;
pub(super) use landing::LandingPage;
pub(super) use step::StepPage;
pub(super) use usage::UsagePage;

/// A page that says one thing: what is missing or went wrong, and what to do.
#[derive(Template)]
#[template(path = "message.html")]
pub(super) struct MessagePage {
    pub(super) title: String,
    pub(super) text: String,
    /// May be empty.
    pub(super) detail: String,
    /// What to do next.
    pub(super) action: Option<Action>,
    pub(super) status: u16,
}

/// A link that looks like a button.
pub(super) struct Action {
    pub(super) href: String,
    pub(super) label: String,
}

/// A visitor as the pages name it.
pub(super) fn named(visitor: &Visitor) -> String {
    let Visitor { id, name, username } = visitor;
    match (name.as_str(), username.as_str()) {
        ("", "") => id.object.clone(),
        (name, "") => name.to_owned(),
        (name, username) if name == username => name.to_owned(),
        (name, username) => {
            let values = [("name", name), ("email", username)];
            say_with("party", values.map(|(key, value)| (key, value.to_owned().into())))
        }
    }
}

/// The sign-in page of the console.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(super) struct SignInPage {
    /// Where to go afterwards.
    pub(super) sandbox: String,
    /// Whether it asks for the access code, not for the control token.
    pub(super) by_code: bool,
    /// Whether what was tried was not the one.
    pub(super) wrong: bool,
}

/// Renders a page.
pub(super) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a page cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
