//! A publisher, a stand-in for the marketplace, and a browser. Used by the tests of this folder.

mod broker;
mod identity;
mod sender;
mod world;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::HeaderMap;
use isv_publisher_sim::{
    config::Config,
    server::{self, Outside, Running},
};
use shared::secret::Secret;
use tempfile::TempDir;

pub use sender::{KID, NEW_KEY, OLD_KEY, Sending, public_key};
pub use world::{BENEFICIARY, OPERATION, PURCHASER, SUBSCRIPTION, World};

/// The stand-in's control token.
pub const CONTROL_TOKEN: &str = "control";
/// The landing page.
pub const LANDING: &str = "/s/default/contoso/landing";

/// Publisher and stand-in, both on free ports.
pub struct Setting {
    pub world: Arc<Mutex<World>>,
    pub broker: String,
    pub folder: TempDir,
    pub publisher: Option<Running>,
}

impl Setting {
    pub async fn new() -> Self {
        let world = Arc::new(Mutex::new(World::default()));
        let broker = broker::start(world.clone()).await;
        let mut setting = Self { world, broker, folder: TempDir::new().unwrap(), publisher: None };
        setting.start(|_| {}).await;
        setting
    }

    pub async fn start(&mut self, change: impl FnOnce(&mut Config)) {
        let mut config = Config {
            port: 0,
            broker_url: self.broker.parse().unwrap(),
            data_dir: self.folder.path().join("data"),
            ..Config::default()
        };
        change(&mut config);
        let listener = server::bind(&config).unwrap();
        let token = Secret::new(CONTROL_TOKEN.to_owned());
        let started = server::start(config, token, listener, Outside::system()).await;
        self.publisher = Some(started.unwrap_or_else(|error| panic!("{error}")));
    }

    pub async fn stop(&mut self) {
        self.publisher.take().unwrap().stop().await;
    }

    pub fn world(&self) -> World {
        self.world.lock().unwrap().clone()
    }

    pub fn change(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.world.lock().unwrap());
    }

    pub fn url(&self) -> &str {
        self.publisher.as_ref().unwrap().url()
    }

    pub fn browser(&self) -> Browser {
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Browser { client, base: self.url().to_owned() }
    }

    /// Waits until what the marketplace knows fits; each look lets the workers go on.
    pub async fn until(&self, what: &str, fits: impl Fn(&World) -> bool) {
        let browser = self.browser();
        let seen = async {
            while !fits(&self.world()) {
                browser.get("/health/live").await;
            }
        };
        let seen = tokio::time::timeout(Duration::from_secs(20), seen).await;
        seen.unwrap_or_else(|_| panic!("never: {what}"));
    }

    /// Waits until the marketplace has heard who submitted the form.
    pub async fn reported(&self) {
        self.until("a report of the setup", |world| !world.setups.is_empty()).await;
    }

    /// Chooses how the publisher answers webhooks.
    pub async fn behave(&self, behavior: &str) {
        let url = format!("{}/s/default/contoso/behavior", self.url());
        let put = self.browser().client.put(url).bearer_auth(CONTROL_TOKEN);
        let done = shown(put.json(&serde_json::json!({"webhook": behavior}))).await;
        assert_eq!(done.status, 200, "{}", done.text);
    }
}

/// Looks at a page below the sandbox until it shows `part`, and answers it; each look lets the workers go on.
pub async fn settled(setting: &Setting, page: &str, part: &str) -> String {
    let browser = setting.browser();
    browser.sign_in().await;
    let seen = async {
        loop {
            let text = browser.get(&format!("/s/default/{page}")).await.text;
            if text.contains(part) {
                return text;
            }
        }
    };
    let seen = tokio::time::timeout(Duration::from_secs(20), seen).await;
    seen.unwrap_or_else(|_| panic!("{part} is never shown on {page}"))
}

/// A browser that shows each redirect.
pub struct Browser {
    pub client: reqwest::Client,
    pub base: String,
}

/// What it was shown.
pub struct Shown {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Shown {
    pub fn location(&self) -> &str {
        self.headers["location"].to_str().unwrap()
    }

    /// The token of the page's first form.
    pub fn csrf(&self) -> String {
        let after = self.text.split("name=\"csrf\" value=\"").nth(1).expect("a form");
        after.split('"').next().unwrap().to_owned()
    }
}

impl Browser {
    pub async fn get(&self, path: &str) -> Shown {
        shown(self.client.get(format!("{}{path}", self.base))).await
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Shown {
        shown(self.client.post(format!("{}{path}", self.base)).form(form)).await
    }

    /// Goes to an address that it was sent to.
    pub async fn go(&self, url: &str) -> Shown {
        shown(self.client.get(url)).await
    }

    /// Follows an activation link to the landing page.
    pub async fn arrive(&self) -> Shown {
        let moved = self.get("/s/default/contoso/landing?token=a%2Bb%2Fc%3D%3D").await;
        assert_eq!((moved.status, moved.location()), (303, LANDING));
        self.enter().await
    }

    /// Opens the landing page and signs in if it asks for that; shows the page, or why there is none.
    pub async fn enter(&self) -> Shown {
        let page = self.get(LANDING).await;
        if page.status != 303 {
            return page;
        }
        self.come_back(page.location()).await
    }

    /// Is sent to sign in and comes back to the landing page.
    pub async fn come_back(&self, authorize: &str) -> Shown {
        self.come_to(authorize, LANDING).await
    }

    /// Is sent to sign in and comes back to the page it began at.
    pub async fn come_to(&self, authorize: &str, page: &str) -> Shown {
        let back = self.go(authorize).await;
        assert_eq!(back.status, 303, "{}", back.text);
        let signed_in = self.go(back.location()).await;
        if signed_in.status != 303 {
            return signed_in;
        }
        assert_eq!(signed_in.location(), page);
        self.get(page).await
    }

    /// Submits the form of the landing page.
    pub async fn submit(&self, csrf: &str, people: &str) -> Shown {
        let form = [
            ("csrf", csrf),
            ("site_address", "hanbit"),
            ("admin_name", "이하은"),
            ("admin_email", "haeun@hanbit.example"),
            ("people", people),
        ];
        self.post("/s/default/contoso/landing", &form).await
    }

    /// Signs in to the console and answers the token of its forms.
    pub async fn sign_in(&self) -> String {
        let form = [("token", CONTROL_TOKEN), ("sandbox", "default")];
        let moved = self.post("/console/sign-in", &form).await;
        assert_eq!((moved.status, moved.location()), (303, "/s/default/console"));
        self.get("/s/default/console").await.csrf()
    }

    /// Presses a button of the console and shows what it shows then.
    pub async fn press(&self, button: &str, csrf: &str) -> Shown {
        let path = format!("/s/default/accounts/{SUBSCRIPTION}/{button}");
        let moved = self.post(&path, &[("csrf", csrf)]).await;
        assert_eq!(moved.status, 303, "{}", moved.text);
        self.get("/s/default/console").await
    }
}

pub async fn shown(request: reqwest::RequestBuilder) -> Shown {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Shown { status, headers, text: response.text().await.unwrap() }
}
