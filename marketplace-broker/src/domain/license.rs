//! The people who hold a license. Called by the assignment command.

use std::collections::HashSet;

use super::refusal::Refusal;

/// People that one call may name (limits: http/limits.rs holds the body, this holds the list).
pub const PEOPLE_MAX: usize = 10_000;
/// Characters of an object id or e-mail address.
const NAME_MAX: usize = 320;

/// A person who holds a license, named by object id, e-mail address, or both.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// Object id in the customer's tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_id: Option<String>,
}

/// A set of people: nobody nameless, nobody twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenseSet(Vec<Person>);

impl LicenseSet {
    /// Checks a list of people. The same object id or e-mail address, in whatever case, is the same person.
    pub fn new(people: Vec<Person>) -> Result<Self, Refusal> {
        if people.len() > PEOPLE_MAX {
            let reason = format!("{} people; name {PEOPLE_MAX} at most in one call", people.len());
            return Err(Refusal::field("assignedTo", reason));
        }
        let mut seen = HashSet::new();
        for (place, person) in people.iter().enumerate() {
            let names = [("objectId", &person.object_id), ("emailId", &person.email_id)];
            let names = names.map(|(kind, name)| {
                (kind, name.as_deref().map(str::trim).filter(|name| !name.is_empty()))
            });
            if names.iter().all(|(_, name)| name.is_none()) {
                let reason = format!("entry {place} names nobody: give objectId, emailId or both");
                return Err(Refusal::field("assignedTo", reason));
            }
            for (kind, name) in names {
                let Some(name) = name else { continue };
                if name.len() > NAME_MAX {
                    let reason = format!("entry {place}: {kind} is longer than {NAME_MAX}");
                    return Err(Refusal::field("assignedTo", reason));
                }
                if !seen.insert((kind, name.to_lowercase())) {
                    let reason = format!("entry {place} names the same person twice, by {kind}");
                    return Err(Refusal::field("assignedTo", reason));
                }
            }
        }
        Ok(Self(people))
    }

    /// How many people.
    #[must_use]
    pub fn len(&self) -> i64 {
        i64::try_from(self.0.len()).unwrap_or(i64::MAX)
    }

    /// The people.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(object_id: Option<&str>, email_id: Option<&str>) -> Person {
        Person { object_id: object_id.map(str::to_owned), email_id: email_id.map(str::to_owned) }
    }

    #[test]
    fn nobody_nameless_nobody_twice() {
        let ok = [person(Some("1"), Some("a@x.example")), person(None, Some("b@x.example"))];
        assert_eq!(LicenseSet::new(ok.to_vec()).unwrap().len(), 2);
        for bad in [
            vec![person(None, None)],
            vec![person(Some(" "), Some(""))],
            vec![person(Some("1"), None), person(Some("1"), None)],
            vec![person(None, Some("a@x.example")), person(Some("2"), Some("A@X.example"))],
            vec![person(None, Some(&"x".repeat(400)))],
        ] {
            assert!(LicenseSet::new(bad.clone()).is_err(), "{bad:?}");
        }
    }
}
