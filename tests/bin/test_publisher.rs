//! The publisher's program under a name that tests of this package can start. Called by `support/processes.rs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    isv_publisher_sim::cli::main()
}
