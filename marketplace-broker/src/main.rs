//! The program: flags -> Config -> server, until a signal.

use std::process::ExitCode;

fn main() -> ExitCode {
    marketplace_broker::program::run()
}
