//! The rules of the house that a machine can hold (ARCHITECTURE.md, CONTRIBUTING.md): layers, files, SQL, versions.
//! Each rule tells every place that breaks it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

const CRATES: [&str; 6] =
    ["shared", "hosting", "marketplace-broker", "isv-publisher-sim", "rehearse", "tests"];
/// Lines of a file at most (aim: 150).
const LINES_MAX: usize = 500;

/// A file of the workspace.
#[derive(Clone)]
struct File {
    /// From the workspace's root, with `/`.
    path: String,
    text: String,
}

impl File {
    fn is_below(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }

    /// Lines that are code: no comment, and nothing behind `//`. Numbered from 1.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate();
        lines.filter_map(|(at, line)| {
            let line = line.trim_start();
            let comment = line.starts_with("//") || line.starts_with("--");
            let code = line.split(" // ").next().unwrap_or(line);
            (!comment).then_some((at + 1, code))
        })
    }

    /// The file without its unit tests, which may look into every layer; empty for a file of tests.
    fn without_tests(&self) -> Self {
        let is_test = self.path.contains("_tests/") || self.path.ends_with("tests.rs");
        let text = self.text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
        let text = if is_test { "" } else { text };
        Self { path: self.path.clone(), text: text.to_owned() }
    }

    /// Places whose code holds `word` as a word of its own.
    fn says<'a>(&'a self, word: &'a str) -> impl Iterator<Item = String> + 'a {
        let code = self.code().filter(move |(_, line)| holds(line, word));
        code.map(move |(at, line)| format!("{}:{at}: {line}", self.path))
    }
}

/// Whether `line` holds `word` with no letter, digit or underscore at its ends.
fn holds(line: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let starts = word.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let ends = word.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| {
        let before = starts && is_part(line[..at].chars().next_back());
        let after = ends && is_part(line[at + word.len()..].chars().next());
        !before && !after
    })
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

/// Every file of the crates with one of these endings; this one, which names what it forbids, left out.
fn files(endings: &[&str]) -> Vec<File> {
    let mut paths = Vec::new();
    for name in CRATES {
        gather(&root().join(name), &mut paths);
    }
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
        let shown = path.strip_prefix(root()).expect("a path inside").to_str().expect("Unicode");
        let shown = shown.replace('\\', "/");
        if endings.contains(&ending) && shown != "tests/tidy.rs" {
            files.push(File { path: shown, text: fs::read_to_string(&path).expect("a text") });
        }
    }
    assert!(!files.is_empty(), "found nothing below {}", root().display());
    files
}

fn gather(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, into);
        } else {
            into.push(path);
        }
    }
}

/// Fails with every place that breaks the rule.
#[track_caller]
fn none(rule: &str, places: impl IntoIterator<Item = String>) {
    let places: Vec<_> = places.into_iter().collect();
    assert!(places.is_empty(), "{rule}:\n  {}", places.join("\n  "));
}

/// Every place below `within` whose code says `word`, apart from files that `may`.
fn said(word: &str, within: &[&str], may: impl Fn(&File) -> bool) -> Vec<String> {
    let files = files(&["rs"]);
    let asked = files.iter().filter(|file| within.iter().any(|folder| file.is_below(folder)));
    let asked = asked.filter(|file| !may(file));
    let asked =
        asked.map(|file| if file.is_below("tests/") { file.clone() } else { file.without_tests() });
    asked.flat_map(|file| file.says(word).collect::<Vec<_>>()).collect()
}

const SERVICES: [&str; 2] = ["marketplace-broker/src/", "isv-publisher-sim/src/"];

fn is_in(file: &File, part: &str) -> bool {
    SERVICES.iter().any(|service| file.path.starts_with(&format!("{service}{part}")))
}

#[test]
fn the_domain_knows_neither_sql_nor_http_nor_a_runtime() {
    for word in ["sqlx", "axum", "reqwest", "tokio", "async fn", "utoipa", "Clock"] {
        let within = ["marketplace-broker/src/domain/", "isv-publisher-sim/src/domain/"];
        none(&format!("domain/ never says `{word}`"), said(word, &within, |_| false));
    }
}

