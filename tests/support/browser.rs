//! Browsers: one that shows every redirect and keeps cookies (`Visitor`), and a real one (`Browser`). Called by
//! journeys, seed and portal.

use std::{
    fs::{self, File},
    process::Stdio,
};

use fantoccini::ClientBuilder as SessionBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, Url};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::{
    Answer, Ask, Bought, Operator,
    callers::client,
    detect,
    visitor::{action, choice},
    wait,
};

/// Somebody at the publisher's pages.
pub struct Visitor {
    http: Client,
    base: String,
}

impl Visitor {
    pub fn new(base: &str) -> Self {
        Self::with(client(), base)
    }

    /// The same with other settings: which certificates are trusted.
    pub fn with(client: ClientBuilder, base: &str) -> Self {
        let http = client.cookie_store(true).build().expect("a client");
        Self { http, base: base.to_owned() }
    }

    pub fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).ask().await
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.call(Method::POST, path).form(form).ask().await
    }

    /// Opens an address, whatever its host.
    pub async fn open(&self, url: &str) -> Answer {
        self.http.get(url).ask().await
    }

    /// Opens an activation link and follows it to the page behind it, signed in as the person the purchase is for,
    /// whom the sign-in shows first; answers the page and its path.
    pub async fn follow(&self, link: &str) -> (Answer, String) {
        self.follow_as(link, "").await
    }

    /// The same, signed in as the first account that says `who`. Somebody who is signed in already is not asked.
    pub async fn follow_as(&self, link: &str, who: &str) -> (Answer, String) {
        let moved = self.open(link).await.is(303);
        let to = moved.header("location").to_owned();
        assert!(!to.contains("token"), "the token stays in the address: {to}");
        (self.enter(&to, who).await, to)
    }

    /// Opens a landing page and signs in on the way, as the first account that says `who`, if it asks for that.
    pub async fn enter(&self, path: &str, who: &str) -> Answer {
        let page = self.get(path).await;
        if page.status != 303 {
            return page;
        }
        self.sign_in_at(page.header("location"), who).await
    }

    /// Is sent to the sign-in at `authorize`, chooses the first account that says `who` unless one is remembered, and
    /// answers the page of the publisher behind it.
    pub async fn sign_in_at(&self, authorize: &str, who: &str) -> Answer {
        let picker = self.open(authorize).await;
        let back = match picker.status {
            303 => picker.header("location").to_owned(),
            _ => self.choose(authorize, &picker.is(200), who).await,
        };
        self.come_back(&back).await
    }

    /// Comes back from the sign-in; answers the page of the publisher behind it.
    pub async fn come_back(&self, back: &str) -> Answer {
        let signed_in = self.open(back).await;
        if signed_in.status != 303 {
            return signed_in;
        }
        self.get(signed_in.header("location")).await
    }

    /// Chooses the first account that says `who` on the picker at `authorize`; answers where that leads.
    pub async fn choose(&self, authorize: &str, picker: &Answer, who: &str) -> String {
        let account = choice(picker, who).id;
        let chosen = self.press_at(authorize, picker, ("account", &account)).await.is(303);
        chosen.header("location").to_owned()
    }

    /// Presses a button of the form on a page of the sign-in at `authorize`.
    pub async fn press_at(&self, authorize: &str, page: &Answer, button: (&str, &str)) -> Answer {
        let at = Url::parse(authorize).and_then(|url| url.join(&action(page))).expect("an address");
        let csrf = csrf(page);
        let fields = [("csrf", &*csrf), button];
        self.http.post(at).form(&fields).ask().await
    }

    /// Fills in the form of a landing page; answers what comes of it.
    pub async fn submit(&self, page: &Answer, path: &str, people: &str) -> Answer {
        let form = [
            ("csrf", &*csrf(page)),
            ("site_address", "harborlane"),
            ("admin_name", "Priya Nair"),
            ("admin_email", "priya.nair@harborlane.example"),
            ("people", people),
        ];
        self.post(path, &form).await
    }

    /// Signs in to the console and answers its page.
    pub async fn sign_in(&self, token: &str, sandbox: &str) -> Answer {
        let form = [("token", token), ("sandbox", sandbox)];
        let moved = self.post("/console/sign-in", &form).await.is(303);
        self.get(moved.header("location")).await.is(200)
    }

    /// Presses a button of the console; answers the console afterwards.
    pub async fn press(&self, console: &Answer, sandbox: &str, id: &str, button: &str) -> Answer {
        let path = format!("/s/{sandbox}/accounts/{id}/{button}");
        let moved = self.post(&path, &[("csrf", &csrf(console))]).await.is(303);
        self.get(moved.header("location")).await.is(200)
    }
}

/// The buyer opens the link and fills in the form; the publisher, which is on its own, does the rest.
pub async fn set_up(operator: &Operator, publisher: &str, purchase: &Bought, people: &str) {
    let visitor = Visitor::new(publisher);
    let (landing, path) = visitor.follow(&purchase.link).await;
    visitor.submit(&landing, &path, people).await.is(303);
    operator.billed(&purchase.id).await;
}

/// The token of the page's first form.
#[track_caller]
pub fn csrf(page: &Answer) -> String {
    let after = page.text.split("name=\"csrf\" value=\"").nth(1);
    let value = after.and_then(|after| after.split('"').next());
    value.unwrap_or_else(|| panic!("no form: {page}")).to_owned()
}

/// A real browser with a driver process of its own, both on loopback.
pub struct Browser {
    pub page: fantoccini::Client,
    _driver: Child,
    _profile: TempDir,
}

impl Browser {
    pub async fn start() -> Self {
        let (chromium, driver) = detect::browser().expect("chromium and chromedriver");
        let profile = tempfile::tempdir().expect("a folder");
        let log = profile.path().join("driver.log");
        let output = File::create(&log).expect("a file");
        let driver = Command::new(driver)
            .args(["--port=0", "--allowed-ips=127.0.0.1"])
            .env("TMPDIR", profile.path())
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver starts");
        let port = wait::until("chromedriver", async || {
            let said = fs::read_to_string(&log).ok()?;
            let (_, port) = said.split_once("started successfully on port ")?;
            Some(port.split_once('.')?.0.to_owned())
        });
        let port = port.await;
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            format!("--user-data-dir={}", profile.path().join("profile").display()),
        ];
        let options = json!({"binary": chromium, "args": arguments});
        let Value::Object(capabilities) = json!({"goog:chromeOptions": options}) else {
            unreachable!("an object")
        };
        let page = SessionBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a browser session");
        Self { page, _driver: driver, _profile: profile }
    }

    /// Does what leads to another page, and waits until that page is there: the mark left on the old one is gone.
    pub async fn leave(
        &self,
        act: impl AsyncFnOnce(&fantoccini::Client) -> Result<(), fantoccini::error::CmdError>,
    ) {
        let mark = "document.documentElement.dataset.left = 'not yet'";
        self.page.execute(mark, Vec::new()).await.expect("a script");
        act(&self.page).await.expect("an action");
        let arrived = "return document.readyState === 'complete' \
            && document.documentElement.dataset.left === undefined";
        wait::until("the next page", async || {
            // While the browser is between two pages there is nothing to ask.
            let there = self.page.execute(arrived, Vec::new()).await.ok()?;
            there.as_bool().filter(|there| *there)
        })
        .await;
    }

    /// Closes the window, which ends the browser.
    pub async fn stop(self) {
        self.page.close().await.expect("a session to close");
    }
}
