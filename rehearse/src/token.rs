//! `rehearse token`: a bearer of the partner face, for a user of a partner or for its app by itself, without a sign-in.
//! Prints the bearer and nothing else, so that a script can take it.

use shared::rehearsal::AskPartnerToken;

use crate::{cli, locate, term::Terminal};

/// Prints a bearer.
pub async fn token(asked: cli::Token) -> anyhow::Result<()> {
    let control = locate::control(&asked.target)?;
    let partner = match &asked.partner {
        Some(partner) => partner.clone(),
        None => control.sandbox().await?.partner.partner_id,
    };
    let issued = control.partner_token(&partner, &wanted(&asked)).await?;
    Ok(Terminal::new().line(issued.access_token.expose())?)
}

/// What is not named is left to the broker.
fn wanted(asked: &cli::Token) -> AskPartnerToken {
    AskPartnerToken {
        user: asked.user.clone(),
        roles: (!asked.role.is_empty()).then(|| asked.role.clone()),
        mfa: asked.no_mfa.then_some(false),
        app_only: asked.app_only.then_some(true),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Verb;

    fn check(line: &str, json: &str) {
        let read = cli::Cli::try_parse_from(line.split_whitespace()).unwrap();
        let Verb::Token(asked) = read.verb else { panic!("{line}") };
        assert_eq!(serde_json::to_string(&wanted(&asked)).unwrap(), json, "{line}");
    }

    #[test]
    fn what_is_named_is_passed_on() {
        check("rehearse token", "{}");
        check("rehearse token --partner bluestem --app-only", r#"{"appOnly":true}"#);
        check(
            "rehearse token --user a@b.example --role SalesAgent --role BillingAdmin --no-mfa",
            r#"{"user":"a@b.example","roles":["SalesAgent","BillingAdmin"],"mfa":false}"#,
        );
    }

    #[test]
    fn an_app_by_itself_has_no_user() {
        for flag in ["--user a@b.example", "--role SalesAgent", "--no-mfa"] {
            let line = format!("rehearse token --app-only {flag}");
            assert!(cli::Cli::try_parse_from(line.split_whitespace()).is_err(), "{line}");
        }
    }
}
