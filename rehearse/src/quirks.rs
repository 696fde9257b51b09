//! `rehearse quirks`: where the sources about the marketplace are silent or disagree, and what is done there. The table
//! is the broker library's and needs no broker that runs; what is in force, and another choice, are asked of one.

use anyhow::anyhow;
use shared::rehearsal::{Quirk, QuirkOrigin, SandboxQuirks};

use crate::{
    cli::{self, QuirkDeed, SANDBOX},
    control::Control,
    locate,
    term::{Look, Terminal, escaped, escaped_json},
    words,
};

/// Columns of a line at most.
const WIDTH: usize = 100;
/// Where the second line of a row begins.
const INDENT: &str = "     ";

/// Does what was asked with quirks.
pub async fn quirks(asked: cli::Quirks) -> anyhow::Result<()> {
    let terminal = Terminal::new();
    let (lines, json) = match (&asked.deed, &asked.sandbox) {
        (None, None) => {
            let table = marketplace_broker::quirks::table();
            (listed(&table.quirks, terminal), serde_json::to_string(&table)?)
        }
        (None, Some(_)) => in_force(&control(&asked)?.quirks().await?, terminal)?,
        (Some(QuirkDeed::Show { id }), _) => {
            let row = one(&asked, id).await?;
            (whole(&row, terminal), serde_json::to_string(&row)?)
        }
        (Some(QuirkDeed::Set { id, value }), _) => {
            let row = control(&asked)?.set_quirk(id, Some(value.clone())).await?;
            (whole(&row, terminal), serde_json::to_string(&row)?)
        }
        (Some(QuirkDeed::Reset { id }), _) => {
            let row = control(&asked)?.set_quirk(id, None).await?;
            (whole(&row, terminal), serde_json::to_string(&row)?)
        }
        (Some(QuirkDeed::Profile { profile }), _) => {
            let set = control(&asked)?.set_profile(profile.clone()).await?;
            in_force(&set, terminal)?
        }
    };
    let lines = if asked.json { vec![escaped_json(&json)] } else { lines };
    for line in lines {
        terminal.line(&line)?;
    }
    Ok(())
}

fn control(asked: &cli::Quirks) -> anyhow::Result<Control> {
    let sandbox = asked.sandbox.as_deref().unwrap_or(SANDBOX);
    locate::at(asked.url.as_ref(), &asked.data_dir, sandbox)
}

/// One row: of the table, or as it is in force in the sandbox that was named.
async fn one(asked: &cli::Quirks, id: &str) -> anyhow::Result<Quirk> {
    let rows = match asked.sandbox {
        Some(_) => control(asked)?.quirks().await?.quirks,
        None => marketplace_broker::quirks::table().quirks,
    };
    let found = rows.into_iter().find(|row| row.id == id || row.number == id);
    found.ok_or_else(|| anyhow!(words::tell("quirk-unknown", &[("id", &escaped(id))])))
}

fn in_force(sandbox: &SandboxQuirks, terminal: Terminal) -> anyhow::Result<(Vec<String>, String)> {
    let profile = escaped(&sandbox.profile);
    let mut lines = vec![words::tell("quirks-profile", &[("profile", &profile)])];
    lines.extend(listed(&sandbox.quirks, terminal));
    Ok((lines, serde_json::to_string(sandbox)?))
}

fn listed(rows: &[Quirk], terminal: Terminal) -> Vec<String> {
    let mut lines: Vec<_> = rows.iter().flat_map(|row| short(row, terminal)).collect();
    lines.push(words::tell("quirks-count", &[("count", &rows.len().to_string())]));
    lines
}

/// A row in two lines or a few more: what is chosen, and who says so.
fn short(row: &Quirk, terminal: Terminal) -> Vec<String> {
    let id = terminal.paint(Look::Bold, &format!("{:<31}", escaped(&row.id)));
    let mut lines = vec![format!("{:<4} {id} {}", escaped(&row.number), chosen(row))];
    let source = format!("{} ({})", row.source, row.date);
    lines.extend(wrapped(&source).iter().map(|line| terminal.paint(Look::Dim, line)));
    lines
}

/// The value in force, or those of the profiles that differ.
fn chosen(row: &Quirk) -> String {
    if let Some(value) = &row.value {
        let value = escaped(value);
        return match row.origin {
            Some(QuirkOrigin::Set) => words::tell("quirk-set", &[("value", &value)]),
            _ => value,
        };
    }
    let mut text = escaped(&row.profiles.documented);
    let others = [("observed", &row.profiles.observed), ("sdk2", &row.profiles.sdk2)];
    for (profile, value) in others.iter().filter(|(_, value)| **value != row.profiles.documented) {
        text.push_str(&format!(", {profile}: {}", escaped(value)));
    }
    text
}

/// A row with what each value means.
fn whole(row: &Quirk, terminal: Terminal) -> Vec<String> {
    let mut lines = short(row, terminal);
    lines.extend(wrapped(&row.what));
    for value in &row.values {
        let mut marks: Vec<&str> = Vec::new();
        let profiles = [
            ("documented", &row.profiles.documented),
            ("observed", &row.profiles.observed),
            ("sdk2", &row.profiles.sdk2),
        ];
        marks.extend(profiles.iter().filter(|(_, chosen)| **chosen == value.name).map(|one| one.0));
        let marks =
            if marks.is_empty() { String::new() } else { format!(" [{}]", marks.join(", ")) };
        lines.extend(wrapped(&format!("{}{marks}: {}", value.name, value.means)));
    }
    lines
}

/// Text of strangers in lines that fit, behind the number of its row.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![INDENT.to_owned()];
    for word in escaped(text).split(' ') {
        let last = lines.len() - 1;
        let fits = lines[last].chars().count() + 1 + word.chars().count() <= WIDTH;
        if lines[last] == INDENT {
            lines[last].push_str(word);
        } else if fits {
            lines[last].push(' ');
            lines[last].push_str(word);
        } else {
            lines.push(format!("{INDENT}{word}"));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_fits_a_terminal_and_names_every_source() {
        let table = marketplace_broker::quirks::table();
        let lines = listed(&table.quirks, Terminal::new());
        for line in &lines {
            assert!(line.chars().count() <= WIDTH, "{line}");
        }
        let text = lines.join("\n");
        for row in &table.quirks {
            assert!(text.contains(&row.id) && text.contains(&row.date), "{}", row.id);
        }
        assert!(table.quirks.len() >= 30, "{}", table.quirks.len());
    }

    #[test]
    fn one_row_says_what_each_value_means() {
        let table = marketplace_broker::quirks::table();
        let mut row = table.quirks[0].clone();
        let text = whole(&row, Terminal::new()).join("\n");
        assert!(text.contains("not_found, observed: bad_request"), "{text}");
        assert!(text.contains("not_found [documented, sdk2]: 404"), "{text}");
        (row.value, row.origin) = (Some("bad_request".to_owned()), Some(QuirkOrigin::Set));
        assert!(chosen(&row).starts_with("bad_request"), "{}", chosen(&row));
        assert_ne!(chosen(&row), "bad_request", "and that it was set");
    }
}