#[test]
fn only_the_store_says_sqlx_and_only_http_and_server_say_axum() {
    // A connection error carries its cause.
    none("only store/ says sqlx", said("sqlx", &SERVICES, |file| is_in(file, "store")));
    let may = |file: &File| is_in(file, "http/") || is_in(file, "server.rs");
    none("only http/ and server.rs say axum", said("axum", &SERVICES, may));
    let driver = ["rehearse/src/", "shared/src/"];
    for word in ["sqlx", "axum"] {
        none(&format!("neither rehearse nor shared says {word}"), said(word, &driver, |_| false));
    }
    none("shared has no runtime", said("tokio", &["shared/src/"], |_| false));
    none("shared has no client", said("reqwest", &["shared/src/"], |_| false));
}

#[test]
fn quirks_of_shape_are_read_in_one_table_and_nobody_asks_for_the_profile() {
    let faces =
        ["marketplace-broker/src/http/fulfillment/", "marketplace-broker/src/http/metering/"];
    let table = |file: &File| file.path.ends_with("/shape.rs");
    none("a face reads quirks in shape.rs only", said("policy::", &faces, table));
    for profile in ["Profile::Observed", "Profile::Sdk2"] {
        let may = |file: &File| {
            is_in(file, "domain/policy") || file.path.ends_with("broker/src/quirks.rs")
        };
        none(&format!("nobody asks for {profile}"), said(profile, &SERVICES, may));
    }
    // It is kept and shown, and no more.
    let may = |file: &File| {
        let known = ["store/sandboxes.rs", "http/rehearsal/view.rs", "quirks.rs"];
        known.iter().any(|name| file.path.ends_with(&format!("broker/src/{name}")))
            || is_in(file, "domain/policy")
    };
    none("nobody asks for the profile", said(".profile()", &SERVICES, may));
}

/// Names that `/openapi.json` knows the types of a file by.
fn schemas(text: &str) -> impl Iterator<Item = &str> {
    let derives = text.split("#[derive(").skip(1);
    let derived = derives.filter_map(|rest| {
        let (derived, item) = rest.split_once(")]")?;
        let (attributes, named) =
            item.split_once("pub struct ").or_else(|| item.split_once("pub enum "))?;
        let renamed = attributes.split_once("schema(as = ").map(|(_, name)| name);
        let name = renamed.unwrap_or(named).split(|c: char| !c.is_alphanumeric()).next();
        name.filter(|_| holds(derived, "ToSchema"))
    });
    let written = text.split("ToSchema for ").skip(1);
    derived.chain(written.filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next()))
}

#[test]
fn no_schema_hides_another_of_its_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files(&["rs"]).iter().filter(|file| !file.is_below("tests/")) {
        for name in schemas(&file.text) {
            places.entry(name.to_owned()).or_default().push(file.path.clone());
        }
    }
    assert!(places.len() > 80, "{places:?}");
    places.retain(|_, files| files.len() > 1);
    let twice = places.into_iter().map(|(name, files)| format!("{name}: {}", files.join(", ")));
    none("/openapi.json has one schema of a name: use #[schema(as = …)]", twice);
}

#[test]
fn the_driver_holds_no_handle_to_a_store() {
    for word in ["::store", "broker.db", "publisher.db"] {
        none(&format!("rehearse never says `{word}`"), said(word, &["rehearse/src/"], |_| false));
    }
}

#[test]
fn every_file_says_what_lives_in_it_and_stays_short() {
    let files = files(&["rs"]);
    let silent = files.iter().filter(|file| !file.text.starts_with("//! "));
    none("a file begins with `//! `", silent.map(|file| file.path.clone()));
    let long = files.iter().filter(|file| file.text.lines().count() > LINES_MAX);
    none(
        "a file has 500 lines at most",
        long.map(|file| format!("{}: {}", file.path, file.text.lines().count())),
    );
}

#[test]
fn every_migration_begins_with_its_reason() {
    let files = files(&["sql"]);
    let silent = files.iter().filter(|file| !file.text.starts_with("-- "));
    none("a migration begins with a comment", silent.map(|file| file.path.clone()));
}

