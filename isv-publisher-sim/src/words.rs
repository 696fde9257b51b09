//! Words for people, from `locales/en.ftl`. Called by the pages.

use std::{borrow::Cow, collections::HashMap};

use fluent_templates::{
    LanguageIdentifier, Loader, fluent_bundle::FluentValue, langid, static_loader,
};
use jiff::Timestamp;

static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        // The marks that isolate a value's writing direction would stand in every name and number.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

const ENGLISH: LanguageIdentifier = langid!("en");

/// A value inside a sentence.
pub(crate) type Value = FluentValue<'static>;

/// The sentence of this name.
pub(crate) fn say(name: &str) -> String {
    LOCALES.lookup(&ENGLISH, name)
}

/// The sentence of this name with values put in.
pub(crate) fn say_with<const N: usize>(name: &str, values: [(&'static str, Value); N]) -> String {
    let values: HashMap<_, _> = values.map(|(key, value)| (Cow::Borrowed(key), value)).into();
    LOCALES.lookup_with_args(&ENGLISH, name, &values)
}

/// A number as it is written in a sentence: Fluent would group its digits by language.
pub(crate) fn number(number: i64) -> Value {
    Value::from(number)
}

/// A day for people: `31 Jan 2027`.
pub(crate) fn day(at: Timestamp) -> String {
    at.strftime("%-d %b %Y").to_string()
}

/// An instant for people: `31 Jan 2027 09:00 UTC`.
pub(crate) fn instant(at: Timestamp) -> String {
    at.strftime("%-d %b %Y %H:%M UTC").to_string()
}

/// An instant for people, to the second.
pub(crate) fn instant_to_second(at: Timestamp) -> String {
    at.strftime("%-d %b %Y %H:%M:%S UTC").to_string()
}

/// A term: `P1M` is 1 month, `P1Y` 1 year. One of another shape is shown as it is.
pub(crate) fn term(unit: &str) -> String {
    let count = |end| unit.strip_prefix('P')?.strip_suffix(end)?.parse::<i64>().ok();
    match (count('M'), count('Y')) {
        (Some(months), _) => say_with("term-months", [("count", number(months))]),
        (_, Some(years)) => say_with("term-years", [("count", number(years))]),
        _ => unit.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn instants_and_terms_read_as_people_write_them() {
        let at = "2027-01-31T09:00:05Z".parse().unwrap();
        assert_eq!(day(at), "31 Jan 2027");
        assert_eq!(instant(at), "31 Jan 2027 09:00 UTC");
        assert_eq!(instant_to_second(at), "31 Jan 2027 09:00:05 UTC");
        let terms = ["P1M", "P1Y", "P3Y", "odd"].map(term);
        assert_eq!(terms, ["1 month", "1 year", "3 years", "odd"]);
    }

    /// Texts of all files below `folder`.
    fn texts(folder: &Path, into: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                texts(&path, into);
            } else {
                into.push(fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn every_name_that_is_said_has_words_and_all_words_are_said() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut sources = Vec::new();
        texts(&root.join("src"), &mut sources);
        texts(&root.join("templates"), &mut sources);
        let file = fs::read_to_string(root.join("locales/en.ftl")).unwrap();
        let known: BTreeSet<&str> = file
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| line.split_once(" = ").map(|(name, _)| name))
            .collect();
        let quoted: BTreeSet<&str> = sources.iter().flat_map(|source| source.split('"')).collect();
        let said: BTreeSet<&str> = known
            .iter()
            .copied()
            .filter(|name| {
                let part = |end| name.strip_suffix(end).is_some_and(|part| quoted.contains(part));
                quoted.contains(name) || part("-title") || part("-text")
            })
            .collect();
        for source in &sources {
            for call in source.split("say(\"").skip(1).chain(source.split("say_with(\"").skip(1)) {
                let name = call.split('"').next().unwrap();
                assert!(known.contains(name) || name.contains('/'), "no words for {name}");
            }
        }
        assert_eq!(said, known);
    }
}
