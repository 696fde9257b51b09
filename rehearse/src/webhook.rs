//! `rehearse webhook`: lists webhooks, shows one with every attempt, sends one again, holds all
//! back. What strangers wrote is shown with
//! its control characters spelled out. `clock advance` tells webhooks by the same line.

use serde_json::{Value, json};
use shared::rehearsal::{Delivery, DeliveryAttempt, DeliveryState, DeliverySummary};

use crate::{
    cli::{self, WebhookDeed},
    locate,
    term::{Terminal, escaped, escaped_json},
    words,
};

/// Does what was asked with webhooks.
pub async fn webhook(asked: cli::Webhook) -> anyhow::Result<()> {
    let control = locate::control(&asked.target)?;
    let flags = locate::flags(&asked.target);
    let (lines, json) = match asked.deed {
        WebhookDeed::Ls { subscription } => {
            let deliveries = control.deliveries(subscription.as_deref()).await?;
            let json = json!({"deliveries": deliveries}).to_string();
            (listed(&deliveries, &flags), json)
        }
        WebhookDeed::Show { id } => {
            let delivery = control.delivery(&id).await?;
            (shown(&delivery), serde_json::to_string(&delivery)?)
        }
        WebhookDeed::Resend { id, times } => {
            let summary = control.redeliver(&id, times).await?;
            (resent(&summary, times, &flags), serde_json::to_string(&summary)?)
        }
        WebhookDeed::Hold => {
            control.hold(true).await?;
            (vec![words::say("webhook-held")], json!({"held": true}).to_string())
        }
        WebhookDeed::Release => {
            control.hold(false).await?;
            (vec![words::say("webhook-released")], json!({"held": false}).to_string())
        }
    };
    let terminal = Terminal::new();
    let lines = if asked.json { vec![escaped_json(&json)] } else { lines };
    for line in lines {
        terminal.line(&line)?;
    }
    Ok(())
}

/// One webhook in one line.
#[must_use]
pub fn line(summary: &DeliverySummary) -> String {
    words::tell(
        "webhook-line",
        &[
            ("id", &escaped(&summary.id)),
            ("at", &summary.created_at.to_string()),
            ("action", &format!("{:<14}", action(summary))),
            ("state", &format!("{:<12}", state(summary.state))),
            ("attempts", &summary.attempts.to_string()),
            ("outcome", &outcome(summary)),
            ("subscription", &escaped(&summary.subscription_id)),
        ],
    )
}

fn listed(deliveries: &[DeliverySummary], flags: &str) -> Vec<String> {
    let Some(last) = deliveries.last() else {
        return vec![words::say("webhook-none")];
    };
    let mut lines: Vec<String> = deliveries.iter().map(line).collect();
    lines.push(words::tell("webhook-next", &[("id", &escaped(&last.id)), ("flags", flags)]));
    lines
}

fn shown(delivery: &Delivery) -> Vec<String> {
    let summary = &delivery.summary;
    let mut lines = head(summary);
    lines.push(words::say("webhook-body"));
    lines.extend(pretty(&delivery.body));
    if delivery.tries.is_empty() {
        lines.push(words::say("webhook-no-attempt"));
    } else {
        let kept = delivery.tries.len().to_string();
        let all = summary.attempts.to_string();
        let counts = [("kept", &*kept), ("all", &*all)];
        lines.push(words::tell("webhook-attempts", &counts));
    }
    lines.extend(delivery.tries.iter().flat_map(attempt));
    lines
}

fn head(summary: &DeliverySummary) -> Vec<String> {
    let mut lines = vec![
        words::tell(
            "webhook-title",
            &[
                ("id", &escaped(&summary.id)),
                ("action", &action(summary)),
                ("subscription", &escaped(&summary.subscription_id)),
                ("publisher", &escaped(&summary.publisher_id)),
            ],
        ),
        words::tell(
            "webhook-state",
            &[("state", &state(summary.state)), ("at", &summary.created_at.to_string())],
        ),
    ];
    if let Some(at) = summary.next_attempt_at {
        lines.push(words::tell("webhook-next-attempt", &[("at", &at.to_string())]));
    }
    lines
}

fn attempt(attempt: &DeliveryAttempt) -> Vec<String> {
    let came = match (&attempt.answer, &attempt.error) {
        (Some(answer), _) => answer.status.to_string(),
        (None, Some(error)) => escaped(error),
        (None, None) => words::say("webhook-no-answer"),
    };
    let mut lines = vec![
        words::tell(
            "webhook-attempt",
            &[
                ("number", &format!("{:>3}", attempt.number)),
                ("at", &attempt.at.to_string()),
                ("ms", &format!("{:.1}", attempt.took_ms)),
                ("came", &came),
                ("verdict", &escaped(&attempt.verdict)),
            ],
        ),
        words::tell("webhook-attempt-url", &[("url", &escaped(&attempt.url))]),
    ];
    let answer = attempt.answer.as_ref().map_or("", |answer| answer.body.as_str());
    if !answer.is_empty() {
        lines.push(words::tell("webhook-attempt-answer", &[("answer", &escaped(answer))]));
    }
    lines
}

