//! What the command line understands and what it refuses. A part of `cli`.

use clap::CommandFactory as _;

use super::*;

fn check(line: &str) -> Result<Verb, i32> {
    Cli::try_parse_from(line.split_whitespace())
        .map(|cli| cli.verb)
        .map_err(|refusal| refusal.exit_code())
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn what_is_documented_is_understood() {
    for line in [
        "rehearse demo --json --keep",
        "rehearse up --port 0 --publisher-port 0 --ephemeral --json --json-file ready.json",
        "rehearse up --license-confirmation withActivation --log-format json --auto",
        "rehearse up --listen 127.0.0.1 --public-url https://a.example --no-publisher",
        "rehearse up --landing-page-url http://localhost:3000 --webhook-url http://localhost:3000/w",
        "rehearse up --outgoing shared --allow-host app.example --allow-host 10.0.0.7 --ca-file ca.pem",
        "rehearse buy --offer o --plan p --quantity 3 --customer c --sold-by customer",
        "rehearse buy --quantity -1",
        "rehearse trigger changePlan s --plan gold --sandbox s1 --json",
        "rehearse trigger change-plan s --plan gold",
        "rehearse trigger changeQuantity s --quantity 20",
        "rehearse trigger suspend s",
        "rehearse trigger reinstate s",
        "rehearse trigger renew s",
        "rehearse trigger unsubscribe s",
        "rehearse trigger failPayment s --when termEnd",
        "rehearse token --partner bluestem --user a@b.example --role SalesAgent --no-mfa --sandbox s1",
        "rehearse token --app-only",
        "rehearse webhook ls --subscription s --json",
        "rehearse webhook show w --sandbox s1",
        "rehearse webhook resend w --times 3",
        "rehearse usage report s --dimension gigabytes --quantity 5.5 --at 2027-01-31T08:30:00Z",
        "rehearse usage report s --quantity -1 --sandbox s1 --json",
        "rehearse usage ls s --json",
        "rehearse clock show --json",
        "rehearse clock advance P1M --sandbox s1",
        "rehearse clock advance P1M --settle 0",
        "rehearse clock advance --to 2027-01-31T00:00:00Z",
        "rehearse clock advance --to next-event",
        "rehearse clock --url http://127.0.0.1:9 freeze",
        "rehearse clock resume",
        "rehearse quirks --json",
        "rehearse quirks --sandbox s1",
        "rehearse quirks show late_cancel",
        "rehearse quirks set late_cancel multi_year_fail --sandbox s1 --json",
        "rehearse quirks reset late_cancel",
        "rehearse quirks profile sdk2 --url http://127.0.0.1:9",
        "rehearse load --flows 2000 --concurrency 64 --baseline --json",
        "rehearse load --webhooks 500 --concurrency 32 --json",
        "rehearse load --list 1000 --url http://127.0.0.1:8700",
        "rehearse load --usage --database load.db --json",
    ] {
        assert!(check(line).is_ok(), "{line}");
    }
}

#[test]
fn wrong_usage_ends_with_two() {
    for line in [
        "rehearse",
        "rehearse dance",
        "rehearse usage report s",
        "rehearse usage report s --quantity much",
        "rehearse usage report s --quantity 1e99",
        "rehearse load --usage 5 --list 5",
        "rehearse up --port 70000",
        "rehearse up --license-confirmation sometimes",
        "rehearse up --ephemeral --data-dir x",
        "rehearse buy --quantity many",
        "rehearse buy --token secret",
        "rehearse clock advance",
        "rehearse clock advance P1M --to next-event",
        "rehearse clock advance 1M",
        "rehearse clock advance P-1M",
        "rehearse clock advance --to tomorrow",
        "rehearse clock advance P1M --settle soon",
        "rehearse trigger",
        "rehearse trigger suspend",
        "rehearse trigger dance s",
        "rehearse trigger failPayment s --when tomorrow",
        "rehearse webhook",
        "rehearse webhook show",
        "rehearse webhook resend w --times 0",
        "rehearse webhook resend w --times 101",
        "rehearse up --outgoing everywhere",
        "rehearse load --webhooks 0",
        "rehearse load --webhooks 10 --list 10",
        "rehearse load --webhooks 10 --flows 10",
        "rehearse load --webhooks 10 --url http://127.0.0.1:8700",
        "rehearse load --flows 0",
        "rehearse load --baseline --url http://127.0.0.1:8700",
    ] {
        assert_eq!(check(line).err(), Some(2), "{line}");
    }
}

#[test]
fn help_is_no_failure() {
    assert_eq!(check("rehearse --help").err(), Some(0));
}

#[test]
fn the_defaults_are_the_documented_ports_and_folder() {
    let Ok(Verb::Up(up)) = check("rehearse up") else { panic!("not understood") };
    assert_eq!((up.port, up.publisher_port), (8700, 8701));
    assert_eq!(
        (up.listen.to_string(), up.data_dir),
        ("127.0.0.1".to_owned(), "./.rehearsal".into())
    );
}

#[test]
fn a_measurement_without_a_number_has_its_own() {
    for (line, webhooks, list) in [
        ("rehearse load", None, None),
        ("rehearse load --webhooks", Some(2_000), None),
        ("rehearse load --webhooks --json", Some(2_000), None),
        ("rehearse load --list --concurrency 8", None, Some(100_000)),
    ] {
        let Ok(Verb::Load(load)) = check(line) else { panic!("not understood: {line}") };
        assert_eq!((load.webhooks, load.list), (webhooks, list), "{line}");
    }
}

#[test]
fn an_instant_and_the_next_event_are_told_apart() {
    assert_eq!(to("next-event"), Ok(To::NextEvent));
    let at = "2027-01-31T00:00:00Z".parse().unwrap();
    assert_eq!(to("2027-01-31T00:00:00Z"), Ok(To::Instant(at)));
}
