//! The binary `isv-publisher-sim`: hands over to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    isv_publisher_sim::cli::main()
}
