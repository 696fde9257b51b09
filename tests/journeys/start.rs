//! What keeps a program from starting: one clear line, exit 1, no stack trace.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt, path::Path};

use rstest::rstest;
use sqlx::Executor;

use crate::support::{
    Anonymous, Db, World,
    browser::Visitor,
    processes::{Ended, Process, control_token},
};

/// Holds one clear line that says `part`.
#[track_caller]
fn is_one_line(ended: &Ended, part: &str) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    // Log lines may stand before it; the line itself is plain, and the last.
    let plain: Vec<&str> = ended
        .stderr
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('{'))
        .collect();
    assert_eq!(plain.len(), 1, "one line: {ended:?}");
    assert!(plain[0].contains(part), "{part}: {ended:?}");
    for trace in ["panicked", "stack backtrace", "RUST_BACKTRACE", "Error {", "Os {"] {
        assert!(!ended.stderr.contains(trace), "{trace}: {ended:?}");
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in Unicode")
}

#[tokio::test]
async fn a_port_in_use_is_told_by_each_program() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let dir = tempfile::tempdir().unwrap();
    let data = text(dir.path());
    let broker = Process::broker_as(&["--port", &port, "--data-dir", data]).ended().await;
    is_one_line(&broker, &port);
    let up = ["up", "--port", &port, "--publisher-port", "0", "--json", "--data-dir", data];
    is_one_line(&Process::rehearse(&up, &[]).ended().await, &port);
    let up = ["up", "--port", "0", "--publisher-port", &port, "--json", "--data-dir", data];
    is_one_line(&Process::rehearse(&up, &[]).ended().await, &port);
    let env = [("REHEARSE_TOKEN", "x")];
    let sim =
        Process::publisher(dir.path(), "http://127.0.0.1:1", &["--listen", "192.0.2.1"], &env);
    is_one_line(&sim.ended().await, "192.0.2.1");
}

#[tokio::test]
async fn a_path_that_cannot_be_used_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "not a folder").unwrap();
    let under_a_file = Process::broker(&file.join("data"), &[], &[]).ended().await;
    is_one_line(&under_a_file, "data dir");
    let folder = dir.path().join("folder");
    fs::create_dir(&folder).unwrap();
    let data = dir.path().join("data");
    let is_a_folder = Process::broker(&data, &["--database", text(&folder)], &[]).ended().await;
    is_one_line(&is_a_folder, text(&folder));
    let missing = dir.path().join("missing/broker.db");
    let nowhere = Process::broker(&data, &["--database", text(&missing)], &[]).ended().await;
    is_one_line(&nowhere, text(&missing));
    let garbage = dir.path().join("garbage.db");
    fs::write(&garbage, "this is no database, and it is long enough to be looked at.".repeat(40))
        .unwrap();
    let garbage = Process::broker(&data, &["--database", text(&garbage)], &[]).ended().await;
    is_one_line(&garbage, "database");
}

#[tokio::test]
async fn a_database_in_use_is_told_and_the_one_who_has_it_goes_on() {
    let world = World::new(Db::Sqlite).await;
    let bought = world.buy_flat().await;
    let second = Process::broker(world.data_dir(), &[], &[]).ended().await;
    is_one_line(&second, "in use");
    world.publisher.activate(&bought.id).await.is(200);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_told_and_left_alone() {
    let mut world = World::new(Db::Sqlite).await;
    let bought = world.buy_flat().await;
    let file = world.data_dir().join("broker.db");
    world.stop_broker().await;
    let url = format!("sqlite:{}", text(&file));
    newer(&url).await;
    let before = fs::read(&file).unwrap();
    let ended = Process::broker(world.data_dir(), &[], &[]).ended().await;
    is_one_line(&ended, "newer");
    assert_eq!(fs::read(&file).unwrap(), before, "left alone");
    drop(bought);
}

#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[tokio::test]
async fn a_postgresql_database_of_a_newer_version_is_told() {
    let url = Db::Postgres.fresh().await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let broker = Process::broker(dir.path(), &["--database", &url], &[]);
    broker.broker_url().await;
    assert_eq!(broker.terminate().await.code, Some(0));
    newer(&url).await;
    let ended = Process::broker(dir.path(), &["--database", &url], &[]).ended().await;
    is_one_line(&ended, "newer");
}

/// Writes into the database that a later program has migrated it.
async fn newer(url: &str) {
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(url).await.unwrap();
    let row = "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time) \
        SELECT 9999, 'from the future', installed_on, success, checksum, execution_time FROM _sqlx_migrations LIMIT 1";
    pool.execute(row).await.unwrap();
    pool.close().await;
}

#[rstest]
#[case::nobody_listens("postgres://app:hunter2@127.0.0.1:1/world")]
#[case::no_such_host("postgres://app:hunter2@no-such-host.invalid/world")]
#[tokio::test]
async fn a_postgresql_out_of_reach_is_told_without_its_password(#[case] url: &str) {
    let dir = tempfile::tempdir().unwrap();
    let ended = Process::broker(dir.path(), &["--database", url], &[]).ended().await;
    is_one_line(&ended, "cannot reach PostgreSQL");
    assert!(!ended.stderr.contains("hunter2"), "{ended:?}");
}

#[tokio::test]
async fn a_control_token_that_is_missing_is_told_by_the_publisher() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("nothing");
    let ended = Process::publisher(&data, "http://127.0.0.1:1", &[], &[]).ended().await;
    is_one_line(&ended, "control token");
}

