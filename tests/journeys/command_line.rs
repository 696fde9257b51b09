//! `rehearse` as it is typed: demo, up, buy, clock.

use std::{fs, path::Path};

use serde_json::Value;

use crate::support::{Anonymous, Operator, processes::Process, world::bought};

const STEPS: [&str; 10] = [
    "purchase",
    "activationLink",
    "landingOpened",
    "tokenResolved",
    "informationSubmitted",
    "licensesAssigned",
    "billingWaiting",
    "fulfillmentConfirmed",
    "billingStarted",
    "firstCharge",
];

#[tokio::test]
async fn demo_tells_the_story_and_its_last_line_is_json() {
    let ended = Process::rehearse(&["demo", "--json"], &[]).ended().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let last = ended.stdout.lines().last().expect("a line");
    let outcome: Value =
        serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {last}"));
    assert_eq!(outcome["billingStartedTimes"], 1, "{last}");
    assert!(uuid::Uuid::try_parse(outcome["subscriptionId"].as_str().unwrap()).is_ok(), "{last}");
    let instant = |name: &str| {
        let text = outcome[name].as_str().unwrap_or_else(|| panic!("{name}: {last}"));
        assert_eq!(text.len(), "2027-01-31T09:00:00.000000Z".len(), "{last}");
        text.to_owned()
    };
    let (licenses, fulfillment) =
        (instant("licensesAssignedAt"), instant("fulfillmentConfirmedAt"));
    assert_eq!(instant("billingStartedAt"), licenses.max(fulfillment), "{last}");
    assert_eq!(outcome["charges"].as_array().map(Vec::len), Some(1), "{last}");
    let steps = outcome["steps"].as_array().unwrap();
    let names: Vec<&str> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_eq!(names, STEPS);
    for step in steps {
        assert!(step["from"].is_string() && step["to"].is_string(), "{step}");
        assert!(step["ms"].as_f64().is_some_and(|ms| ms >= 0.0), "{step}");
    }
    assert!(!ended.stdout.contains('\u{1b}'), "no colors off a terminal");
}

#[tokio::test]
async fn demo_without_json_speaks_to_people() {
    let ended = Process::rehearse(&["demo"], &[]).ended().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("rehearse up"), "where to look next: {}", ended.stdout);
    assert!(serde_json::from_str::<Value>(ended.stdout.lines().last().unwrap()).is_err());
}

/// `up` on free ports.
fn up(data: &Path) -> Process {
    let data = data.to_str().unwrap();
    let args = ["up", "--port", "0", "--publisher-port", "0", "--json", "--data-dir", data];
    Process::rehearse(&args, &[])
}

#[tokio::test]
async fn up_prints_one_ready_line_stops_cleanly_and_keeps_its_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("state");
    let mut lines: Vec<Value> = Vec::new();
    let mut purchase = None;
    for _ in 0..2 {
        let up = up(&data);
        let line: Value = serde_json::from_str(&up.first_line().await).unwrap();
        for member in ["brokerUrl", "publisherUrl", "portalUrl", "database", "dataDir"] {
            assert!(line[member].is_string(), "{member}: {line}");
        }
        assert_eq!(line["event"], "ready", "{line}");
        assert_eq!(line["sandbox"], "default", "{line}");
        assert_eq!(line["publisher"], line["publishers"][0], "{line}");
        assert_eq!(line["partner"], line["partners"][0], "{line}");
        for url in ["brokerUrl", "publisherUrl"] {
            let anon = Anonymous::new(line[url].as_str().unwrap());
            anon.get("/health/ready").await.is(200);
        }
        let base = line["brokerUrl"].as_str().unwrap();
        let operator = Operator::new(base, line["controlToken"].as_str().unwrap(), "default");
        match &purchase {
            None => {
                let body = crate::support::world::flat();
                let made = bought(&operator.purchase(&body).await.is(201));
                let page = line["publisherUrl"].as_str().unwrap();
                assert!(made.link.starts_with(page), "the bundled publisher's: {}", made.link);
                purchase = Some(made.id);
            }
            Some(id) => {
                operator.truth(id).await;
            }
        }
        lines.push(line);
        let ended = up.terminate().await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(ended.stdout.lines().count(), 1, "one line: {ended:?}");
        assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    }
    for member in ["controlToken", "publisher", "publishers", "partner", "partners", "dataDir"] {
        assert_eq!(lines[0][member], lines[1][member], "{member}");
    }
    assert!(!data.join("broker-url").exists(), "the note is taken back");
}

#[tokio::test]
async fn buy_and_clock_find_the_broker_that_runs() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("state");
    let up = up(&data);
    let ready: Value = serde_json::from_str(&up.first_line().await).unwrap();
    let at = data.to_str().unwrap();
    let run = async |args: &[&str]| {
        let ended = Process::rehearse(&[args, &["--data-dir", at]].concat(), &[]).ended().await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended.stdout
    };
    let bought =
        run(&["buy", "--offer", "contoso-desk", "--plan", "silver", "--quantity", "2", "--json"])
            .await;
    let bought: Value =
        serde_json::from_str(bought.trim()).unwrap_or_else(|e| panic!("{e}: {bought}"));
    let id = bought["subscriptionId"].as_str().unwrap();
    assert!(bought["activationLink"].is_string(), "{bought}");
    let said = run(&["buy", "--offer", "contoso-archive", "--plan", "standard"]).await;
    assert!(said.contains("/landing?token="), "{said}");
    let before = run(&["clock", "show", "--json"]).await;
    let before: Value =
        serde_json::from_str(before.trim()).unwrap_or_else(|e| panic!("{e}: {before}"));
    assert_eq!(before["nextEvent"]["kind"], "pendingLimit", "{before}");
    run(&["clock", "advance", "P1D"]).await;
    run(&["clock", "freeze"]).await;
    let advanced = run(&["clock", "advance", "--to", "next-event", "--json"]).await;
    assert!(advanced.contains(id), "{advanced}");
    run(&["clock", "resume"]).await;
    let operator = Operator::new(
        ready["brokerUrl"].as_str().unwrap(),
        ready["controlToken"].as_str().unwrap(),
        "default",
    );
    let truth = operator.truth(id).await;
    assert_eq!(truth.at("/state"), "Unsubscribed", "{truth}");
    assert_eq!(up.terminate().await.code, Some(0));
}

#[tokio::test]
async fn what_cannot_be_done_is_one_line_and_exit_1_and_wrong_usage_is_exit_2() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().join("nowhere");
    let nowhere = nowhere.to_str().unwrap();
    for args in [["clock", "show", "--data-dir", nowhere], ["buy", "--json", "--data-dir", nowhere]]
    {
        let ended = Process::rehearse(&args, &[]).ended().await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert_eq!(ended.stderr.trim().lines().count(), 1, "{ended:?}");
    }
    for args in [&["dance"][..], &["up", "--port", "x"], &["clock", "advance", "soon"]] {
        let ended = Process::rehearse(args, &[]).ended().await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
    }
    assert!(fs::metadata(nowhere).is_err(), "and nothing was made");
}