/// The texts that may be SQL: migrations, and what stands in quotes under `store/`.
fn sql() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for file in files(&["sql", "rs"]) {
        if file.path.ends_with(".sql") {
            let code: Vec<_> = file.code().map(|(_, line)| line).collect();
            texts.push((file.path.clone(), code.join("\n")));
        } else if is_in(&file, "store") {
            let code: Vec<_> = file.code().map(|(_, line)| line).collect();
            let code = code.join("\n");
            let statements = code.split('"').skip(1).step_by(2);
            texts.extend(statements.map(|text| (file.path.clone(), text.to_owned())));
        }
    }
    texts
}

#[test]
fn sql_is_of_the_one_dialect() {
    let texts = sql();
    assert!(texts.iter().any(|(_, text)| text.contains("SELECT")), "no SQL was found");
    let mut wrong = Vec::new();
    for (path, text) in &texts {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
        for word in
            ["SELECT *", "BOOLEAN", "RETURNING *", "NOW()", "CURRENT_TIMESTAMP", "SKIP LOCKED"]
        {
            if flat.contains(word) {
                wrong.push(format!("{path}: {word}: {text}"));
            }
        }
        // EXISTS gives a Boolean when it is selected; inside a condition it is fine.
        if flat.contains("SELECT EXISTS") {
            wrong.push(format!("{path}: bare EXISTS: {text}"));
        }
        for (at, _) in flat.match_indices("SUM(") {
            if !flat[..at].trim_end_matches("COALESCE(").ends_with("CAST(") {
                wrong.push(format!("{path}: SUM without CAST: {text}"));
            }
        }
    }
    none("one SQL text for two databases", wrong);
}

#[test]
fn what_is_read_does_not_write() {
    let mut wrong = Vec::new();
    for file in files(&["rs"]).iter().filter(|file| is_in(file, "store") || is_in(file, "commands"))
    {
        let code: Vec<_> = file.code().map(|(_, line)| line).collect();
        for statement in code.join("\n").split(';') {
            let writes =
                ["INSERT INTO", "UPDATE ", "DELETE FROM"].iter().any(|w| statement.contains(w));
            if writes && statement.contains(".read()") {
                wrong.push(format!("{}: {}", file.path, statement.trim()));
            }
        }
    }
    none("a statement on `tx.read()` never writes", wrong);
}

#[test]
fn a_panic_unwinds() {
    let mut places = Vec::new();
    for path in manifests() {
        let text = fs::read_to_string(&path).expect("a manifest");
        let aborts = text.lines().any(|line| {
            let line: String = line.split_whitespace().collect();
            line.starts_with("panic=") && line.contains("abort")
        });
        if aborts {
            places.push(path.display().to_string());
        }
    }
    none("`panic = \"abort\"` is forbidden: a command that panics is caught", places);
}

fn manifests() -> Vec<PathBuf> {
    let members = CRATES.iter().map(|name| root().join(name).join("Cargo.toml"));
    members.chain([root().join("Cargo.toml")]).collect()
}

#[test]
fn versions_stand_in_the_workspace_only() {
    let mut places = Vec::new();
    for name in CRATES {
        let path = root().join(name).join("Cargo.toml");
        let text = fs::read_to_string(&path).expect("a manifest");
        let mut in_dependencies = false;
        for line in text.lines().map(str::trim) {
            if line.starts_with('[') {
                in_dependencies = line.contains("dependencies");
            }
            let is_entry = in_dependencies && line.contains('=') && !line.starts_with('#');
            if is_entry && !line.contains("workspace = true") {
                places.push(format!("{name}/Cargo.toml: {line}"));
            }
        }
        if !text.contains("[lints]\nworkspace = true") {
            places.push(format!("{name}/Cargo.toml has no [lints] of the workspace"));
        }
    }
    none("every dependency comes from the workspace", places);
}

#[test]
fn sandbox_ids_are_made_at_the_edges_only() {
    let may = |file: &File| {
        let inside = |part| file.is_below(&format!("marketplace-broker/src/{part}"));
        inside("http/extract.rs") || inside("workers/") || inside("store")
    };
    let mut places = Vec::new();
    for file in files(&["rs"]) {
        if !file.is_below("marketplace-broker/src/") || may(&file) {
            continue;
        }
        for (at, line) in file.without_tests().code() {
            let makes = line.contains("parse::<SandboxId>")
                || line.contains("SandboxId::from_str")
                || (line.contains(": SandboxId =") && line.contains("parse()"));
            if makes {
                places.push(format!("{}:{at}: {line}", file.path));
            }
        }
    }
    none("only http/extract.rs, workers/ and store/ make a SandboxId", places);
}

