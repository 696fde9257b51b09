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
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn values_stand_bare_in_their_places() {
        assert_eq!(
            tell("nothing-answers", &[("url", "http://127.0.0.1:8700")]),
            "nothing answers at http://127.0.0.1:8700: start a broker with `rehearse up`"
        );
    }

    #[test]
    fn every_word_that_the_code_asks_for_exists() {
        let sources = [
            include_str!("lib.rs"),
            include_str!("buy.rs"),
            include_str!("catalog.rs"),
            include_str!("cli.rs"),
            include_str!("cli/values.rs"),
            include_str!("clock.rs"),
            include_str!("control.rs"),
            include_str!("demo/mod.rs"),
            include_str!("demo/browser.rs"),
            include_str!("demo/cast.rs"),
            include_str!("demo/story.rs"),
            include_str!("demo/timeline.rs"),
            include_str!("demo/views.rs"),
            include_str!("load/mod.rs"),
            include_str!("load/list/mod.rs"),
            include_str!("load/list/report.rs"),
            include_str!("load/own.rs"),
            include_str!("load/report.rs"),
            include_str!("load/steps.rs"),
            include_str!("load/webhooks/mod.rs"),
            include_str!("load/webhooks/report.rs"),
            include_str!("load/webhooks/scene.rs"),
            include_str!("locate.rs"),
            include_str!("publisher_face.rs"),
            include_str!("quirks.rs"),
            include_str!("services.rs"),
            include_str!("trigger.rs"),
            include_str!("up.rs"),
            include_str!("wait.rs"),
            include_str!("web.rs"),
            include_str!("webhook.rs"),
        ];
        // A look-up without values would fail for want of them: the keys are read off the file.
        let known: HashSet<&str> = include_str!("../locales/en.ftl")
            .lines()
            .filter_map(|line| Some(line.split_once(" = ")?.0))
            .collect();
        for source in sources {
            for call in ["say(\"", "tell(\"", "due(\""] {
                for rest in source.split(call).skip(1) {
                    let key = rest.split('"').next().unwrap();
                    assert!(known.contains(key), "no words for {key}");
                }
            }
        }
    }
}
