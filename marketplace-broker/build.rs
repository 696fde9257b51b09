//! Tells the broker's own tests whether this machine has a PostgreSQL. Run by cargo; the program does not depend on it.

use std::{
    io::{self, Write},
    process::ExitCode,
};

#[path = "../tests/support/detect.rs"]
#[expect(dead_code, reason = "only PostgreSQL is asked for here")]
mod detect;

fn main() -> ExitCode {
    let mut cargo = io::stdout().lock();
    let mut tell = |line: &str| {
        // Cargo reads to the end; were it gone, nobody would need the answer.
        let _ = writeln!(cargo, "cargo::{line}");
    };
    tell("rustc-check-cfg=cfg(no_postgres)");
    tell("rerun-if-changed=build.rs");
    tell("rerun-if-changed=../tests/support/detect.rs");
    for name in ["PATH", detect::POSTGRES_URL, detect::REQUIRE] {
        tell(&format!("rerun-if-env-changed={name}"));
    }
    if detect::has_postgres() {
        return ExitCode::SUCCESS;
    }
    if detect::all_required() {
        tell("error=REHEARSE_TESTS_REQUIRE=all, but PostgreSQL's initdb is not installed");
        return ExitCode::FAILURE;
    }
    tell("rustc-cfg=no_postgres");
    ExitCode::SUCCESS
}
