//! Parameters of a form or a query, each once (RFC 6749 3.1, 3.2).

use std::collections::HashMap;

/// What was sent.
#[derive(Debug, Default)]
pub struct Params {
    values: HashMap<String, String>,
    /// The first that was sent twice.
    repeated: Option<String>,
}

impl Params {
    /// Reads `application/x-www-form-urlencoded`. What is sent without a value counts as not sent (RFC 6749 3.1).
    pub fn read(bytes: &[u8]) -> Self {
        let mut params = Self::default();
        for (name, value) in url::form_urlencoded::parse(bytes).into_owned() {
            if params.values.contains_key(&name) {
                params.repeated.get_or_insert_with(|| name.chars().take(60).collect());
            }
            params.values.insert(name, value);
        }
        params
    }

    /// The first parameter that was sent twice.
    pub fn repeated(&self) -> Option<&str> {
        self.repeated.as_deref()
    }

    /// A look at a value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// A value, even an empty one.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.values.remove(name)
    }

    /// A value that is not empty.
    pub fn some(&mut self, name: &str) -> Option<String> {
        self.take(name).filter(|value| !value.is_empty())
    }
}

/// Shortened, for an answer that names what was sent.
pub fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}
