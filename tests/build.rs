//! Looks for what some tests need, and tells the suite what is not there: `no_postgres`, `no_python`, `no_browser`. Such tests are
//! ignored with the reason shown; `REHEARSE_TESTS_REQUIRE=all` makes absence an error. Run by cargo.

#[path = "support/detect.rs"]
mod detect;

use std::process::ExitCode;

fn main() -> ExitCode {
    for name in ["PATH", detect::POSTGRES_URL, detect::REQUIRE] {
        say(&format!("rerun-if-env-changed={name}"));
    }
    say("rerun-if-changed=build.rs");
    say("rerun-if-changed=support/detect.rs");
    let found = [
        ("no_postgres", "PostgreSQL (initdb, pg_ctl, psql)", detect::has_postgres()),
        ("no_python", "python3 with venv", detect::has_python()),
        ("no_browser", "chromium and chromedriver", detect::browser().is_some()),
    ];
    let mut missing = Vec::new();
    for (cfg, what, is_there) in found {
        say(&format!("rustc-check-cfg=cfg({cfg})"));
        if !is_there {
            say(&format!("rustc-cfg={cfg}"));
            missing.push(what);
        }
    }
    if missing.is_empty() || !detect::all_required() {
        return ExitCode::SUCCESS;
    }
    say(&format!("error=not installed: {}", missing.join(", ")));
    ExitCode::FAILURE
}

/// Tells cargo.
fn say(what: &str) {
    println!("cargo::{what}");
}
