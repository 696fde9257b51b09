//! What lies in the data dirs is its owner's only.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::support::{Db, World, processes::Process};

/// Every file and folder below, with its mode.
fn modes(dir: &Path) -> Vec<(PathBuf, bool, u32)> {
    let mut found = vec![(dir.to_owned(), true, mode(dir))];
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(modes(&path));
        } else {
            let mode = mode(&path);
            found.push((path, false, mode));
        }
    }
    found
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

#[track_caller]
fn is_private(dir: &Path) {
    let found = modes(dir);
    assert!(found.len() >= 4, "{found:?}");
    for (path, is_dir, mode) in found {
        let allowed = if is_dir { 0o700 } else { 0o600 };
        // A .gitignore holds no secret; everything else does.
        let may_be_read = path.ends_with(".gitignore");
        assert!(mode == allowed || may_be_read, "{}: {mode:o}", path.display());
    }
    assert_eq!(fs::read_to_string(dir.join(".gitignore")).expect("a file"), "*\n");
}

#[tokio::test]
async fn the_brokers_data_dir_is_its_owners_only() {
    let world = World::new(Db::Sqlite).await;
    let bought = world.buy_flat().await;
    world.publisher.activate(&bought.id).await.is(200);
    is_private(world.data_dir());
    for file in ["broker.db", "broker.db-wal", "broker.db.lock", "control-token"] {
        assert!(world.data_dir().join(file).exists(), "{file}");
    }
    let token = fs::read_to_string(world.data_dir().join("control-token")).unwrap();
    assert_eq!(token.trim(), world.operator.token);
    assert!(token.trim().len() >= 43, "256 bits at least");
}

#[tokio::test]
async fn modes_are_put_right_at_the_next_start() {
    let mut world = World::new(Db::Sqlite).await;
    fs::set_permissions(world.data_dir(), fs::Permissions::from_mode(0o755)).unwrap();
    let database = world.data_dir().join("broker.db");
    fs::set_permissions(&database, fs::Permissions::from_mode(0o644)).unwrap();
    world.restart().await;
    assert_eq!(mode(world.data_dir()), 0o700);
    assert_eq!(mode(&database), 0o600);
    world.stop().await;
}

#[tokio::test]
async fn the_command_lines_data_dir_is_its_owners_only() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("state");
    let ready = dir.path().join("ready.json");
    let args = ["up", "--port", "0", "--publisher-port", "0", "--json", "--data-dir"];
    let more = [data.to_str().unwrap(), "--json-file", ready.to_str().unwrap()];
    let up = Process::rehearse(&[&args[..], &more].concat(), &[]);
    let line = up.first_line().await;
    assert_eq!(fs::read_to_string(&ready).unwrap().trim(), line.trim());
    assert_eq!(mode(&ready), 0o600);
    is_private(&data);
    assert_eq!(up.terminate().await.code, Some(0));
}
