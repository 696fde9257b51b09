//! Query parameters of the partner face, their names in any case; an empty one counts as absent. Called by its handlers.

use axum::{extract::Query, http::Uri};

use crate::domain::refusal::Refusal;

/// The parameters of a request.
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads them.
    pub fn of(uri: &Uri) -> Result<Self, Refusal> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
        let pairs = pairs.map_err(|_| {
            Refusal::field("query", "the query is no list of names and values: encode it")
        })?;
        Ok(Self(pairs.0))
    }

    /// One of them.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A number from 0 to `max`.
    pub fn number(&self, name: &'static str, max: usize) -> Result<Option<usize>, Refusal> {
        let Some(sent) = self.get(name) else { return Ok(None) };
        let read = sent.parse().ok().filter(|number| *number <= max);
        read.map(Some).ok_or_else(|| Refusal::field(name, format!("send a number from 0 to {max}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_in_any_case() {
        let params = Params::of(&"/v1/customers?Size=5&filter=&a=%7B".parse().unwrap()).unwrap();
        assert_eq!(params.get("a"), Some("{"));
        assert_eq!(params.get("filter"), None);
        assert_eq!(params.number("size", 5).unwrap(), Some(5));
        assert_eq!(params.number("offset", 5).unwrap(), None);
        assert!(params.number("size", 4).is_err());
        let wrong = Params::of(&"/v1/customers?size=-1".parse().unwrap()).unwrap();
        assert!(wrong.number("size", 4).is_err());
    }
}
