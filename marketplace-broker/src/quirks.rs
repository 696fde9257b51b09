//! The table of quirks in the JSON of the control API. Called by `http/rehearsal/quirks`, and by `rehearse quirks`, which
//! shows the table without a broker.

use shared::rehearsal::{ProfileValues, Quirk, QuirkOrigin, QuirkTable, QuirkValue, SandboxQuirks};

use crate::domain::policy::{Policy, Profile, QUIRKS, Row};

/// The table alone.
#[must_use]
pub fn table() -> QuirkTable {
    QuirkTable { quirks: QUIRKS.into_iter().map(|row| quirk(row, None)).collect() }
}

/// The table with what is in force under `policy`.
pub(crate) fn in_force(policy: &Policy) -> SandboxQuirks {
    SandboxQuirks {
        profile: policy.profile().name().to_owned(),
        quirks: QUIRKS.into_iter().map(|row| quirk(row, Some(policy))).collect(),
    }
}

/// A row, with what is in force under `policy`.
pub(crate) fn quirk(row: &Row, policy: Option<&Policy>) -> Quirk {
    let chosen = |profile| row.of(profile).name.to_owned();
    let value = policy.map(|policy| policy.choice(row));
    Quirk {
        number: format!("Q{:02}", row.number),
        id: row.id.to_owned(),
        what: row.what.to_owned(),
        source: row.source.to_owned(),
        date: row.date.to_owned(),
        values: row
            .values
            .iter()
            .map(|choice| QuirkValue {
                name: choice.name.to_owned(),
                means: choice.means.to_owned(),
                breaks: choice.breaks.map(i64::from),
            })
            .collect(),
        profiles: ProfileValues {
            documented: chosen(Profile::Documented),
            observed: chosen(Profile::Observed),
            sdk2: chosen(Profile::Sdk2),
        },
        value: value.map(|(choice, _)| choice.name.to_owned()),
        origin: value.map(|(_, set)| if set { QuirkOrigin::Set } else { QuirkOrigin::Profile }),
    }
}
