//! Whom an id token names, and whom a purchase lets in.

use super::*;

const NOW: i64 = 1_800_000_000;
const TENANT: &str = "11111111-0000-0000-0000-000000000001";
const OBJECT: &str = "33333333-0000-0000-0000-00000000000a";

fn claims() -> IdClaims {
    IdClaims {
        aud: "app".to_owned(),
        iss: format!("https://issuer/{TENANT}/v2.0"),
        tid: TENANT.to_owned(),
        oid: OBJECT.to_owned(),
        nonce: Some("n1".to_owned()),
        nbf: Some(NOW - 300),
        exp: NOW + 300,
        name: Some("이하은".to_owned()),
        preferred_username: Some("haeun@hanbit.example".to_owned()),
    }
}

fn check(change: impl FnOnce(&mut IdClaims)) -> Result<Visitor, UnsoundIdentity> {
    let asked = Asked {
        client: "app".to_owned(),
        issuer: "https://issuer/{tenantid}/v2.0".to_owned(),
        nonce: Secret::new("n1".to_owned()),
    };
    let mut claims = claims();
    change(&mut claims);
    claims.check(&asked, Timestamp::from_second(NOW).unwrap())
}

#[test]
fn a_sound_token_names_the_visitor() {
    let visitor = check(|_| {}).unwrap();
    assert_eq!(visitor.id, UserId { tenant: TENANT.to_owned(), object: OBJECT.to_owned() });
    assert_eq!((&*visitor.name, &*visitor.username), ("이하은", "haeun@hanbit.example"));
    assert!(check(|claims| claims.aud = "APP".to_owned()).is_ok());
    assert!(check(|claims| claims.nbf = None).is_ok());
    assert!(check(|claims| claims.exp = NOW - LEEWAY_S + 1).is_ok());
    assert!(check(|claims| claims.nbf = Some(NOW + LEEWAY_S)).is_ok());
}

#[test]
fn every_claim_must_fit() {
    use UnsoundIdentity::{Audience, Expired, Issuer, Nonce, NotYet, Unreadable};
    let other = "44444444-0000-0000-0000-000000000004";
    let is = |change: fn(&mut IdClaims), why| assert_eq!(check(change), Err(why));
    is(|claims| claims.exp = NOW - LEEWAY_S, Expired);
    is(|claims| claims.exp = i64::MIN, Expired);
    is(|claims| claims.nbf = Some(NOW + LEEWAY_S + 1), NotYet);
    is(|claims| claims.aud = String::new(), Audience);
    is(|claims| claims.aud = "other".to_owned(), Audience);
    is(|claims| claims.iss.push('/'), Issuer);
    is(|claims| claims.iss = "https://issuer/{tenantid}/v2.0".to_owned(), Issuer);
    is(|claims| claims.nonce = None, Nonce);
    is(|claims| claims.nonce = Some(String::new()), Nonce);
    is(|claims| claims.nonce = Some("n2".to_owned()), Nonce);
    is(|claims| claims.oid = String::new(), Unreadable);
    assert_eq!(check(|claims| claims.tid = other.to_owned()), Err(Issuer));
    let made_up = |claims: &mut IdClaims| {
        claims.tid = "evil/../x".to_owned();
        claims.iss = "https://issuer/evil/../x/v2.0".to_owned();
    };
    assert_eq!(check(made_up), Err(Issuer));
}

#[test]
fn who_has_no_name_is_called_by_what_they_sign_in_as_and_long_names_are_cut() {
    let named = |name: Option<&str>| {
        check(|claims| claims.name = name.map(str::to_owned)).unwrap().name.chars().count()
    };
    assert_eq!(named(None), "haeun@hanbit.example".len());
    assert_eq!(named(Some(" ")), "haeun@hanbit.example".len());
    assert_eq!(named(Some(&"이".repeat(500))), NAME_MAX);
    let nobody = check(|claims| (claims.name, claims.preferred_username) = (None, None)).unwrap();
    assert_eq!((nobody.name, nobody.username), (String::new(), String::new()));
}

#[test]
fn people_are_told_apart_by_tenant_and_object_id_alone() {
    let id = |tenant: &str, object: &str| UserId {
        tenant: tenant.to_owned(),
        object: object.to_owned(),
    };
    assert!(id("t", "o").is(&id("T", "O")));
    assert!(!id("t", "o").is(&id("t", "p")));
    assert!(!id("t", "o").is(&id("u", "o")));
    for unknown in [id("", ""), id("t", ""), id("", "o")] {
        assert!(!unknown.is(&unknown), "{unknown:?}");
    }
}

#[test]
fn a_sign_in_holds_for_a_day() {
    let at = Timestamp::from_second(NOW).unwrap();
    let signed_in = SignedIn { visitor: check(|_| {}).unwrap(), at };
    assert!(signed_in.holds(at) && signed_in.holds(at + SignedDuration::from_secs(86_399)));
    assert!(!signed_in.holds(at + SignedDuration::from_secs(86_400)));
}
