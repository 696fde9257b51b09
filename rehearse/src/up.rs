//! `rehearse up`: broker and publisher in one process, until Ctrl-C. Prints where everything is, or one ready line.

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
    pin::{Pin, pin},
};

use serde::Serialize;
use shared::{
    development_ca::certificate_file,
    rehearsal::{LicenseConfirmation, Partner, Publisher, Sandbox},
    secret::Secret,
};
use tempfile::TempDir;

use crate::{
    cli,
    control::Control,
    locate::{self, Note},
    services::{self, BrokerConfig, PublisherConfig, Services},
    term::{Look, Terminal},
    web, words,
};

const SANDBOX: &str = "default";

/// Serves until it is asked to stop; then stops both cleanly.
pub async fn up(asked: cli::Up) -> anyhow::Result<()> {
    let mut stop = pin!(services::asked_to_stop()?);
    // A person at a terminal reads the plain words; the log is for whoever collects it.
    let quiet = std::io::stderr().is_terminal() && asked.log_format == cli::LogFormat::Text;
    services::log(asked.log_format, if quiet { "warn" } else { "info" });
    let throwaway = asked.ephemeral.then(|| services::throwaway_dir(None)).transpose()?;
    let data_dir = throwaway.as_ref().map_or(asked.data_dir.as_path(), TempDir::path).to_owned();
    let publisher = (!asked.no_publisher).then(|| publisher(&asked, &data_dir));
    let running = tokio::select! {
        started = Services::start(broker(&asked, &data_dir), publisher) => started?,
        () = &mut stop => return Ok(()), // nobody was told of it yet
    };
    let served = serve(&asked, &data_dir, &running, stop).await;
    running.stop().await;
    served
}

async fn serve(
    asked: &cli::Up,
    data_dir: &Path,
    running: &Services,
    mut stop: Pin<&mut impl Future<Output = ()>>,
) -> anyhow::Result<()> {
    let _note = tokio::select! {
        announced = announce(asked, data_dir, running) => announced?,
        () = &mut stop => return Ok(()),
    };
    stop.await;
    if !asked.json {
        Terminal::new().line(&words::say("stopping"))?;
    }
    Ok(())
}

/// Tells people and programs that both answer, and leaves the note by which other verbs find the broker.
async fn announce(asked: &cli::Up, data_dir: &Path, running: &Services) -> anyhow::Result<Note> {
    running.ready().await?;
    let base = running.broker_url();
    let control =
        Control::new(web::client_for(data_dir)?, &base, SANDBOX, running.control_token())?;
    let sandbox = control.sandbox().await?;
    let data_dir = &absolute(data_dir);
    let ca_file = asked.tls.then(|| certificate_file(data_dir));
    let ready = Ready::new(running, &sandbox, data_dir, ca_file.as_deref());
    let line = serde_json::to_string(&ready)?;
    let note = Note::leave(data_dir, &base)?;
    if let Some(path) = &asked.json_file {
        locate::write_private(path, &format!("{line}\n"))?;
    }
    let terminal = Terminal::new();
    if asked.json {
        terminal.line(&line)?;
    } else {
        for line in lines(&ready, &sandbox.publisher, terminal) {
            terminal.line(&line)?;
        }
    }
    Ok(note)
}

fn broker(asked: &cli::Up, data_dir: &Path) -> BrokerConfig {
    BrokerConfig {
        listen: asked.listen,
        port: asked.port,
        public_url: asked.public_url.clone(),
        data_dir: data_dir.to_owned(),
        database: asked.database.clone(),
        license_confirmation: asked.license_confirmation.map(Into::into),
        landing_page_url: asked.landing_page_url.clone(),
        webhook_url: asked.webhook_url.clone(),
        outgoing: asked.outgoing.map(Into::into),
        allow_host: asked.allow_host.clone(),
        ca_file: asked.ca_file.clone(),
        tls: asked.tls,
        ..BrokerConfig::default()
    }
}

