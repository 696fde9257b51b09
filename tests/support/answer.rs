//! An HTTP answer that shows itself when it is not as expected. Called by every test.

use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::Value;

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    asked: String,
}

/// Sends a request and reads the answer.
pub trait Ask {
    async fn ask(self) -> Answer;
}

impl Ask for RequestBuilder {
    async fn ask(self) -> Answer {
        let (client, request) = self.build_split();
        let request = request.expect("a request that can be sent");
        let asked = format!("{} {}", request.method(), request.url());
        let response = client.execute(request).await;
        let response = response.unwrap_or_else(|error| panic!("{asked}: {error:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap_or_else(|error| panic!("{asked}: {error:?}"));
        Answer { status, headers, text, asked }
    }
}

impl Answer {
    /// Holds the status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// A member of the body, by JSON pointer; `Null` if there is none.
    #[track_caller]
    pub fn at(&self, pointer: &str) -> Value {
        self.json().pointer(pointer).cloned().unwrap_or(Value::Null)
    }

    /// A member of the body that is text.
    #[track_caller]
    pub fn text_at(&self, pointer: &str) -> String {
        match self.at(pointer) {
            Value::String(text) => text,
            other => panic!("{pointer} is {other}: {self}"),
        }
    }

    /// A header; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header in ASCII"))
    }

    /// Holds a refusal of the control API (RFC 9457): its status, and the field it names.
    #[track_caller]
    pub fn problem(self, status: u16, field: Option<&str>) -> Self {
        let problem = self.is(status);
        assert_eq!(problem.header("content-type"), "application/problem+json", "{problem}");
        assert_eq!(problem.at("/status"), status, "{problem}");
        assert!(!problem.text_at("/detail").is_empty(), "{problem}");
        let named = problem.at("/errors/0/field");
        assert_eq!(named.as_str(), field, "{problem}");
        if field.is_some() {
            assert!(!problem.text_at("/errors/0/reason").is_empty(), "{problem}");
        }
        problem
    }

    /// Holds a refusal of the publisher face (E3): its status, target and code.
    #[track_caller]
    pub fn detail(self, status: u16, target: Option<&str>, code: &str) -> Self {
        let detail = self.is(status);
        assert_eq!(detail.at("/code"), code, "{detail}");
        assert_eq!(detail.at("/target").as_str(), target, "{detail}");
        assert!(!detail.text_at("/message").is_empty(), "{detail}");
        detail
    }

    /// Holds E1: 403 with a bare JSON string.
    #[track_caller]
    pub fn forbidden(self) -> Self {
        let refused = self.is(403);
        assert!(refused.json().is_string(), "{refused}");
        refused
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} answered {}\n{:?}\n{}", self.asked, self.status, self.headers, self.text)
    }
}
