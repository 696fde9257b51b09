//! Starts the two services of the rehearsal, drives them over HTTP, moves their clock. One file a verb.
//! Called by `main.rs` and by the test binary of the same program; holds no handle to a store of either service.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;

mod buy;
mod catalog;
mod cli;
mod clock;
mod control;
mod demo;
mod load;
mod locate;
mod offers;
mod partner_face;
mod publisher_face;
mod quirks;
mod services;
mod signed_in;
mod term;
mod token;
mod trigger;
mod up;
mod usage;
mod wait;
mod web;
mod webhook;
mod words;

use cli::{Cli, Verb};

/// Done.
const DONE: u8 = 0;
/// The thing asked for failed.
const FAILED: u8 = 1;
/// Asked for in a wrong way.
const WRONG_USAGE: u8 = 2;

/// Reads the command line, does what it asks, answers the exit code: 0 done, 1 failed, 2 wrong usage.
#[must_use]
pub fn run() -> ExitCode {
    let verb = match Cli::try_parse() {
        Ok(cli) => cli.verb,
        Err(refusal) => {
            // Nothing is left to do when even the terminal is gone.
            let _ = refusal.print();
            return ExitCode::from(code_of_refusal(&refusal));
        }
    };
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context(words::say("no-runtime"))
        .and_then(|runtime| runtime.block_on(act(verb)));
    if let Err(error) = &done
        && !is_unread(error)
    {
        term::complain(error);
    }
    ExitCode::from(code_of(&done))
}

/// Whether nobody reads what is printed any more, as behind `| head`: then there is nobody to complain to.
fn is_unread(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    causes.any(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Whoever asks for help has used the program rightly.
fn code_of_refusal(refusal: &clap::Error) -> u8 {
    if refusal.use_stderr() { WRONG_USAGE } else { DONE }
}

fn code_of(done: &anyhow::Result<()>) -> u8 {
    if done.is_ok() { DONE } else { FAILED }
}

/// Hands over to the verb's own file.
async fn act(verb: Verb) -> anyhow::Result<()> {
    match verb {
        Verb::Demo(asked) => demo::demo(asked).await,
        Verb::Up(asked) => up::up(*asked).await,
        Verb::Buy(asked) => buy::buy(asked).await,
        Verb::Trigger(asked) => trigger::trigger(asked).await,
        Verb::Token(asked) => token::token(asked).await,
        Verb::Webhook(asked) => webhook::webhook(asked).await,
        Verb::Usage(asked) => usage::usage(asked).await,
        Verb::Offers(asked) => offers::offers(asked).await,
        Verb::Clock(asked) => clock::clock(asked).await,
        Verb::Quirks(asked) => quirks::quirks(asked).await,
        Verb::Load(asked) => load::load(asked).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn done_failed_and_wrong_usage_are_told_apart() {
        assert_eq!(code_of(&Ok(())), 0);
        assert_eq!(code_of(&Err(anyhow::anyhow!("the port is in use"))), 1);
        for (line, code) in [
            ("rehearse dance", 2),
            ("rehearse", 2),
            ("rehearse --help", 0),
            ("rehearse --version", 0),
        ] {
            let refusal = Cli::try_parse_from(line.split(' ')).unwrap_err();
            assert_eq!(code_of_refusal(&refusal), code, "{line}");
        }
    }
}