fn publisher(asked: &cli::Up, data_dir: &Path) -> PublisherConfig {
    PublisherConfig {
        listen: asked.listen,
        port: asked.publisher_port,
        public_url: asked.publisher_public_url.clone(),
        data_dir: data_dir.to_owned(),
        auto: asked.auto,
        tls: asked.tls,
        ..PublisherConfig::default()
    }
}

/// The ready line of interface.md. It carries secrets: it goes to standard output or a private file only.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ready<'a> {
    event: &'static str,
    broker_url: String,
    publisher_url: Option<String>,
    portal_url: String,
    control_token: &'a Secret<String>,
    sandbox: &'a str,
    publisher: PublisherApp<'a>,
    publishers: Vec<PublisherApp<'a>>,
    partner: &'a Partner,
    partners: &'a [Partner],
    database: &'a str,
    data_dir: String,
    /// What the account picker asks for once a browser, and the console, off loopback.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_code: Option<&'a Secret<String>>,
    /// What clients must trust, with `--tls`.
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<&'a Path>,
}

/// How a publisher's app signs in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PublisherApp<'a> {
    publisher_id: &'a str,
    tenant_id: &'a str,
    client_id: &'a str,
    client_secret: &'a Secret<String>,
}

impl<'a> Ready<'a> {
    fn new(
        running: &'a Services,
        sandbox: &'a Sandbox,
        data_dir: &Path,
        ca_file: Option<&'a Path>,
    ) -> Self {
        Self {
            event: "ready",
            portal_url: format!("{}/", running.broker_public_url()),
            broker_url: running.broker_public_url(),
            publisher_url: running.publisher_public_url(),
            control_token: running.control_token(),
            sandbox: &sandbox.id,
            publisher: (&sandbox.publisher).into(),
            publishers: sandbox.publishers.iter().map(Into::into).collect(),
            partner: &sandbox.partner,
            partners: &sandbox.partners,
            database: running.database(),
            data_dir: locate::shown(data_dir),
            access_code: running.access_code(),
            ca_file,
        }
    }
}

impl<'a> From<&'a Publisher> for PublisherApp<'a> {
    fn from(of: &'a Publisher) -> Self {
        Self {
            publisher_id: &of.publisher_id,
            tenant_id: &of.tenant_id,
            client_id: &of.client_id,
            client_secret: &of.client_secret,
        }
    }
}

/// What a person needs to know next. The control token itself is not shown, only where it lies.
fn lines(ready: &Ready<'_>, first: &Publisher, terminal: Terminal) -> Vec<String> {
    let token_file = locate::shown(&locate::token_file(Path::new(&ready.data_dir)));
    let mut lines = vec![terminal.paint(Look::Bold, &words::say("up-title"))];
    lines.push(words::tell("up-broker", &[("url", &*ready.broker_url)]));
    if let Some(url) = &ready.publisher_url {
        lines.push(words::tell("up-publisher", &[("url", url)]));
        let key = if ready.access_code.is_some() { "up-console-code" } else { "up-console" };
        lines.push(words::tell(key, &[("url", url), ("file", &token_file)]));
    }
    if let Some(url) = &first.landing_page_url {
        lines.push(words::tell("up-landing", &[("url", url), ("publisher", &first.name)]));
    }
    if let Some(url) = &first.webhook_url {
        lines.push(words::tell("up-webhook", &[("url", url), ("publisher", &first.name)]));
    }
    if let Some(code) = ready.access_code {
        lines.push(words::tell("up-access-code", &[("code", code.expose())]));
    }
    if let Some(file) = ready.ca_file {
        lines.push(words::tell("up-tls", &[("file", &locate::shown(file))]));
    }
    lines.push(words::tell("up-state", &[("database", ready.database), ("dir", &ready.data_dir)]));
    lines.push(String::new());
    let (key, other) = match first.license_confirmation {
        LicenseConfirmation::Explicit => ("up-explicit", "withActivation"),
        LicenseConfirmation::WithActivation => ("up-with-activation", "explicit"),
    };
    lines.push(words::say(key));
    lines.push(words::tell("up-change", &[("other", other)]));
    let put = [("other", other), ("url", &*ready.broker_url), ("file", &token_file)];
    lines.push(terminal.paint(Look::Dim, &words::tell("up-change-call", &put)));
    lines.push(String::new());
    lines.push(words::tell("up-buy", &[("dir", &ready.data_dir)]));
    lines.push(words::tell("up-webhooks", &[("dir", &ready.data_dir)]));
    lines.push(words::say("up-stop"));
    lines
}

fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::tests::sandbox;

    fn check<T>(look: impl FnOnce(&Ready<'_>, &Sandbox) -> T) -> T {
        check_off_loopback(None, look)
    }

    fn check_off_loopback<T>(
        access_code: Option<&Secret<String>>,
        look: impl FnOnce(&Ready<'_>, &Sandbox) -> T,
    ) -> T {
        let sandbox = sandbox();
        let token = Secret::new("control-secret".to_owned());
        let ready = Ready {
            event: "ready",
            broker_url: "http://127.0.0.1:8700".to_owned(),
            publisher_url: Some("http://127.0.0.1:8701".to_owned()),
            portal_url: "http://127.0.0.1:8700/".to_owned(),
            control_token: &token,
            sandbox: &sandbox.id,
            publisher: (&sandbox.publisher).into(),
            publishers: sandbox.publishers.iter().map(Into::into).collect(),
            partner: &sandbox.partner,
            partners: &sandbox.partners,
            database: "sqlite:.rehearsal/broker.db",
            data_dir: "/home/dana/.rehearsal".to_owned(),
            access_code,
            ca_file: access_code.map(|_| Path::new("/home/dana/.rehearsal/development-ca.pem")),
        };
        look(&ready, &sandbox)
    }

    #[test]
    fn the_ready_line_has_the_documented_members() {
        let line = check(|ready, _| serde_json::to_value(ready).unwrap());
        let mut members: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        let documented = "brokerUrl controlToken dataDir database event partner partners portalUrl publisher publisherUrl \
            publishers sandbox";
        assert_eq!(members.join(" "), documented);
        assert_eq!(line["controlToken"], "control-secret");
        assert_eq!(line["publisher"]["clientSecret"], "publisher-secret");
        assert_eq!(line["partner"]["mpnId"], "1234567");
        assert_eq!(line["partner"]["clientSecret"], "partner-secret");
        for member in ["partnerId", "kind", "accountKind", "agreementSigned", "users"] {
            assert!(line["partner"].get(member).is_some(), "{member}: {line}");
        }
        assert_eq!(line["partners"][0], line["partner"]);
    }

    #[test]
    fn off_loopback_the_access_code_is_told_and_with_tls_what_to_trust() {
        let code = Secret::new("7F3K-2Q9D".to_owned());
        let (json, plain) = check_off_loopback(Some(&code), |ready, sandbox| {
            let plain = lines(ready, &sandbox.publisher, Terminal::new()).join("\n");
            (serde_json::to_value(ready).unwrap(), plain)
        });
        assert_eq!(json["accessCode"], "7F3K-2Q9D");
        assert_eq!(json["caFile"], "/home/dana/.rehearsal/development-ca.pem");
        assert!(plain.contains("7F3K-2Q9D"), "{plain}");
        assert!(plain.contains("/s/default/console asks for the access code"), "{plain}");
        assert!(plain.contains("/home/dana/.rehearsal/development-ca.pem"), "{plain}");
    }

    #[test]
    fn people_are_told_where_the_token_lies_and_not_the_token() {
        let plain =
            check(|ready, sandbox| lines(ready, &sandbox.publisher, Terminal::new()).join("\n"));
        assert!(
            !plain.contains("control-secret") && !plain.contains("publisher-secret"),
            "{plain}"
        );
        for part in [
            "http://127.0.0.1:8701/s/default/console",
            "http://127.0.0.1:8701/s/default/contoso/webhook",
            "/home/dana/.rehearsal/control-token",
            "--license-confirmation withActivation",
            "/rehearsal/v1/sandboxes/default/publisher",
            "rehearse buy",
        ] {
            assert!(plain.contains(part), "{part} is missing in:\n{plain}");
        }
    }
}
