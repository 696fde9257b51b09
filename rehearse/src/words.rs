//! The words for people, from `locales/en.ftl`. Called by every verb that prints.

use std::{borrow::Cow, collections::HashMap};

use fluent_templates::{
    Loader as _, fluent_bundle::FluentValue, langid, loader::LanguageIdentifier,
};

fluent_templates::static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        // The marks round a value would be invisible rubbish in a terminal.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

const ENGLISH: LanguageIdentifier = langid!("en");

/// The words under `key`.
#[must_use]
pub fn say(key: &str) -> String {
    LOCALES.lookup(&ENGLISH, key)
}

/// The words under `key`, with values in their places.
#[must_use]
pub fn tell(key: &str, values: &[(&'static str, &str)]) -> String {
    let values: HashMap<Cow<'static, str>, FluentValue<'_>> = values
        .iter()
        .map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from((*value).to_owned())))
        .collect();
    LOCALES.lookup_with_args(&ENGLISH, key, &values)
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, fs, path::Path};

    use super::*;

    #[test]
    fn values_stand_bare_in_their_places() {
        assert_eq!(
            tell("nothing-answers", &[("url", "http://127.0.0.1:8700")]),
            "nothing answers at http://127.0.0.1:8700: start a broker with `rehearse up`"
        );
    }

    /// Every source file below a folder, in one text.
    fn sources(folder: &Path) -> String {
        let mut all = String::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                all.push_str(&sources(&path));
            } else {
                all.push_str(&fs::read_to_string(&path).unwrap());
            }
        }
        all
    }

    #[test]
    fn every_word_that_the_code_asks_for_exists_and_no_other() {
        let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        // A look-up without values would fail for want of them: the keys are read off the file.
        let known: HashSet<&str> = include_str!("../locales/en.ftl")
            .lines()
            .filter_map(|line| Some(line.split_once(" =")?.0))
            .filter(|key| !key.starts_with([' ', '#']))
            .collect();
        for call in ["say", "tell", "due"].map(|call| format!("{call}(\"")) {
            for rest in sources.split(&call).skip(1) {
                let key = rest.split('"').next().unwrap();
                assert!(known.contains(key), "no words for {key}");
            }
        }
        for key in known {
            assert!(sources.contains(&format!("\"{key}\"")), "nobody says {key}");
        }
    }
}
