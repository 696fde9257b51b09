//! `rehearse clock`: shows or moves a rehearsal sandbox's clock; an advance lists what happened and which webhooks were
//! tried on the way.

use shared::rehearsal::{Advance, Advanced, ClockState, Due};

use crate::{
    cli::{self, ClockDeed, To},
    locate,
    term::Terminal,
    webhook, words,
};

/// Does what was asked with the clock.
pub async fn clock(asked: cli::Clock) -> anyhow::Result<()> {
    let control = locate::control(&asked.target)?;
    let (lines, json) = match asked.deed {
        ClockDeed::Show => shown(&control.clock().await?)?,
        ClockDeed::Freeze => shown(&control.freeze().await?)?,
        ClockDeed::Resume => shown(&control.resume().await?)?,
        ClockDeed::Advance { by, to, settle } => {
            let advance = Advance { settle, ..advance(by, to.as_ref()) };
            let advanced = control.advance(&advance).await?;
            (moved(&advanced), serde_json::to_string(&advanced)?)
        }
    };
    let terminal = Terminal::new();
    let lines = if asked.json { vec![json] } else { lines };
    for line in lines {
        terminal.line(&line)?;
    }
    Ok(())
}

fn advance(by: Option<String>, to: Option<&To>) -> Advance {
    match to {
        Some(To::Instant(at)) => Advance { to: Some(*at), ..Advance::default() },
        Some(To::NextEvent) => Advance { to_next_event: Some(true), ..Advance::default() },
        None => Advance { by, ..Advance::default() },
    }
}

fn shown(clock: &ClockState) -> anyhow::Result<(Vec<String>, String)> {
    Ok((state(clock), serde_json::to_string(clock)?))
}

fn state(clock: &ClockState) -> Vec<String> {
    let now = clock.now.to_string();
    let key = if clock.frozen { "clock-stands" } else { "clock-runs" };
    let next = match &clock.next_event {
        Some(next) => due("clock-next", next),
        None => words::say("clock-no-next"),
    };
    vec![words::tell(key, &[("now", &now)]), next]
}

fn moved(advanced: &Advanced) -> Vec<String> {
    let (from, to) = (advanced.from.to_string(), advanced.clock.now.to_string());
    let mut lines = vec![words::tell("clock-moved", &[("from", &from), ("to", &to)])];
    if advanced.happened.is_empty() {
        lines.push(words::say("clock-nothing-happened"));
    }
    lines.extend(advanced.happened.iter().map(|one| due("clock-happened", one)));
    if !advanced.deliveries.is_empty() {
        lines.push(words::say("clock-webhooks"));
    }
    lines.extend(advanced.deliveries.iter().map(|one| format!("  {}", webhook::line(one))));
    lines.extend(state(&advanced.clock));
    lines
}

fn due(key: &str, due: &Due) -> String {
    let at = due.due_at.to_string();
    words::tell(key, &[("at", &at), ("kind", &due.kind), ("subscription", &due.subscription_id)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_member_is_sent() {
        for (by, to, json) in [
            (Some("P1M"), None, r#"{"by":"P1M"}"#),
            (None, Some(To::NextEvent), r#"{"toNextEvent":true}"#),
            (
                None,
                Some(To::Instant("2027-01-31T00:00:00Z".parse().unwrap())),
                r#"{"to":"2027-01-31T00:00:00.000000Z"}"#,
            ),
        ] {
            let sent = advance(by.map(ToOwned::to_owned), to.as_ref());
            assert_eq!(serde_json::to_string(&sent).unwrap(), json);
        }
    }

    #[test]
    fn an_advance_lists_what_happened() {
        let happened = Due {
            due_at: "2027-03-02T09:00:00Z".parse().unwrap(),
            kind: "pendingLimit".to_owned(),
            subscription_id: "5f1c09ab".to_owned(),
        };
        let clock = ClockState {
            now: "2027-03-03T09:00:00Z".parse().unwrap(),
            frozen: true,
            next_event: None,
        };
        let from = "2027-01-31T09:00:00Z".parse().unwrap();
        let deliveries = vec![webhook::tests::delivery().summary];
        let advanced = Advanced { from, clock, happened: vec![happened], deliveries };
        let text = moved(&advanced).join("\n");
        assert!(text.contains("pendingLimit") && text.contains("5f1c09ab"), "{text}");
        assert!(text.contains("op-1") && text.contains("retrying"), "{text}");
        assert!(text.contains("stands") && text.contains("Nothing is due"), "{text}");
    }
}
