//! The information a publisher needs before it can set up a purchase: as it was typed, and as it is once valid.
//! Called by the command that stores it and by the landing page, which words each [`Problem`].

use std::collections::HashSet;

/// The form as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entries {
    /// Where the product shall be reached.
    pub site_address: String,
    /// Who runs it.
    pub admin_name: String,
    /// How to reach that person.
    pub admin_email: String,
    /// Who gets a license, one address a line; not looked at for a plan without seats.
    pub people: String,
}

/// The form, valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Information {
    /// One label of a host name, lower case.
    pub site_address: String,
    /// Not empty, one line.
    pub admin_name: String,
    /// An e-mail address.
    pub admin_email: String,
    /// One to as many different e-mail addresses as licenses were bought; none for a plan without seats.
    pub people: Vec<String>,
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// Site address.
    SiteAddress,
    /// First administrator.
    AdminName,
    /// Administrator's e-mail.
    AdminEmail,
    /// People who get a license.
    People,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Nothing was entered.
    Empty,
    /// More characters than allowed.
    TooLong {
        /// The most that are.
        max: usize,
    },
    /// A line break or another invisible character.
    Invisible,
    /// Not one label of a host name.
    NotALabel,
    /// Not an e-mail address.
    NotAnEmail,
    /// The part after @ has no dot.
    NoDotAfterAt,
    /// More people than licenses.
    TooMany {
        /// People named.
        named: usize,
        /// Licenses bought.
        licenses: i64,
    },
    /// A line is not an e-mail address.
    LineNotAnEmail {
        /// Counted from 1.
        line: usize,
    },
    /// Somebody stands in the list twice.
    Twice {
        /// The second line, counted from 1.
        line: usize,
    },
}

/// A field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field.
    pub field: Field,
    /// The first thing wrong with it.
    pub problem: Problem,
}

const LABEL_MAX: usize = 63;
const NAME_MAX: usize = 120;
const EMAIL_MAX: usize = 254;
const PEOPLE_MAX: usize = 60_000;

impl Information {
    /// Reads the form for a purchase of `licenses` (`None`: a plan without seats). Tells every field at fault.
    pub fn parse(entries: &Entries, licenses: Option<i64>) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut keep = |field, read: Result<String, Problem>| {
            read.unwrap_or_else(|problem| {
                errors.push(FieldError { field, problem });
                String::new()
            })
        };
        let site_address = keep(Field::SiteAddress, label(&entries.site_address));
        let admin_name = keep(Field::AdminName, name(&entries.admin_name));
        let admin_email = keep(Field::AdminEmail, email(&entries.admin_email));
        let people = licenses.map_or(Ok(Vec::new()), |licenses| people(&entries.people, licenses));
        let people = people.unwrap_or_else(|problem| {
            errors.push(FieldError { field: Field::People, problem });
            Vec::new()
        });
        if errors.is_empty() {
            Ok(Self { site_address, admin_name, admin_email, people })
        } else {
            Err(errors)
        }
    }

    /// The form as it would have to be typed to give this.
    #[must_use]
    pub fn entries(&self) -> Entries {
        Entries {
            site_address: self.site_address.clone(),
            admin_name: self.admin_name.clone(),
            admin_email: self.admin_email.clone(),
            people: self.people.join("\n"),
        }
    }
}

/// One line of at most `max` characters, trimmed and not empty.
fn line(text: &str, max: usize) -> Result<&str, Problem> {
    let text = text.trim();
    if text.is_empty() {
        Err(Problem::Empty)
    } else if text.chars().count() > max {
        Err(Problem::TooLong { max })
    } else if text.chars().any(char::is_control) {
        Err(Problem::Invisible)
    } else {
        Ok(text)
    }
}

fn name(text: &str) -> Result<String, Problem> {
    line(text, NAME_MAX).map(str::to_owned)
}

fn label(text: &str) -> Result<String, Problem> {
    let label = line(text, LABEL_MAX)?.to_ascii_lowercase();
    let fits = label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if fits && !label.starts_with('-') && !label.ends_with('-') {
        Ok(label)
    } else {
        Err(Problem::NotALabel)
    }
}

fn email(text: &str) -> Result<String, Problem> {
    let address = line(text, EMAIL_MAX)?;
    let (local, domain) = address.split_once('@').ok_or(Problem::NotAnEmail)?;
    let odd = |c: char| c.is_whitespace() || matches!(c, '@' | ',' | ';' | '<' | '>' | '"');
    if local.is_empty() || domain.is_empty() || local.contains(odd) || domain.contains(odd) {
        return Err(Problem::NotAnEmail);
    }
    if !domain.contains('.') {
        return Err(Problem::NoDotAfterAt);
    }
    if domain.split('.').any(str::is_empty) {
        Err(Problem::NotAnEmail)
    } else {
        Ok(address.to_owned())
    }
}

