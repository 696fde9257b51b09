//! A choice for one publisher, as a form of the console. Called by the pages of webhooks and of usage.

use shared::ids::PublisherId;

use crate::words::say;

/// The form.
pub(super) struct Choice {
    /// Where it goes, below the console's address.
    pub(super) action: &'static str,
    /// What is chosen.
    pub(super) field: &'static str,
    pub(super) publisher: String,
    pub(super) name: String,
    /// Each with its value, its words, and whether it is in force.
    pub(super) options: Vec<(&'static str, String, bool)>,
}

/// What there is to choose: name on the wire, and the key of its words.
pub(super) type Named<T> = (T, &'static str, &'static str);

impl Choice {
    /// The form of a publisher of this name, for whom `chosen` is in force.
    pub(super) fn new<T: PartialEq>(
        (action, field): (&'static str, &'static str),
        (publisher, name): (&PublisherId, &str),
        chosen: &T,
        all: impl IntoIterator<Item = Named<T>>,
    ) -> Self {
        let option = |(one, value, key): Named<T>| (value, say(key), one == *chosen);
        Self {
            action,
            field,
            publisher: publisher.to_string(),
            name: name.to_owned(),
            options: all.into_iter().map(option).collect(),
        }
    }
}
