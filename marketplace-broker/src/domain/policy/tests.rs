//! The table of quirks as a whole: that nobody can be misled by a row.

use std::collections::BTreeSet;

use super::*;

#[test]
fn every_row_can_be_told_apart_and_says_where_it_comes_from() {
    let mut ids = BTreeSet::new();
    for (place, row) in QUIRKS.into_iter().enumerate() {
        assert_eq!(row.number, place + 1, "{}: numbers are the order of the table", row.id);
        assert!(ids.insert(row.id), "{} is there twice", row.id);
        assert!(row.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
        for text in [row.what, row.source] {
            assert!(text.len() > 3 && text.is_ascii(), "{}: {text:?}", row.id);
        }
        let day = format!("{}-01", row.date);
        let day = if row.date.len() == 7 { &day } else { row.date };
        assert!(day.parse::<jiff::civil::Date>().is_ok(), "{}: {} is no date", row.id, row.date);
        assert_eq!(find(row.id).map(|found| found.number), Some(row.number));
    }
    assert_eq!(find("late-cancel").map(|row| row.id), None);
}

#[test]
fn every_value_can_be_chosen_and_the_profiles_choose_one() {
    for row in QUIRKS {
        assert!(row.values.len() > 1, "{}: a quirk without a choice is none", row.id);
        let names: BTreeSet<_> = row.values.iter().map(|choice| choice.name).collect();
        assert_eq!(names.len(), row.values.len(), "{}", row.id);
        for choice in row.values {
            assert!(!choice.means.is_empty(), "{}: {} is not explained", row.id, choice.name);
            let policy = Policy::default().with(row, Some(choice.name)).unwrap();
            assert_eq!(policy.choice(row), (choice, true));
            assert_eq!(policy.set().collect::<Vec<_>>(), [(row.id, choice.name)]);
            assert_eq!(policy.with(row, None).unwrap(), Policy::default());
        }
        for profile in Profile::ALL {
            assert_eq!(Policy::of(profile).choice(row), (row.of(profile), false));
        }
        let refused = Policy::default().with(row, Some("maybe")).unwrap_err().to_string();
        assert!(names.iter().all(|name| refused.contains(name)), "{refused}");
    }
}

#[test]
fn what_was_set_outlives_a_change_of_profile() {
    let row = find("unknown_operation").unwrap();
    let policy = Policy::default().with(row, Some("bad_request")).unwrap();
    assert_eq!(policy.get::<UnknownOperation>(), UnknownOperation::BadRequest);
    let moved = policy.with_profile(Profile::Sdk2);
    assert_eq!(moved.get::<UnknownOperation>(), UnknownOperation::BadRequest);
    let back = moved.with(row, None).unwrap();
    assert_eq!(back, Policy::of(Profile::Sdk2));
    assert_eq!(back.get::<UnknownOperation>(), UnknownOperation::NotFound);
}

#[test]
fn sdk2_chooses_nothing_that_breaks_the_sdk() {
    assert!(QUIRKS.len() >= 30, "{}", QUIRKS.len());
    for row in QUIRKS {
        assert_eq!(row.of(Profile::Sdk2).breaks, None, "{}", row.id);
        for choice in row.values {
            let ours = !choice.means.contains("SDK's default"); // that one is the partners'
            let says = choice.means.contains("break") && ours;
            let broken = choice.breaks.is_some_and(|rule| (1..=10).contains(&rule));
            assert!(!says || broken, "{}: {} breaks which rule?", row.id, choice.name);
        }
    }
    let sdk2 = Policy::of(Profile::Sdk2);
    assert_eq!(sdk2.get::<SubscribeWebhook>(), SubscribeWebhook::Off);
    assert_eq!(Policy::default().get::<SubscribeWebhook>(), SubscribeWebhook::On);
}

#[test]
fn a_profile_is_known_by_its_name_only() {
    for profile in Profile::ALL {
        assert_eq!(Profile::named(profile.name()), Ok(profile));
    }
    let refused = Profile::named("Documented").unwrap_err().to_string();
    assert!(refused.contains("documented, observed, sdk2"), "{refused}");
}