fn people(text: &str, licenses: i64) -> Result<Vec<String>, Problem> {
    if text.len() > PEOPLE_MAX {
        return Err(Problem::TooLong { max: PEOPLE_MAX });
    }
    let mut named = Vec::new();
    let mut seen = HashSet::new();
    for (at, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        let line = at + 1;
        let address = email(text).map_err(|_| Problem::LineNotAnEmail { line })?;
        if !seen.insert(address.to_lowercase()) {
            return Err(Problem::Twice { line });
        }
        named.push(address);
    }
    if named.is_empty() {
        Err(Problem::Empty)
    } else if i64::try_from(named.len()).unwrap_or(i64::MAX) > licenses {
        Err(Problem::TooMany { named: named.len(), licenses })
    } else {
        Ok(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Entries {
        Entries {
            site_address: " HanbitGaram ".to_owned(),
            admin_name: "이하은".to_owned(),
            admin_email: "haeun.lee@hanbitgaram.example".to_owned(),
            people: "haeun.lee@hanbitgaram.example\r\n\r\n minjun.park@hanbitgaram.example \n"
                .to_owned(),
        }
    }

    fn check(change: impl FnOnce(&mut Entries), expected: &[(Field, Problem)]) {
        let mut entries = entries();
        change(&mut entries);
        let errors = Information::parse(&entries, Some(2)).err().unwrap_or_default();
        let errors: Vec<_> = errors.into_iter().map(|e| (e.field, e.problem)).collect();
        assert_eq!(errors, expected);
    }

    #[test]
    fn a_whole_form_is_read_trimmed() {
        let information = Information::parse(&entries(), Some(20)).unwrap();
        assert_eq!(information.site_address, "hanbitgaram");
        let people = ["haeun.lee@hanbitgaram.example", "minjun.park@hanbitgaram.example"];
        assert_eq!(information.people, people);
        assert_eq!(Information::parse(&information.entries(), Some(2)).unwrap(), information);
    }

    #[test]
    fn a_plan_without_seats_needs_no_people() {
        let information = Information::parse(&Entries { people: "x".into(), ..entries() }, None);
        assert!(information.unwrap().people.is_empty());
    }

    #[test]
    fn an_empty_form_tells_all_its_fields() {
        let fields = [Field::SiteAddress, Field::AdminName, Field::AdminEmail, Field::People];
        check(|e| *e = Entries::default(), &fields.map(|field| (field, Problem::Empty)));
    }

    #[test]
    fn each_field_tells_what_is_wrong_with_it() {
        let long = "x".repeat(121);
        check(|e| e.site_address = "a b".into(), &[(Field::SiteAddress, Problem::NotALabel)]);
        check(|e| e.site_address = "-a".into(), &[(Field::SiteAddress, Problem::NotALabel)]);
        check(
            |e| e.site_address = "x".repeat(64),
            &[(Field::SiteAddress, Problem::TooLong { max: 63 })],
        );
        check(|e| e.admin_name = long, &[(Field::AdminName, Problem::TooLong { max: 120 })]);
        check(|e| e.admin_name = "a\nb".into(), &[(Field::AdminName, Problem::Invisible)]);
        for text in ["a", "@b.c", "a@", "a b@c.d", "a@b@c.d", "a@b..c", "a@.b", "<a@b.c>"] {
            check(|e| e.admin_email = text.into(), &[(Field::AdminEmail, Problem::NotAnEmail)]);
        }
        check(|e| e.admin_email = "a@b".into(), &[(Field::AdminEmail, Problem::NoDotAfterAt)]);
    }

    #[test]
    fn the_list_of_people_is_held_against_the_licenses() {
        let people = |text: &str, problem| {
            check(|e| e.people = text.to_owned(), &[(Field::People, problem)]);
        };
        people("a@b.c\nnobody", Problem::LineNotAnEmail { line: 2 });
        people("a@b.c\n\nA@B.C", Problem::Twice { line: 3 });
        people("a@b.c\nb@b.c\nc@b.c", Problem::TooMany { named: 3, licenses: 2 });
        people(&"x".repeat(60_001), Problem::TooLong { max: 60_000 });
    }
}
