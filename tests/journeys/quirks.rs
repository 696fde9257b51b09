//! `rehearse quirks` as it is typed: the table without a broker, and a sandbox's choice with one.

use serde_json::Value;

use crate::support::{Db, World, processes::Process};

#[tokio::test]
async fn the_table_needs_no_broker_and_names_its_sources() {
    let nowhere = tempfile::tempdir().unwrap();
    let dir = nowhere.path().to_str().unwrap();
    let ended = Process::rehearse(&["quirks", "--json", "--data-dir", dir], &[]).ended().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let table: Value = serde_json::from_str(ended.stdout.trim()).unwrap();
    let rows = table["quirks"].as_array().unwrap();
    assert!(rows.len() >= 30, "{}", rows.len());
    for row in rows {
        for member in ["number", "id", "what", "source", "date"] {
            assert!(row[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {row}");
        }
        for profile in ["documented", "observed", "sdk2"] {
            assert!(row["profiles"][profile].is_string(), "{row}");
        }
    }
    let ended = Process::rehearse(&["quirks", "--data-dir", dir], &[]).ended().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for row in rows {
        let line = ended.stdout.lines().find(|line| {
            line.starts_with(row["number"].as_str().unwrap())
                && line.contains(row["id"].as_str().unwrap())
        });
        assert!(line.is_some_and(|line| line.len() <= 100), "{row}: {line:?}");
    }
    let ended = Process::rehearse(&["quirks", "show", "no_quirk"], &[]).ended().await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
}

#[tokio::test]
async fn a_sandbox_is_set_and_shown() {
    let world = World::new(Db::Sqlite).await;
    let env = [("REHEARSE_URL", &*world.base), ("REHEARSE_TOKEN", &*world.operator.token)];
    let run = async |args: &[&str]| {
        let all = [&["quirks"], args, &["--sandbox", "rehearsal-1"]].concat();
        Process::rehearse(&all, &env).ended().await
    };
    let set = run(&["set", "late_cancel", "multi_year_fail"]).await;
    assert_eq!(set.code, Some(0), "{set:?}");
    assert!(set.stdout.contains("multi_year_fail (set)"), "{set:?}");
    let shown = run(&[]).await;
    assert!(shown.stdout.contains("profile documented"), "{shown:?}");
    assert!(shown.stdout.contains("multi_year_fail (set)"), "{shown:?}");
    let refused = run(&["set", "late_cancel", "never"]).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("allow, multi_year_fail"), "{refused:?}");
    let profile = run(&["profile", "sdk2", "--json"]).await;
    let profile: Value = serde_json::from_str(profile.stdout.trim()).unwrap();
    assert_eq!(profile["profile"], "sdk2");
    let reset = run(&["reset", "late_cancel", "--json"]).await;
    let reset: Value = serde_json::from_str(reset.stdout.trim()).unwrap();
    assert_eq!((&reset["value"], &reset["origin"]), (&"allow".into(), &"profile".into()));
    world.stop().await;
}
