//! What this publisher wants done before a partner changes a subscription: as it was typed, as it is declared, and
//! whether it is done. Called by the commands on steps and by the pages, which word each [`StepProblem`].

use jiff::Timestamp;
use shared::{fulfillment::BlockedChange, ids::StepId};
use url::Url;

/// Steps of one account; the marketplace takes no more.
pub const STEPS_MAX: usize = 20;
/// Characters of a title.
const TITLE_MAX: usize = 200;
/// Characters of an address.
const URL_MAX: usize = 2_000;
/// Characters of a title that an id begins with.
const SLUG_MAX: usize = 32;

/// A step that was declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublisherStep {
    /// Its name, in addresses and at the marketplace.
    pub id: StepId,
    /// What is to be done.
    pub title: String,
    /// Where.
    pub url: String,
    /// What waits for it.
    pub blocks: Vec<BlockedChange>,
    /// When it was done, sandbox time.
    pub done_at: Option<Timestamp>,
}

/// A step as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepEntries {
    /// What is to be done.
    pub title: String,
    /// Where; empty: at a page of this publisher's.
    pub url: String,
    /// Names of what waits for it.
    pub blocks: Vec<String>,
}

/// The same, valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStep {
    /// One line.
    pub title: String,
    /// `None`: at a page of this publisher's.
    pub url: Option<String>,
    /// At least one, each once, in their order.
    pub blocks: Vec<BlockedChange>,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepProblem {
    /// No title.
    TitleEmpty,
    /// Too long a title, or one with a line break or another invisible character.
    TitleUnfit,
    /// Not an address that a browser opens.
    UrlUnfit,
    /// Nothing waits for it, or something that there is not.
    NothingBlocked,
}

impl StepEntries {
    /// Reads what was typed. Tells everything at fault.
    pub fn read(&self) -> Result<NewStep, Vec<StepProblem>> {
        let mut problems = Vec::new();
        let title = self.title.trim();
        if title.is_empty() {
            problems.push(StepProblem::TitleEmpty);
        } else if title.chars().count() > TITLE_MAX || title.chars().any(char::is_control) {
            problems.push(StepProblem::TitleUnfit);
        }
        let url = Some(self.url.trim()).filter(|url| !url.is_empty());
        if !url.is_none_or(is_address) {
            problems.push(StepProblem::UrlUnfit);
        }
        let sent: Option<Vec<_>> =
            self.blocks.iter().map(|name| BlockedChange::named(name)).collect();
        let sent = sent.unwrap_or_default();
        let blocks: Vec<_> =
            BlockedChange::ALL.into_iter().filter(|one| sent.contains(one)).collect();
        if blocks.is_empty() {
            problems.push(StepProblem::NothingBlocked);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(NewStep { title: title.to_owned(), url: url.map(str::to_owned), blocks })
    }
}

/// Whether the marketplace would take it as the address of a page.
fn is_address(text: &str) -> bool {
    let is_odd = |c: char| c.is_control() || c.is_whitespace();
    let Ok(url) = Url::parse(text) else { return false };
    text.len() <= URL_MAX
        && !text.contains(is_odd)
        && matches!(url.scheme(), "http" | "https")
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

impl NewStep {
    /// The step under an id that begins like its title and ends in `random`, so that no id is used twice: the
    /// marketplace takes a step for done if one of its id was. `page` is where it is done unless something else was
    /// entered. `None` if `random` is not part of an id.
    #[must_use]
    pub fn declared(
        self,
        random: &str,
        page: impl FnOnce(&StepId) -> String,
    ) -> Option<PublisherStep> {
        let Self { title, url, blocks } = self;
        let mut slug = String::new();
        for c in title.chars().take(SLUG_MAX) {
            match c.to_ascii_lowercase() {
                c if c.is_ascii_alphanumeric() => slug.push(c),
                _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
                _ => {}
            }
        }
        let slug = slug.trim_end_matches('-');
        let slug = if slug.is_empty() { "step" } else { slug };
        let id: StepId = format!("{slug}-{random}").parse().ok()?;
        let url = url.unwrap_or_else(|| page(&id));
        Some(PublisherStep { id, title, url, blocks, done_at: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(title: &str, url: &str, blocks: &[&str]) -> StepEntries {
        let blocks = blocks.iter().map(|name| (*name).to_owned()).collect();
        StepEntries { title: title.to_owned(), url: url.to_owned(), blocks }
    }

    #[test]
    fn entries_that_are_sound_make_a_step() {
        let new = entries(" Export your data! ", "", &["suspend", "cancel", "cancel"]).read();
        let new = new.unwrap();
        assert_eq!(new.blocks, [BlockedChange::Cancel, BlockedChange::Suspend]);
        let step = new.declared("0a1b", |id| format!("http://own/{id}")).unwrap();
        assert_eq!(step.id.as_str(), "export-your-data-0a1b");
        assert_eq!((step.title.as_str(), step.done_at), ("Export your data!", None));
        assert_eq!(step.url, "http://own/export-your-data-0a1b");
        let elsewhere = entries("데이터", "https://x.example/a?b", &["resume"]).read().unwrap();
        let step = elsewhere.declared("0a1b", |_| String::new()).unwrap();
        assert_eq!((step.id.as_str(), step.url.as_str()), ("step-0a1b", "https://x.example/a?b"));
        let long = entries(&"a".repeat(TITLE_MAX), "", &["cancel"]).read().unwrap();
        assert!(long.declared("0123456789ab", |_| String::new()).is_some());
    }

    #[test]
    fn everything_at_fault_is_told() {
        use StepProblem::{NothingBlocked, TitleEmpty, TitleUnfit, UrlUnfit};
        for (wrong, problems) in [
            (entries(" ", "ftp://x", &[]), vec![TitleEmpty, UrlUnfit, NothingBlocked]),
            (entries(&"a".repeat(201), "", &["cancel"]), vec![TitleUnfit]),
            (entries("a\nb", "", &["cancel"]), vec![TitleUnfit]),
            (entries("a", "x.example", &["cancel"]), vec![UrlUnfit]),
            (entries("a", "javascript:alert(1)", &["cancel"]), vec![UrlUnfit]),
            (entries("a", "https://x.example/#a", &["cancel"]), vec![UrlUnfit]),
            (entries("a", "https://a:b@x.example/", &["cancel"]), vec![UrlUnfit]),
            (entries("a", "https://x.example/ b", &["cancel"]), vec![UrlUnfit]),
            (entries("a", "", &["cancel", "everything"]), vec![NothingBlocked]),
        ] {
            assert_eq!(wrong.read().unwrap_err(), problems, "{wrong:?}");
        }
    }
}
