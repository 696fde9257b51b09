//! A throw-away PostgreSQL for tests: one cluster a process, one fresh database a test. Nothing but `std`, so that
//! unit tests include this file by its path as well. Called by the suite and by the broker's store tests.

use std::{
    hash::{BuildHasher, RandomState},
    io::{BufRead, BufReader},
    panic::panic_any,
    path::Path,
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

#[path = "detect.rs"]
#[expect(dead_code, reason = "the build scripts and the journeys use the rest of it")]
mod detect;

/// Starts a cluster in a folder of its own and ends it when the other end of its standard input is gone: however the
/// test process ends, nothing is left behind. It listens on a Unix socket only, in a folder that is its user's only.
const CLUSTER: &str = r#"
trap '' INT TERM HUP
cd / && umask 077 && dir=$(mktemp -d "$REHEARSE_TMP/rehearse-pg-XXXXXX") || exit 1
clean() { "$REHEARSE_BIN/pg_ctl" -D "$dir/data" -m immediate -s -w stop >/dev/null 2>&1; rm -rf "$dir"; }
{ "$REHEARSE_BIN/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C -N >"$dir/log" 2>&1 </dev/null &&
  "$REHEARSE_BIN/pg_ctl" -D "$dir/data" -l "$dir/log" -s -w -t 60 -o "-k '$dir' -c listen_addresses='' \
    -c fsync=off -c full_page_writes=off -c autovacuum=off -c max_connections=500 -c shared_buffers=32MB" \
    start >/dev/null 2>&1 </dev/null
} || { echo "failed $(tail -n 5 "$dir/log" | tr '\n' ' ')"; clean; exit 1; }
echo "ready $dir"
cat >/dev/null
clean
"#;

/// Postgres refuses to run as root: its own user runs it then.
const AS_ANY_USER: &str = r#"
if [ "$(id -u)" = 0 ]; then REHEARSE_TMP=/tmp; exec su postgres -s /bin/sh -c "$REHEARSE_CLUSTER"; fi
exec /bin/sh -c "$REHEARSE_CLUSTER"
"#;

/// A server that takes databases.
struct Server {
    /// The URL of a database that exists, as a superuser.
    url: String,
    psql: std::path::PathBuf,
    /// Its standard input is what keeps the cluster alive.
    _cluster: Option<Child>,
}

static SERVER: OnceLock<Server> = OnceLock::new();

/// Makes an empty database and returns its URL. It blocks: a second or two for the first one of a process.
pub fn fresh_database() -> String {
    let server = SERVER.get_or_init(server);
    let random = RandomState::new().hash_one(std::process::id());
    let name = format!("rehearse_{random:016x}");
    let made = Command::new(&server.psql)
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", &format!("CREATE DATABASE {name}")])
        .args(["-d", &server.url])
        .stdin(Stdio::null())
        .output();
    match made {
        Ok(output) if output.status.success() => database_url(&server.url, &name),
        Ok(output) => {
            let why = String::from_utf8_lossy(&output.stderr);
            panic_any(format!("no database could be made: {why}"))
        }
        Err(error) => panic_any(format!("{} cannot be run: {error}", server.psql.display())),
    }
}

fn server() -> Server {
    let programs = detect::postgres_programs();
    let beside = programs.as_ref().map(|folder| folder.join("psql"));
    let psql = beside.or_else(|| detect::program("psql")).unwrap_or_else(|| "psql".into());
    match (std::env::var(detect::POSTGRES_URL), programs) {
        (Ok(url), _) if !url.is_empty() => Server { url, psql, _cluster: None },
        (_, Some(programs)) => {
            let (url, cluster) = start(&programs);
            Server { url, psql, _cluster: Some(cluster) }
        }
        (_, None) => panic_any("PostgreSQL's initdb is not installed".to_owned()),
    }
}

fn start(programs: &Path) -> (String, Child) {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", AS_ANY_USER])
        .env("REHEARSE_CLUSTER", CLUSTER)
        .env("REHEARSE_BIN", programs)
        .env("REHEARSE_TMP", std::env::temp_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    // A group of its own: what ends the tests (Ctrl-C, a test runner's time limit) must not end the clean-up.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command
        .spawn()
        .unwrap_or_else(|error| panic_any(format!("/bin/sh cannot be run: {error}")));
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        // A read that fails leaves the line empty, and that is told below.
        let _ = BufReader::new(stdout).read_line(&mut line);
    }
    match line.trim_end().split_once(' ') {
        Some(("ready", folder)) => {
            let host: String = folder.bytes().map(encoded).collect();
            (format!("postgres:///postgres?host={host}&user=postgres"), child)
        }
        _ => panic_any(format!("PostgreSQL did not start: {line}")),
    }
}

/// A byte of a path as a URL's query takes it.
fn encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// The same server, another database.
fn database_url(url: &str, name: &str) -> String {
    let (base, query) = url.split_once('?').map_or((url, None), |(b, q)| (b, Some(q)));
    let authority = base.find("://").map_or(0, |place| place + 3);
    let end = base[authority..].find('/').map_or(base.len(), |place| authority + place);
    let query = query.map_or(String::new(), |query| format!("?{query}"));
    format!("{}/{name}{query}", &base[..end])
}