fn resent(summary: &DeliverySummary, times: u32, flags: &str) -> Vec<String> {
    let id = escaped(&summary.id);
    let again = [("id", &*id), ("times", &*times.to_string())];
    let next = [("id", &*id), ("flags", flags)];
    vec![words::tell("webhook-resent", &again), words::tell("webhook-resent-next", &next)]
}

/// What is sent, a member a line.
fn pretty(body: &Value) -> Vec<String> {
    let text = serde_json::to_string_pretty(body).unwrap_or_default();
    text.lines().map(|line| format!("  {}", escaped(line))).collect()
}

/// The word on the wire.
fn action(summary: &DeliverySummary) -> String {
    let word = serde_json::to_value(summary.action).unwrap_or_default();
    word.as_str().unwrap_or_default().to_owned()
}

fn state(state: DeliveryState) -> String {
    words::say(match state {
        DeliveryState::Sending => "webhook-sending",
        DeliveryState::Behind => "webhook-behind",
        DeliveryState::Retrying => "webhook-retrying",
        DeliveryState::Acknowledged => "webhook-acknowledged",
        DeliveryState::Rejected => "webhook-rejected",
        DeliveryState::GivenUp => "webhook-given-up",
        DeliveryState::Superseded => "webhook-superseded",
    })
}

fn outcome(summary: &DeliverySummary) -> String {
    summary.last_outcome.as_deref().map_or_else(|| words::say("webhook-no-outcome"), escaped)
}

#[cfg(test)]
pub mod tests {
    //! A webhook that failed once, for the tests of `webhook` and `clock`.

    use super::*;

    /// Tried twice: no answer, then one that plays tricks on a terminal.
    #[must_use]
    pub fn delivery() -> Delivery {
        let headers = json!({"authorization": "(masked)"});
        serde_json::from_value(json!({
            "id": "op-1", "subscriptionId": "sub-1", "publisherId": "contoso", "action": "ChangePlan",
            "state": "retrying", "attempts": 2, "createdAt": "2027-01-31T09:00:00Z",
            "nextAttemptAt": "2027-01-31T09:01:55.2Z", "lastOutcome": "500 \u{1b}[31mred",
            "body": {"id": "op-1", "subscription": {"name": "two\u{202e}\nlines\u{9b}"}},
            "tries": [
                {"number": 1, "at": "2027-01-31T09:00:00Z", "tookMs": 10001.25, "url": "http://127.0.0.1:3000/w",
                    "requestHeaders": headers, "error": "no answer in 10 s", "verdict": "retry"},
                {"number": 2, "at": "2027-01-31T09:00:57.6Z", "tookMs": 3.5, "url": "http://127.0.0.1:3000/w",
                    "requestHeaders": headers, "answer": {"status": 500, "body": "\u{1b}[2Jbroken\r\n"},
                    "verdict": "retry"}]}))
        .unwrap()
    }

    #[test]
    fn a_webhook_is_told_in_one_line() {
        let text = line(&delivery().summary);
        for part in ["op-1", "ChangePlan", "retrying", "tries 2,", "500 \\u{1b}[31mred", "sub-1"] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }

    #[test]
    fn every_attempt_is_shown_and_nothing_reaches_the_terminal_raw() {
        let lines = shown(&delivery());
        let text = lines.join("\n");
        for part in [
            "of subscription sub-1, for publisher contoso",
            "2027-01-31T09:01:55.200000Z",
            r#"  "id": "op-1","#,
            "two\\u{202e}\\nlines\\u{9b}",
            "10001.2 ms",
            "no answer in 10 s",
            "http://127.0.0.1:3000/w",
            "500",
            "\\u{1b}[2Jbroken\\r\\n",
        ] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
        assert!(lines.iter().all(|line| !line.chars().any(char::is_control)), "{text}");
    }

    #[test]
    fn a_list_ends_with_how_to_look_at_one() {
        let lines = listed(&[delivery().summary], " --sandbox s1");
        assert!(lines[1].contains("rehearse webhook show op-1 --sandbox s1"), "{lines:?}");
        assert_eq!(listed(&[], "").len(), 1);
    }

    #[test]
    fn before_its_first_attempt_there_is_none_to_show() {
        let delivery = Delivery { tries: Vec::new(), ..delivery() };
        assert!(shown(&delivery).join("\n").contains("No attempt"));
    }
}
