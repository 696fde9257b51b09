//! `rehearse load`: complete flows and single steps (`flows`), the dispatch of webhooks (`webhooks`), a long list
//! (`list`), usage events (`usage`), tokens (`tokens`), or a partner's side (`partner`), each beside something that tells
//! how fast the machine is just now. `crowd` runs, `own` has the broker.

mod crowd;
mod flows;
mod list;
mod own;
mod pages;
mod partner;
mod report;
mod stats;
mod steps;
mod tokens;
mod usage;
mod webhooks;

use anyhow::bail;
use serde::Serialize;

use crate::{
    cli, services,
    term::{self, Terminal},
    web, words,
};
use crowd::Errors;
use own::Own;

/// Different errors shown.
const ERRORS_SHOWN: usize = 5;

/// Measures what was asked for.
pub async fn load(asked: cli::Load) -> anyhow::Result<()> {
    services::log(cli::LogFormat::Text, "warn");
    let stop = services::asked_to_stop()?;
    let own = Own::start(&asked).await?;
    let measured = tokio::select! {
        measured = measure(&asked, &own) => measured,
        () = stop => Err(anyhow::anyhow!(words::say("interrupted"))),
    };
    own.stop().await;
    measured?.tell(asked.json)
}

async fn measure(asked: &cli::Load, own: &Own) -> anyhow::Result<Measured> {
    let http = web::client_for(&asked.data_dir)?;
    if let Some(subscriptions) = asked.partner {
        return partner::measure(http, (subscriptions, asked), own).await;
    }
    match (asked.webhooks, asked.list, asked.usage, asked.tokens) {
        (Some(webhooks), ..) => webhooks::measure(http, (webhooks, asked), own).await,
        (_, Some(subscriptions), ..) => list::measure(http, (subscriptions, asked), own).await,
        (_, _, Some(events), _) => usage::measure(http, (events, asked), own).await,
        (_, _, _, Some(tokens)) => tokens::measure(http, (tokens, asked), own).await,
        (None, None, None, None) => flows::measure(http, asked, own).await,
    }
}

/// What a measurement gave, for programs and for people.
struct Measured {
    json: String,
    lines: Vec<String>,
    errors: Errors,
}

impl Measured {
    fn new(report: &impl Serialize, lines: Vec<String>, errors: Errors) -> anyhow::Result<Self> {
        Ok(Self { json: serde_json::to_string(report)?, lines, errors })
    }

    /// Prints it. Calls that failed make the whole a failure.
    fn tell(self, json: bool) -> anyhow::Result<()> {
        let terminal = Terminal::new();
        let lines = if json { vec![self.json] } else { self.lines };
        for line in lines {
            terminal.line(&line)?;
        }
        for (message, times) in self.errors.first(ERRORS_SHOWN) {
            term::remark(&format!("{times} x {message}"));
        }
        if self.errors.count() > 0 {
            bail!(words::tell("load-failed", &[("errors", &self.errors.count().to_string())]));
        }
        Ok(())
    }
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
