//! A browser, as far as the story needs one: opens pages, keeps cookies, follows redirects, fills in forms and presses
//! buttons. Called by `demo`; one of these is one person's window.

use anyhow::{anyhow, bail};
use reqwest::{
    Client, Response, StatusCode,
    header::{LOCATION, ORIGIN, REFERRER_POLICY},
};
use url::Url;

use super::{
    markup,
    page::{self, Form},
};
use crate::{web, words};

const REDIRECTS_AT_MOST: usize = 5;

/// A window with its own cookies, and the page it shows.
#[derive(Debug)]
pub struct Browser {
    http: Client,
    page: Option<Page>,
}

/// What the window shows.
#[derive(Debug)]
pub struct Page {
    /// What stands in the address line.
    pub url: Url,
    /// The markup.
    pub html: String,
    /// Whether the page asked for no referrer: then a browser hides the origin of its forms too.
    hides_origin: bool,
}

impl Browser {
    /// A fresh window.
    pub fn open() -> anyhow::Result<Self> {
        Ok(Self { http: web::build(web::builder().cookie_store(true))?, page: None })
    }

    /// Goes to an address and shows the page at its end.
    pub async fn goto(&mut self, url: &Url) -> anyhow::Result<&Page> {
        let answer = self.http.get(url.clone()).send().await.map_err(|e| lost(url, e))?;
        self.follow(answer, url).await
    }

    /// The page that is shown.
    pub fn page(&self) -> anyhow::Result<&Page> {
        self.page.as_ref().ok_or_else(|| anyhow!(words::say("no-page")))
    }

    /// Fills in `form` of the page that is shown and sends it by the button that says `label`, or the first.
    pub async fn submit(
        &mut self,
        form: &Form,
        label: Option<&str>,
        values: &[(&str, &str)],
    ) -> anyhow::Result<&Page> {
        let page = self.page()?;
        let url = page.url.join(&form.action)?;
        let filled = fill(form, label, values)?;
        let origin = match page.hides_origin {
            true => "null".to_owned(),
            false => page.url.origin().ascii_serialization(),
        };
        let request = self.http.post(url.clone()).form(&filled);
        let request = request.header(ORIGIN, origin).header("sec-fetch-site", "same-origin");
        let answer = request.send().await.map_err(|error| lost(&url, error))?;
        self.follow(answer, &url).await
    }

    /// Presses the button that sends `field` and mentions `whom`, among those of the page that is shown.
    pub async fn choose(&mut self, field: &str, whom: &str) -> anyhow::Result<&Page> {
        let (form, label) = self.page()?.choice(field, whom)?;
        self.submit(&form, Some(&label), &[]).await
    }

    /// Follows the redirects of an answer, as far as a browser would be asked to.
    async fn follow(&mut self, answer: Response, from: &Url) -> anyhow::Result<&Page> {
        let (mut answer, mut url) = (answer, from.clone());
        for _ in 0..REDIRECTS_AT_MOST {
            let Some(next) = redirect(&answer, &url)? else {
                return self.show(answer, url).await;
            };
            url = next;
            answer = self.http.get(url.clone()).send().await.map_err(|e| lost(&url, e))?;
        }
        bail!(words::say("redirected-in-circles"))
    }

    async fn show(&mut self, answer: Response, url: Url) -> anyhow::Result<&Page> {
        let status = answer.status();
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
        let hides_origin = header(REFERRER_POLICY) == Some("no-referrer");
        let html = answer.text().await.map_err(|error| lost(&url, error))?;
        if !status.is_success() {
            let said = heading(&html);
            let place = place(&url);
            let values = [("url", place.as_str()), ("status", status.as_str()), ("said", &said)];
            bail!(words::tell("page-refused", &values));
        }
        Ok(self.page.insert(Page { url, html, hides_origin }))
    }
}

impl Page {
    /// The first form with a field called `field`.
    pub fn form_with(&self, field: &str) -> anyhow::Result<Form> {
        page::forms(&self.html)
            .into_iter()
            .find(|form| form.is_post && form.has(field))
            .ok_or_else(|| anyhow!(words::tell("no-field", &[("field", field)])))
    }

