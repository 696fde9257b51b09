//! `rehearse offers add`: offers of one's own, from a file to a purchase.

use std::fs;

use serde_json::{Value, json};

use crate::support::processes::Process;

#[tokio::test]
async fn offers_of_a_file_are_bought_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("state");
    let at = data.to_str().unwrap();
    let args = ["up", "--port", "0", "--publisher-port", "0", "--json", "--data-dir", at];
    let up = Process::rehearse(&args, &[]);
    up.first_line().await;
    let run = async |args: &[&str]| {
        Process::rehearse(&[args, &["--data-dir", at]].concat(), &[]).ended().await
    };
    let file = dir.path().join("offers.json");
    let path = file.to_str().unwrap();
    let mut offers = json!([{"publisherId": "contoso", "offerId": "own", "name": "Our Own", "plans": [
        {"planId": "flat", "name": "Flat", "markets": ["US"],
         "prices": [{"currency": "USD", "term": "P1M", "billingCycle": "monthly", "unitPrice": 5}]}]}]);
    fs::write(&file, offers.to_string()).unwrap();
    let added = run(&["offers", "add", path]).await;
    assert_eq!(added.code, Some(0), "{added:?}");
    assert!(added.stdout.starts_with("added own: product DZH9S"), "{added:?}");
    let again = run(&["offers", "add", path, "--json"]).await;
    let said: Value = serde_json::from_str(again.stdout.trim()).unwrap();
    assert_eq!(said["offers"][0]["revision"], 2, "{again:?}");
    let bought = run(&["buy", "--offer", "own", "--plan", "flat", "--json"]).await;
    assert_eq!(bought.code, Some(0), "{bought:?}");

    offers[0]["plans"][0]["markets"][0] = "XX".into();
    fs::write(&file, json!({"offers": offers}).to_string()).unwrap();
    let refused = run(&["offers", "add", path]).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("offers[0].plans[0].markets[0]"), "{refused:?}");
    fs::write(&file, "{").unwrap();
    for file in [path, "nowhere.json"] {
        let refused = run(&["offers", "add", file]).await;
        assert_eq!(
            (refused.code, refused.stderr.trim().lines().count()),
            (Some(1), 1),
            "{refused:?}"
        );
        assert!(refused.stderr.contains(file), "{refused:?}");
    }
    assert_eq!(up.terminate().await.code, Some(0));
}
