//! The binary `rehearse`: everything is in the library, so that the tests can build the same program.

use std::process::ExitCode;

fn main() -> ExitCode {
    rehearse::run()
}
