//! The CA over its life: made once, the same for all who ask, replaced before it ends; certificates likewise.

use super::*;
use crate::{clock::FakeClock, entropy::SystemEntropy};

const START: &str = "2026-11-25T12:00:00Z";

fn ca(dir: &Path, at: Timestamp) -> DevelopmentCa {
    DevelopmentCa::of(dir, at, &SystemEntropy).unwrap()
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

#[test]
fn a_ca_is_made_once_and_shown_to_whoever_must_trust_it() {
    let dir = tempfile::tempdir().unwrap();
    let start: Timestamp = START.parse().unwrap();
    let made = ca(dir.path(), start).certificate;
    assert!(made.starts_with("-----BEGIN CERTIFICATE-----"), "{made}");
    assert_eq!(ca(dir.path(), start + days(365)).certificate, made);
    let shown = fs::read_to_string(certificate_file(dir.path())).unwrap();
    assert_eq!(shown, made);
    assert!(!shown.contains("PRIVATE"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "no draft is left");
}

#[cfg(unix)]
#[test]
fn the_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    ca(dir.path(), START.parse().unwrap());
    let mode = fs::metadata(dir.path().join(CA_FILE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn who_asks_at_once_gets_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let start: Timestamp = START.parse().unwrap();
    let ask = || ca(dir.path(), start).certificate;
    let all: Vec<String> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    assert!(all.iter().all(|one| *one == all[0]));
}

#[test]
fn a_ca_that_ends_soon_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let start: Timestamp = START.parse().unwrap();
    let made = ca(dir.path(), start).certificate;
    let late = start + CA_LIFETIME - CA_REST;
    assert_eq!(ca(dir.path(), late - days(1)).certificate, made);
    let next = ca(dir.path(), late).certificate;
    assert_ne!(next, made);
    assert_eq!(fs::read_to_string(certificate_file(dir.path())).unwrap(), next);
}

#[test]
fn a_broken_file_is_told_and_left() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(CA_FILE), "nothing of use").unwrap();
    let told = DevelopmentCa::of(dir.path(), START.parse().unwrap(), &SystemEntropy).err().unwrap();
    assert!(told.to_string().contains("delete it"), "{told}");
}

#[test]
fn a_file_that_is_damaged_anywhere_is_told_and_left() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let start: Timestamp = START.parse().unwrap();
    let (mine, theirs) = (ca(dir.path(), start).certificate, ca(other.path(), start).certificate);
    let path = dir.path().join(CA_FILE);
    let whole = fs::read_to_string(&path).unwrap();
    let middle = mine.lines().nth(3).unwrap();
    let reversed: String = middle.chars().rev().collect();
    for damaged in [
        String::new(),
        whole[..whole.len() / 2].to_owned(),
        whole[..whole.len() - 60].to_owned(),
        whole.replace(VALID_UNTIL, "Until: "),
        whole.replace("PRIVATE KEY", "PUBLIC KEY"),
        whole.replace(middle, &reversed),
        whole.replace(middle, ""),
        whole.replace(&mine, &theirs), // the certificate of another key
    ] {
        fs::write(&path, &damaged).unwrap();
        let told = DevelopmentCa::of(dir.path(), start, &SystemEntropy).err();
        let told = told.unwrap_or_else(|| panic!("taken: {damaged}")).to_string();
        assert!(told.contains(CA_FILE) && told.contains("delete it"), "{told}");
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged, "left as it is");
    }
    fs::write(&path, &whole).unwrap();
    fs::write(certificate_file(dir.path()), "damaged").unwrap();
    assert_eq!(ca(dir.path(), start).certificate, mine, "what is shown is written anew");
    assert_eq!(fs::read_to_string(certificate_file(dir.path())).unwrap(), mine);
}

#[test]
fn a_file_of_roots_is_read_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let pem = ca(dir.path(), START.parse().unwrap()).certificate;
    let path = dir.path().join("roots.pem");
    for text in [pem.clone(), format!("a note\n{pem}\n{pem}")] {
        fs::write(&path, &text).unwrap();
        assert_eq!(read_roots(&path).unwrap(), text.as_bytes());
    }
    let cut = pem.replace(pem.lines().nth(3).unwrap(), "");
    for text in [String::new(), "text".to_owned(), format!("{pem}{cut}"), pem.replace('M', "!")] {
        fs::write(&path, &text).unwrap();
        let told = read_roots(&path).unwrap_err().to_string();
        assert!(told.contains("roots.pem"), "{told}");
    }
    let missing = read_roots(&dir.path().join("missing.pem")).unwrap_err().to_string();
    assert!(missing.contains("missing.pem"), "{missing}");
}

#[test]
fn a_certificate_is_made_anew_before_it_ends() {
    let dir = tempfile::tempdir().unwrap();
    let start: Timestamp = START.parse().unwrap();
    let clock = FakeClock::at(start);
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()].to_vec();
    let issuer = ca(dir.path(), start).issuer;
    let certificates = Certificates::new(issuer, names, Arc::new(clock.clone())).unwrap();
    let first = certificates.present();
    clock.advance(certificates::RENEWED_AFTER - days(1));
    assert_eq!(certificates.present().cert, first.cert);
    clock.advance(days(1));
    assert_ne!(certificates.present().cert, first.cert);
    assert!(certificates::RENEWED_AFTER < certificates::LIFETIME);
}

#[test]
fn names_are_told_once_and_without_brackets() {
    let others = ["[::1]", "broker", "192.168.1.7"].map(str::to_owned);
    let names = names("192.168.1.7".parse().unwrap(), others);
    assert_eq!(names, ["localhost", "127.0.0.1", "::1", "192.168.1.7", "broker"]);
    assert_eq!(super::names("0.0.0.0".parse().unwrap(), []).len(), 3);
}

#[test]
fn a_name_that_is_none_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let start: Timestamp = START.parse().unwrap();
    let clock = Arc::new(FakeClock::at(start));
    let told = ca(dir.path(), start).server_config(vec!["카페".to_owned()], clock).err().unwrap();
    assert!(told.to_string().contains("카페"), "{told}");
}