    /// The form that offers a choice of `field` with a button that mentions `whom`, and what that button says.
    fn choice(&self, field: &str, whom: &str) -> anyhow::Result<(Form, String)> {
        let mut forms = page::forms(&self.html).into_iter().filter(|form| form.is_post);
        let found = forms.find_map(|form| {
            let label = form.choices(field).find(|label| label.contains(whom))?.to_owned();
            Some((form, label))
        });
        found.ok_or_else(|| anyhow!(words::tell("no-choice", &[("field", field), ("whom", whom)])))
    }

    /// The form with a button that says `label` and can be pressed; of several, the one about `subject`.
    #[must_use]
    pub fn form_by_button(&self, label: &str, subject: &str) -> Option<Form> {
        let mut forms = page::forms(&self.html);
        forms.retain(|form| form.is_post && form.button(label).is_some());
        let about = forms.iter().find(|form| form.mentions(subject));
        about.or(forms.first()).cloned()
    }
}

/// Where an answer leads; `None` for a page.
fn redirect(answer: &Response, from: &Url) -> anyhow::Result<Option<Url>> {
    let status = answer.status();
    if !matches!(status, StatusCode::SEE_OTHER | StatusCode::FOUND | StatusCode::MOVED_PERMANENTLY)
    {
        return Ok(None);
    }
    let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let location = location.ok_or_else(|| anyhow!(words::say("redirect-nowhere")))?;
    Ok(Some(from.join(location)?))
}

/// What the form sends when `values` are typed in and the button is pressed.
fn fill(
    form: &Form,
    label: Option<&str>,
    values: &[(&str, &str)],
) -> anyhow::Result<Vec<(String, String)>> {
    let mut filled = form.fields.clone();
    for (name, value) in values {
        let Some(field) = filled.iter_mut().find(|(known, _)| known == name) else {
            bail!(words::tell("no-field", &[("field", name)]));
        };
        field.1 = (*value).to_owned();
    }
    let pressed = match label {
        Some(label) => form.button(label),
        None => form.buttons.first(),
    };
    filled.extend(pressed.and_then(|button| button.sends.clone()));
    Ok(filled)
}

/// An address for people: without its query, where a purchase token may stand.
fn place(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

fn lost(url: &Url, error: reqwest::Error) -> anyhow::Error {
    web::unreachable(&place(url), error)
}

/// What a page says first.
fn heading(html: &str) -> String {
    let inside = html.split("<h1").nth(1).and_then(|rest| rest.split_once('>'));
    let told = inside.and_then(|(_, rest)| rest.split("</h1").next()).map(markup::text);
    told.unwrap_or_else(|| markup::text(html).chars().take(120).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_goes_out_with_its_hidden_fields_and_the_pressed_button() {
        let html = r#"<form method="post"><input type="hidden" name="csrf" value="c1"><input name="site">
            <button name="do" value="assign">Assign</button><button name="do" value="confirm">Confirm</button></form>"#;
        let form = page::forms(html).remove(0);
        let filled = fill(&form, Some("Confirm"), &[("site", "cedar")]).unwrap();
        let filled: Vec<(&str, &str)> = filled.iter().map(|(n, v)| (&**n, &**v)).collect();
        assert_eq!(filled, [("csrf", "c1"), ("site", "cedar"), ("do", "confirm")]);
        assert!(fill(&form, None, &[("people", "x")]).unwrap_err().to_string().contains("people"));
    }

    #[test]
    fn an_address_is_told_without_the_token() {
        let url: Url =
            "http://127.0.0.1:8701/s/default/contoso/landing?token=secret".parse().unwrap();
        assert_eq!(place(&url), "http://127.0.0.1:8701/s/default/contoso/landing");
    }

    #[test]
    fn the_heading_is_what_a_page_says() {
        assert_eq!(
            heading("<title>x</title><h1 class=a>This link has <b>expired</b></h1>"),
            "This link has expired"
        );
        assert_eq!(heading("plain"), "plain");
    }
}