#[tokio::test]
async fn a_file_of_certificates_that_is_damaged_is_told_by_each_program() {
    let dir = tempfile::tempdir().unwrap();
    let pem = dir.path().join("roots.pem");
    fs::write(&pem, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n").unwrap();
    let data = dir.path().join("data");
    let broker = Process::broker(&data, &["--ca-file", text(&pem)], &[]);
    is_one_line(&broker.ended().await, "roots.pem");
    let env = [("REHEARSE_TOKEN", "x")];
    let sim = Process::publisher(&data, "http://127.0.0.1:1", &["--ca-file", text(&pem)], &env);
    is_one_line(&sim.ended().await, "roots.pem");
    let env = [("REHEARSE_TOKEN", "x"), ("REHEARSE_CA_FILE", text(&pem))];
    let show = ["clock", "show", "--url", "https://127.0.0.1:1"];
    let ended = Process::rehearse(&show, &env).ended().await;
    assert!(ended.code == Some(1) && ended.stderr.contains("roots.pem"), "{ended:?}");
    // The development CA itself: whose key is lost vouches for nobody.
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("development-ca.key"), "half of it").unwrap();
    for ended in [
        Process::broker(&data, &["--tls"], &[]).ended().await,
        Process::publisher(&data, "http://127.0.0.1:1", &["--tls"], &env[..1]).ended().await,
    ] {
        is_one_line(&ended, "development-ca.key");
        assert!(ended.stderr.contains("delete it"), "{ended:?}");
    }
}

#[tokio::test]
async fn the_publisher_alone_finds_the_access_code_beside_the_control_token() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Process::broker(dir.path(), &["--listen", "0.0.0.0"], &[]);
    let url = broker.broker_url().await;
    let code = fs::read_to_string(dir.path().join("access-code")).unwrap();
    let token = dir.path().join("control-token");
    let (token, data) = (text(&token), dir.path().join("publisher"));
    let args = ["--listen", "0.0.0.0", "--control-token-file", token];
    let sim = Process::publisher(&data, &url, &args, &[]);
    let visitor = Visitor::new(&sim.publisher_url().await);
    let page = visitor.get("/console/sign-in").await.is(200);
    assert!(page.text.contains("name=\"access_code\""), "{page}");
    visitor.post("/console/sign-in", &[("access_code", &code)]).await.is(303);
    assert!(!sim.stderr().contains(&code) && !broker.stderr().contains(&code), "logged nowhere");
    assert_eq!(sim.terminate().await.code, Some(0));
    let missing = text(dir.path()).to_owned() + "/missing";
    let args =
        ["--listen", "0.0.0.0", "--control-token-file", token, "--access-code-file", &missing];
    is_one_line(&Process::publisher(&data, &url, &args, &[]).ended().await, "access code");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_broker_asked_to_stop_ends_with_0_and_starts_again(#[case] db: Db) {
    let dir = tempfile::tempdir().unwrap();
    let database = db.fresh().await;
    let args: Vec<&str> = database.iter().flat_map(|url| ["--database", url.as_str()]).collect();
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let broker = Process::broker(dir.path(), &args, &[]);
        let base = broker.broker_url().await;
        Anonymous::new(&base).get("/health/ready").await.is(200);
        tokens.push(control_token(dir.path()));
        let ended = broker.terminate().await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    assert_eq!(tokens[0], tokens[1]);
    let mode = fs::metadata(dir.path().join("control-token")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// A database server that takes the connection and says nothing holds the start up.
#[tokio::test]
async fn asked_to_stop_while_it_starts_a_program_ends_with_0() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let database = format!("postgres://{}/rehearsal", silent.local_addr().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let data = text(dir.path());
    let up = ["up", "--port", "0", "--publisher-port", "0", "--data-dir", data];
    let up = [&up[..], &["--database", &database]].concat();
    for program in ["broker", "rehearse"] {
        let starting = match program {
            "broker" => Process::broker(dir.path(), &["--database", &database], &[]),
            _ => Process::rehearse(&up, &[]),
        };
        let _held = silent.accept().await.unwrap();
        let ended = starting.terminate().await;
        assert_eq!(ended.code, Some(0), "{program}: {ended:?}");
    }
}

#[tokio::test]
async fn health_as_a_subcommand_tells_who_answers() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Process::broker(dir.path(), &[], &[]);
    let base = broker.broker_url().await;
    let healthy = Process::broker_as(&["health", "--url", &base]).ended().await;
    assert_eq!(healthy.code, Some(0), "{healthy:?}");
    broker.kill().await;
    let gone = Process::broker_as(&["health", "--url", &base]).ended().await;
    assert_eq!(gone.code, Some(1), "{gone:?}");
}
