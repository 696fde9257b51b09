//! Forms and rows out of a page: what a browser would know of them when a person presses a button. Pure; called by
//! `browser` and `cast`.

use super::markup::{Tag, tags, text, unescape};

/// A form of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Form {
    /// Where it goes; empty means the page itself.
    pub action: String,
    /// Whether it is a POST.
    pub is_post: bool,
    /// Names and values of its fields, in order.
    pub fields: Vec<(String, String)>,
    /// Its buttons: what they say, and name and value they send.
    pub buttons: Vec<Button>,
}

/// A button that sends a form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Button {
    /// What it says.
    pub label: String,
    /// What it adds to the form.
    pub sends: Option<(String, String)>,
}

impl Form {
    /// Whether it has a field of that name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    /// The button that says `label`.
    #[must_use]
    pub fn button(&self, label: &str) -> Option<&Button> {
        self.buttons.iter().find(|button| button.label == label)
    }

    /// What the buttons say that send `field`, in order.
    pub fn choices(&self, field: &str) -> impl Iterator<Item = &str> {
        let sends = move |button: &&Button| button.sends.as_ref().is_some_and(|(n, _)| n == field);
        self.buttons.iter().filter(sends).map(|button| button.label.as_str())
    }

    /// Whether `text` stands in its address or in one of its fields.
    #[must_use]
    pub fn mentions(&self, text: &str) -> bool {
        self.action.contains(text) || self.fields.iter().any(|(_, value)| value.contains(text))
    }
}

/// All forms of a page.
#[must_use]
pub fn forms(html: &str) -> Vec<Form> {
    let mut forms = Vec::new();
    let mut open: Option<Form> = None;
    for (tag, inside) in tags(html) {
        if tag.get("disabled").is_some() {
            continue; // neither sent nor pressed
        }
        match (tag.name.as_str(), &mut open) {
            ("form", _) => {
                open = Some(Form {
                    action: tag.get("action").unwrap_or_default(),
                    is_post: tag.get("method").is_some_and(|m| m.eq_ignore_ascii_case("post")),
                    ..Form::default()
                })
            }
            ("/form", form) => forms.extend(form.take()),
            ("input", Some(form)) => add_input(form, &tag),
            ("textarea", Some(form)) => {
                form.fields.extend(tag.get("name").map(|n| (n, unescape(typed(inside)))))
            }
            ("button", Some(form)) => form.buttons.push(Button {
                label: label(html, &tag),
                sends: tag.get("name").map(|name| (name, tag.get("value").unwrap_or_default())),
            }),
            _ => {}
        }
    }
    forms
}

fn add_input(form: &mut Form, tag: &Tag) {
    let value = tag.get("value").unwrap_or_default();
    let name = tag.get("name");
    match tag.get("type").unwrap_or_default().as_str() {
        "submit" => {
            let sends = name.map(|name| (name, value.clone()));
            form.buttons.push(Button { label: value, sends });
        }
        "checkbox" | "radio" if tag.get("checked").is_none() => {}
        _ => form.fields.extend(name.map(|name| (name, value))),
    }
}

/// What stands in a text area: the line end right behind its tag is only there for whoever reads the markup.
fn typed(inside: &str) -> &str {
    let inside = inside.strip_prefix('\r').unwrap_or(inside);
    inside.strip_prefix('\n').unwrap_or(inside)
}

/// What stands between a button's tag and its end, without tags.
fn label(html: &str, tag: &Tag) -> String {
    let rest = html.get(tag.end..).unwrap_or_default();
    text(rest.split("</button").next().unwrap_or_default())
}

/// The rows of a page's tables as text, those that mention `needle`.
#[must_use]
pub fn rows(html: &str, needle: &str) -> Vec<String> {
    html.split("<tr")
        .skip(1)
        .filter_map(|rest| rest.split_once('>')?.1.split("</tr").next())
        .filter(|row| row.contains(needle))
        .map(|row| {
            let cells = row.split("<td").skip(1).filter_map(|cell| Some(cell.split_once('>')?.1));
            let told: Vec<String> =
                cells.map(without_buttons).filter(|cell| !cell.is_empty()).collect();
            told.join(" | ")
        })
        .collect()
}

/// What stands on buttons can be done; it is not how things are.
fn without_buttons(cell: &str) -> String {
    let mut parts = cell.split("<button");
    let mut told = parts.next().unwrap_or_default().to_owned();
    told.extend(parts.filter_map(|part| Some(part.split_once("</button>")?.1)));
    text(&told)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r##"<!doctype html><!-- <form action="/no"> --><form class="card" method="post" action="/s/default/setup?x=1&amp;y=2">
        <input type="hidden" name="csrf" value="a&#x2F;b&#43;c&quot;"><input name=site value="a>b" required/>
        <input type="checkbox" name="no"><input type="checkbox" name="yes" value="1" checked>
        <textarea name="people" rows="4">
a@x.example
b@x.example</textarea><button class="btn go"><svg><use href="#kh"/></svg>Submit
        information</button><button name="how" value="later">Later</button><button disabled>Never</button></form>
        <table><tr><th>Plan</th></tr><tr data-id="5f1c"><td><a>Desk,  Gold</a></td><td>5/5 &amp; on</td>
        <td><form method="post" action="/5f1c/assign"><button>Assign licenses</button></form></td></tr></table>"##;

    #[test]
    fn a_form_is_read_as_a_browser_reads_it() {
        let forms = forms(PAGE);
        assert_eq!(forms.len(), 2);
        let form = &forms[0];
        assert!(form.is_post);
        assert_eq!(form.action, "/s/default/setup?x=1&y=2");
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(n, v)| (&**n, &**v)).collect();
        assert_eq!(
            fields,
            [
                ("csrf", "a/b+c\""),
                ("site", "a>b"),
                ("yes", "1"),
                ("people", "a@x.example\nb@x.example")
            ]
        );
        assert_eq!(form.button("Submit information").unwrap().sends, None);
        assert_eq!(form.button("Never"), None);
        let later = Some(("how".to_owned(), "later".to_owned()));
        assert_eq!(form.button("Later").unwrap().sends, later);
    }

    #[test]
    fn the_choices_of_a_form_are_its_buttons_of_one_name() {
        let html = r#"<form method="post"><ul><li><button name="account" value="1"><b>Dana</b><br>dana@x.example
            </button></li><li><button name="account" value="2">Sam</button></li></ul><button name="cancel"
            value="1">Back</button></form>"#;
        let form = forms(html).remove(0);
        assert_eq!(form.choices("account").collect::<Vec<_>>(), ["Dana dana@x.example", "Sam"]);
        assert_eq!(form.choices("other").count(), 0);
    }

    #[test]
    fn a_form_is_found_by_button_and_by_whom_it_is_about() {
        let forms = forms(PAGE);
        let found = forms.iter().find(|form| form.button("Assign licenses").is_some()).unwrap();
        assert!(found.mentions("5f1c") && !found.mentions("6f1c"));
    }

    #[test]
    fn a_row_is_told_without_tags_and_buttons() {
        assert_eq!(rows(PAGE, "5f1c"), ["Desk, Gold | 5/5 & on"]);
    }
}