#[test]
fn nothing_sleeps_and_nothing_stands_to_be_done() {
    let mut places = Vec::new();
    for file in files(&["rs", "sql", "html", "ftl"]) {
        for (at, line) in file.text.lines().enumerate() {
            let marks = ["TODO", "FIXME", "XXX"].iter().any(|mark| holds(line, mark));
            let calls = ["todo!(", "unimplemented!(", "dbg!(", "thread::sleep", "time::sleep("];
            if marks || calls.iter().any(|call| line.contains(call)) {
                places.push(format!("{}:{}: {}", file.path, at + 1, line.trim()));
            }
        }
    }
    none("nothing sleeps, and nothing is left for later without an issue", places);
}

#[test]
fn lints_are_expected_with_a_reason_never_allowed() {
    let mut places = Vec::new();
    for file in files(&["rs"]) {
        let flat = file.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for (at, _) in flat.match_indices("[expect(") {
            let inside = flat[at..].split(")]").next().unwrap_or("");
            if !inside.contains("reason = ") {
                places.push(format!("{}: {inside}", file.path));
            }
        }
        for attribute in ["#[allow(", "#![allow(", "#[ignore]", "#[should_panic"] {
            if file.text.contains(attribute) {
                places.push(format!("{}: {attribute}", file.path));
            }
        }
    }
    none("an exception is an `expect` with its reason", places);
}

#[test]
fn tests_wait_in_one_place_only() {
    let polls = ["interval(", "interval_at(", "try_wait(", "spin_loop", "park_timeout"];
    let places = polls
        .iter()
        .flat_map(|word| said(word, &["tests/"], |file| file.path == "tests/support/wait.rs"));
    none("only tests/support/wait.rs polls", places.collect::<Vec<_>>());
}

#[test]
fn tests_of_both_databases_name_the_missing_one() {
    let mut places = Vec::new();
    for file in files(&["rs"]).iter().filter(|file| file.is_below("tests/")) {
        let lines: Vec<_> = file.text.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate() {
            let ignored = at > 0 && lines[at - 1].starts_with("#[cfg_attr(no_postgres, ignore = ");
            if line.starts_with("#[case::postgres") && !ignored {
                places.push(format!("{}:{}", file.path, at + 1));
            }
        }
    }
    none("a case on PostgreSQL is ignored with the reason where there is none", places);
}

#[test]
fn every_path_that_the_map_names_exists() {
    let map = root().join("ARCHITECTURE.md");
    let text =
        fs::read_to_string(&map).unwrap_or_else(|error| panic!("{}: {error}", map.display()));
    let mut places = Vec::new();
    for quoted in text.split('`').skip(1).step_by(2) {
        let is_path = quoted.contains('/')
            && quoted.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
            && !quoted.starts_with(['/', '.', '-']);
        if !is_path {
            continue;
        }
        let path = quoted.trim_end_matches('/');
        let below = |folder: &str| root().join(folder).join(path).exists();
        let known =
            below("") || CRATES.iter().any(|name| below(name) || below(&format!("{name}/src")));
        if !known {
            places.push(quoted.to_owned());
        }
    }
    none("ARCHITECTURE.md names what is there", places);
}

#[test]
fn the_rules_find_what_breaks_them() {
    assert!(holds("use sqlx::query;", "sqlx") && !holds("use not_sqlx;", "sqlx"));
    assert!(holds("x.await; async fn run()", "async fn") && !holds("FakeClock", "Clock"));
    let file = File { path: String::new(), text: "//! sqlx\nlet a = 1; // sqlx\nsqlx".to_owned() };
    assert_eq!(file.says("sqlx").count(), 1);
    let types = "#[derive(Debug, ToSchema)]\n#[schema(as = B)]\npub struct A {\n#[derive(ToSchema)]\npub enum C";
    assert_eq!(schemas(types).collect::<Vec<_>>(), ["B", "C"]);
    assert!(sql().len() > 50 && files(&["rs"]).len() > 100 && files(&["sql"]).len() > 1);
}
