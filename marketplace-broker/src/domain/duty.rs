//! The partner's two duties between purchase and use: the publisher gets the information it needs (S24), the customer
//! the URL to sign in at (S25). Who did it and when is kept; nothing waits for it. Called by the commands on duties.

use jiff::Timestamp;

use super::{event::Event, party::check_url, refusal::Refusal};

/// Characters of a name, an id or an address of a person.
const NAME_MAX: usize = 320;

/// Somebody who submitted the information, as the publisher told it: an object id, an address, or both.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Submitter {
    /// Object id in the tenant.
    pub object_id: Option<String>,
    /// Tenant.
    pub tenant_id: Option<String>,
    /// E-mail address.
    pub email_id: Option<String>,
}

impl Submitter {
    /// Checks that somebody is named, at a bearable length.
    pub fn check(self) -> Result<Self, Refusal> {
        const FIELD: &str = "informationSubmittedBy";
        for (name, text) in [
            ("objectId", &self.object_id),
            ("tenantId", &self.tenant_id),
            ("emailId", &self.email_id),
        ] {
            let Some(text) = text else { continue };
            check_name(format!("{FIELD}.{name}"), text)?;
        }
        if self.object_id.is_none() && self.email_id.is_none() {
            let reason = "it names nobody: give objectId, emailId or both";
            return Err(Refusal::field(FIELD, reason));
        }
        Ok(self)
    }
}

/// Checks how somebody is called.
pub fn check_name(field: impl Into<String>, name: &str) -> Result<(), Refusal> {
    let fits = (1..=NAME_MAX).contains(&name.chars().count());
    if fits && !name.trim().is_empty() && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Refusal::field(field.into(), format!("1 to {NAME_MAX} characters name somebody")))
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done<By> {
    /// Who.
    pub by: By,
    /// When.
    pub at: Timestamp,
}

/// How far the duties of a subscription are done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Duties {
    /// The publisher has the information it needs (S24).
    pub information_submitted: Option<Done<Submitter>>,
    /// Where the customer signs in, once the publisher has said so.
    pub sign_in_url: Option<String>,
    /// The customer was sent that URL (S25).
    pub url_sent: Option<Done<String>>,
}

/// What a publisher tells of a setup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Who submitted the information.
    pub submitted_by: Option<Submitter>,
    /// Where the customer signs in.
    pub sign_in_url: Option<String>,
}

impl Report {
    /// Checks what is told; to tell nothing is refused.
    pub fn new(
        submitted_by: Option<Submitter>,
        sign_in_url: Option<String>,
    ) -> Result<Self, Refusal> {
        if submitted_by.is_none() && sign_in_url.is_none() {
            let reason = "it tells nothing: send informationSubmittedBy, signInUrl or both";
            return Err(Refusal::field("body", reason));
        }
        Ok(Self {
            submitted_by: submitted_by.map(Submitter::check).transpose()?,
            sign_in_url: sign_in_url.map(|url| check_url("signInUrl", &url)).transpose()?,
        })
    }
}

impl Duties {
    /// Takes over what the publisher tells. The first submission is kept; another URL takes the place of the one before
    /// it, and has not been sent to anybody yet.
    #[must_use]
    pub fn report(mut self, report: &Report, at: Timestamp) -> (Self, Vec<Event>) {
        let mut events = Vec::new();
        if let (None, Some(by)) = (&self.information_submitted, &report.submitted_by) {
            events.push(Event::InformationSubmitted { by: by.clone() });
            self.information_submitted = Some(Done { by: by.clone(), at });
        }
        if let Some(url) = &report.sign_in_url
            && self.sign_in_url.as_ref() != Some(url)
        {
            events.push(Event::SignInUrlGiven { url: url.clone() });
            self.sign_in_url = Some(url.clone());
            self.url_sent = None;
        }
        (self, events)
    }

    /// The URL was sent to the customer. The first time is kept.
    pub fn sent(mut self, by: &str, at: Timestamp) -> Result<(Self, Vec<Event>), Refusal> {
        check_name("by", by)?;
        let Some(url) = &self.sign_in_url else {
            let reason = "there is no sign-in URL to send yet: the publisher gives it when the setup is reported";
            return Err(Refusal::NotReady(reason.to_owned()));
        };
        if self.url_sent.is_some() {
            return Ok((self, Vec::new()));
        }
        let event = Event::UrlSent { by: by.to_owned(), url: url.clone() };
        self.url_sent = Some(Done { by: by.to_owned(), at });
        Ok((self, vec![event]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(hour * 3600).unwrap()
    }

    fn somebody(mail: &str) -> Submitter {
        Submitter { email_id: Some(mail.to_owned()), ..Submitter::default() }
    }

    fn report(mail: Option<&str>, url: Option<&str>) -> Report {
        Report::new(mail.map(somebody), url.map(str::to_owned)).unwrap()
    }

    #[test]
    fn s24_the_first_submission_is_kept() {
        let (first, events) = Duties::default().report(&report(Some("a@x.example"), None), at(1));
        assert_eq!(events.len(), 1);
        let (again, events) = first.clone().report(&report(Some("b@x.example"), None), at(2));
        assert_eq!((again, events), (first.clone(), Vec::new()));
        let done = first.information_submitted.unwrap();
        assert_eq!((done.by, done.at), (somebody("a@x.example"), at(1)));
    }

    #[test]
    fn s25_a_url_is_sent_once_it_is_there_and_another_one_has_not_been_sent() {
        let early = Duties::default().sent("dana", at(1)).unwrap_err();
        assert!(matches!(early, Refusal::NotReady(_)), "{early}");
        let (given, _) = Duties::default().report(&report(None, Some("https://a.example/")), at(1));
        let (sent, events) = given.sent("dana", at(2)).unwrap();
        assert_eq!(events.len(), 1);
        let (again, events) = sent.clone().sent("eva", at(3)).unwrap();
        assert_eq!((again, events), (sent.clone(), Vec::new()));
        let (same, events) = sent.clone().report(&report(None, Some("https://a.example/")), at(4));
        assert_eq!((same, events), (sent.clone(), Vec::new()));
        let (moved, events) = sent.report(&report(None, Some("https://b.example/")), at(4));
        assert_eq!((moved.url_sent, events.len()), (None, 1));
    }

    #[test]
    fn who_tells_nothing_or_names_nobody_is_refused() {
        let nobody = Submitter { tenant_id: Some("t".to_owned()), ..Submitter::default() };
        for (by, url, field) in [
            (None, None, "body"),
            (Some(Submitter::default()), None, "informationSubmittedBy"),
            (Some(nobody), None, "informationSubmittedBy"),
            (Some(somebody(" ")), None, "informationSubmittedBy.emailId"),
            (Some(somebody(&"x".repeat(321))), None, "informationSubmittedBy.emailId"),
            (None, Some("ftp://a.example/"), "signInUrl"),
        ] {
            let refused = Report::new(by, url.map(str::to_owned)).unwrap_err();
            let Refusal::Field { field: named, .. } = &refused else { panic!("{refused:?}") };
            assert_eq!(named, field, "{refused}");
        }
        let (given, _) = Duties::default().report(&report(None, Some("https://a.example/")), at(1));
        for by in ["", " ", "a\nb"] {
            assert!(given.clone().sent(by, at(1)).is_err(), "{by:?}");
        }
    }
}
