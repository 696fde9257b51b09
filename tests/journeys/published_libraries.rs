//! Microsoft's own identity libraries against the broker, unchanged but for authority and CA: MSAL for Python and
//! azure-identity, as PyPI has them. `tokens.py` beside this file is the program a publisher would write.

use std::{fs, path::PathBuf, process::Command};

use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};

use crate::support::{Ask, tls_stage::TlsStage};

/// What is installed: versions that were tried.
const PACKAGES: [&str; 3] = ["msal==1.39.0", "azure-identity==1.27.0", "requests"];

/// A Python that has the packages; made once a target folder.
fn python() -> PathBuf {
    let dir =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("python-{}", PACKAGES.join("-")));
    let python = dir.join("bin/python");
    let complete = dir.join("complete");
    if !complete.exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&dir));
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run(Command::new(&python).args(pip).args(PACKAGES));
        fs::write(complete, "").unwrap();
    }
    python
}

fn run(command: &mut Command) -> String {
    let done = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {}\n{said}{told}", done.status);
    said
}

/// A publisher's own key with its certificate, for assertions instead of a secret.
fn certificate() -> (String, String) {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let params = CertificateParams::new(["publisher.example".to_owned()]).unwrap();
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

#[tokio::test]
#[cfg_attr(no_python, ignore = "python3 with venv is not installed")]
async fn msal_and_azure_identity_need_authority_and_ca_only() {
    let stage = TlsStage::start().await;
    let (certificate, key) = certificate();
    let keys = "/rehearsal/v1/sandboxes/default/publishers/contoso/client-keys";
    let register = stage.client().post(format!("{}{keys}", stage.text("/brokerUrl")));
    let register = register.bearer_auth(stage.text("/controlToken"));
    register.json(&json!({"certificate": certificate})).ask().await.is(201);
    let pem = stage.dir().join("publisher.pem");
    fs::write(&pem, format!("{key}{certificate}")).unwrap();

    let python = tokio::task::spawn_blocking(python).await.unwrap();
    let mut program = Command::new(python);
    program
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/journeys/published_libraries/tokens.py"))
        .env("REQUESTS_CA_BUNDLE", stage.text("/caFile"))
        .env("BROKER_URL", stage.text("/brokerUrl"))
        .env("TENANT_ID", stage.text("/publisher/tenantId"))
        .env("CLIENT_ID", stage.text("/publisher/clientId"))
        .env("CLIENT_SECRET", stage.text("/publisher/clientSecret"))
        .env("CERTIFICATE_FILE", pem);
    let said = tokio::task::spawn_blocking(move || run(&mut program)).await.unwrap();
    let ways: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(ways.len(), 6, "{said}");
    for way in &ways {
        assert_eq!(way["status"], 200, "{way}");
        assert_eq!(way["aud"], "20e940b3-4c77-4b0b-9a53-9e16a1b010a7", "{way}");
        assert_eq!(way["tid"], stage.text("/publisher/tenantId"), "{way}");
        assert_eq!(way["app"], stage.text("/publisher/clientId"), "{way}");
    }
}
