//! `rehearse trigger`: lets the customer or the marketplace do something to a subscription; prints what was started
//! and where to look at what comes of it. Whether it may happen is the broker's to say.

use shared::rehearsal::{Act, Acted};

use crate::{cli, locate, term::Terminal, words};

/// Does what was asked for.
pub async fn trigger(asked: cli::Trigger) -> anyhow::Result<()> {
    let control = locate::control(&asked.target)?;
    let acted = control.act(&asked.subscription, &act(&asked)).await?;
    let terminal = Terminal::new();
    if asked.json {
        terminal.line(&serde_json::to_string(&acted)?)?;
    } else {
        for line in lines(&asked, &acted) {
            terminal.line(&line)?;
        }
    }
    Ok(())
}

fn act(asked: &cli::Trigger) -> Act {
    Act {
        action: asked.action.into(),
        plan_id: asked.plan.clone(),
        quantity: asked.quantity,
        when: asked.when.map(Into::into),
    }
}

fn lines(asked: &cli::Trigger, acted: &Acted) -> Vec<String> {
    let flags = locate::flags(&asked.target);
    let Some(operation) = &acted.operation_id else {
        let next = words::tell("triggered-later-next", &[("flags", &flags)]);
        return vec![words::say("triggered-later"), next];
    };
    let action = clap::ValueEnum::to_possible_value(&asked.action);
    let action = action.map(|value| value.get_name().to_owned()).unwrap_or_default();
    let started = [("action", &*action), ("operation", operation)];
    let next = [("operation", operation.as_str()), ("flags", &flags)];
    vec![words::tell("triggered", &started), words::tell("triggered-next", &next)]
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Verb;

    fn asked(line: &str) -> cli::Trigger {
        match cli::Cli::try_parse_from(line.split_whitespace()).unwrap().verb {
            Verb::Trigger(asked) => asked,
            other => panic!("no action: {other:?}"),
        }
    }

    fn check(line: &str, json: &str) {
        assert_eq!(serde_json::to_string(&act(&asked(line))).unwrap(), json, "{line}");
    }

    #[test]
    fn what_is_named_is_passed_on_for_the_broker_to_judge() {
        check("rehearse trigger suspend s", r#"{"action":"suspend"}"#);
        check(
            "rehearse trigger changePlan s --plan gold",
            r#"{"action":"changePlan","planId":"gold"}"#,
        );
        check(
            "rehearse trigger change-quantity s --quantity -1",
            r#"{"action":"changeQuantity","quantity":-1}"#,
        );
        check(
            "rehearse trigger failPayment s --when termEnd",
            r#"{"action":"failPayment","when":"termEnd"}"#,
        );
    }

    #[test]
    fn what_was_started_is_told_with_where_to_look_next() {
        let acted = Acted { operation_id: Some("op-1".to_owned()) };
        let text = lines(&asked("rehearse trigger change-plan s --sandbox s1"), &acted).join("\n");
        assert!(text.contains("changePlan") && text.contains("op-1"), "{text}");
        assert!(text.contains("rehearse webhook show op-1 --sandbox s1"), "{text}");
    }

    #[test]
    fn a_payment_that_fails_later_has_no_operation_yet() {
        let acted = Acted { operation_id: None };
        let text = lines(&asked("rehearse trigger fail-payment s --when term-end"), &acted);
        assert!(text.join("\n").contains("rehearse clock advance --to next-event"), "{text:?}");
    }
}
