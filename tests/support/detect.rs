//! Finds the programs of this machine that some tests need. Nothing but `std`: called by the build scripts, which
//! leave out what cannot run here, and by `postgres.rs` and the journeys, which start what was found.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

/// Environment variable with the URL of a PostgreSQL superuser's database, instead of a throw-away cluster.
pub const POSTGRES_URL: &str = "REHEARSE_TEST_POSTGRES";
/// Environment variable: `all` makes it an error that a test cannot run here.
pub const REQUIRE: &str = "REHEARSE_TESTS_REQUIRE";

/// Where Debian and its kin keep the server's programs, which are not on the PATH there.
const POSTGRES_VERSIONS: &str = "/usr/lib/postgresql";

/// Whether tests that cannot run here are an error.
pub fn all_required() -> bool {
    env::var_os(REQUIRE).is_some_and(|value| value == "all")
}

/// Whether tests can have a PostgreSQL: a server they are told of, or programs to start one.
pub fn has_postgres() -> bool {
    env::var_os(POSTGRES_URL).is_some_and(|url| !url.is_empty()) || postgres_programs().is_some()
}

/// The folder with `initdb`, `pg_ctl` and `psql`: behind the PATH's `initdb`, else the newest installed version's.
pub fn postgres_programs() -> Option<PathBuf> {
    let on_path = program("initdb").and_then(|initdb| Some(initdb.parent()?.to_owned()));
    let mut folders: Vec<_> = fs::read_dir(POSTGRES_VERSIONS)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    folders.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
    on_path.into_iter().chain(folders).find(|folder| {
        ["initdb", "pg_ctl", "postgres", "psql"].iter().all(|name| file(folder, name).is_some())
    })
}

/// Whether a Python can make an environment with `pip` in it (Debian: `python3-venv`).
pub fn has_python() -> bool {
    let asked =
        std::process::Command::new("python3").args(["-c", "import ensurepip, venv"]).output();
    asked.is_ok_and(|answer| answer.status.success())
}

/// A browser and the program that drives it.
pub fn browser() -> Option<(PathBuf, PathBuf)> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    Some((names.iter().find_map(|name| program(name))?, program("chromedriver")?))
}

/// A program on the PATH, with links followed.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).find_map(|folder| file(&folder, name)?.canonicalize().ok())
}

fn file(folder: &Path, name: &str) -> Option<PathBuf> {
    let path = folder.join(name).with_extension(env::consts::EXE_EXTENSION);
    path.is_file().then_some(path)
}

/// 15 for `/usr/lib/postgresql/15/bin`.
fn version(folder: &Path) -> u32 {
    let name = folder.parent().and_then(Path::file_name).and_then(OsStr::to_str);
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}
