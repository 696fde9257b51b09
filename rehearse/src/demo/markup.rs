//! Tags, attributes, entities and text of a page: well-made pages of our own, no more; no scripts, no repair of broken
//! markup. Pure; called by `page`, which knows forms.

/// Text without tags, with single spaces.
#[must_use]
pub fn text(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        out.push(' ');
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    unescape(&out).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A tag with its attributes.
#[derive(Debug)]
pub struct Tag {
    /// In lower case, with `/` when it closes.
    pub name: String,
    attributes: Vec<(String, String)>,
    /// Where the page goes on behind it.
    pub end: usize,
}

impl Tag {
    /// The value of an attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}

/// All tags in order, each with the text up to the next one. Comments are passed over.
#[must_use]
pub fn tags(html: &str) -> Vec<(Tag, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = html.get(at..).and_then(|rest| rest.find('<')).map(|n| at + n) {
        if html[open..].starts_with("<!--") {
            at = html[open..].find("-->").map_or(html.len(), |n| open + n + 3);
            continue;
        }
        let Some(end) = tag_end(html, open) else { break };
        let next = html[end..].find('<').map_or(html.len(), |n| end + n);
        found.push((tag(&html[open + 1..end - 1], end), &html[end..next]));
        at = end;
    }
    found
}

/// Just behind the `>` that ends the tag at `open`; one inside quotes does not end it.
fn tag_end(html: &str, open: usize) -> Option<usize> {
    let mut quote = None;
    for (n, c) in html[open..].char_indices() {
        match (quote, c) {
            (None, '>') => return Some(open + n + 1),
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            _ => {}
        }
    }
    None
}

fn tag(inside: &str, end: usize) -> Tag {
    let inside = inside.trim_end_matches('/');
    let split = inside.find(char::is_whitespace).unwrap_or(inside.len());
    let name = inside[..split].to_ascii_lowercase();
    let mut attributes = Vec::new();
    let mut rest = inside[split..].trim_start();
    while !rest.is_empty() {
        let name_end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let name = rest[..name_end].to_ascii_lowercase();
        rest = rest[name_end..].trim_start();
        let mut value = String::new();
        if let Some(behind) = rest.strip_prefix('=') {
            let behind = behind.trim_start();
            let (raw, after) = attribute_value(behind);
            value = unescape(raw);
            rest = after.trim_start();
        } else if name.is_empty() {
            break;
        }
        attributes.push((name, value));
    }
    Tag { name, attributes, end }
}

fn attribute_value(behind: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = behind.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    behind.split_at(behind.find(char::is_whitespace).unwrap_or(behind.len()))
}

/// The entities that a template engine writes.
#[must_use]
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, entity)) = rest.split_once('&') {
        out.push_str(before);
        match entity.split_once(';').and_then(|(name, after)| Some((entity_char(name)?, after))) {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => {
                out.push('&');
                rest = entity;
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity_char(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_no_tags_and_no_entities() {
        assert_eq!(text("<p>Desk,\n <b>Gold</b> &amp; more&#x21;</p>"), "Desk, Gold & more!");
        assert_eq!(unescape("a&b &lt;&unknown; &#39;"), "a&b <&unknown; '");
    }

    #[test]
    fn a_quoted_bracket_does_not_end_a_tag() {
        let tags = tags("<!-- <a> --><input value='a>b' checked/>x");
        assert_eq!(tags.len(), 1);
        assert_eq!((tags[0].0.get("value").as_deref(), tags[0].1), (Some("a>b"), "x"));
        assert_eq!(tags[0].0.get("checked").as_deref(), Some(""));
    }

    #[test]
    fn broken_markup_ends_quietly() {
        for html in ["<", "<form", "<form action=\"", "<a><input name='x", "& &; &#xZZ; &#1114112;"]
        {
            assert!(tags(html).len() <= 1, "{html}");
            let _ = text(html);
        }
    }
}
