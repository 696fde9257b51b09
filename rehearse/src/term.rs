//! Writing to the terminal: lines on standard output, complaints on standard error, colours only where a person
//! looks. Called by every verb.

use std::io::{self, IsTerminal as _, Write as _};

/// Standard output.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    colored: bool,
}

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// What matters.
    Bold,
    /// What may be passed over.
    Dim,
    /// What went well.
    Good,
}

impl Terminal {
    /// Colours only on a terminal whose owner has not said NO_COLOR.
    #[must_use]
    pub fn new() -> Self {
        Self { colored: io::stdout().is_terminal() && !no_color() }
    }

    /// One line, shown at once.
    pub fn line(self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.write_all(b"\n")?;
        out.flush()
    }

    /// `text`, in a look if there are colours.
    #[must_use]
    pub fn paint(self, look: Look, text: &str) -> String {
        if !self.colored {
            return text.to_owned();
        }
        let code = match look {
            Look::Bold => "1",
            Look::Dim => "2",
            Look::Good => "32",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// NO_COLOR counts when it is set and not empty.
fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// One clear line on standard error: the error and what caused it, without a trace.
pub fn complain(error: &anyhow::Error) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr().lock(), "rehearse: {}", one_line(&format!("{error:#}")));
}

/// A remark on standard error, so that standard output stays clean for machines.
pub fn remark(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// How far long work is: one line on standard error that overwrites itself; silent where nobody looks.
#[derive(Debug)]
pub struct Progress {
    shown: bool,
}

impl Progress {
    /// Shown on a terminal only.
    #[must_use]
    pub fn new() -> Self {
        Self { shown: io::stderr().is_terminal() }
    }

    /// Shows how far it is.
    pub fn at(&self, text: &str) {
        if self.shown {
            let mut err = io::stderr().lock();
            let _ = write!(err, "\r\u{1b}[K{text}").and_then(|()| err.flush());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.at("");
    }
}

/// Text of strangers on one line: characters that a terminal obeys are spelled out.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_obeyed(c) { safe.extend(c.escape_default()) } else { safe.push(c) }
    }
    safe
}

/// JSON that holds text of strangers: JSON spells out some of what a terminal obeys, this the rest.
#[must_use]
pub fn escaped_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        // All of them stand inside strings, and one unit of UTF-16 each is enough for them.
        if is_obeyed(c) {
            safe.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Control characters, line ends, and what turns the direction of writing.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Line ends and control characters of strangers do not reach the terminal.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_one_line() {
        assert_eq!(one_line("no\nstack\r\n\u{1b}[31m trace"), "no stack [31m trace");
    }

    #[test]
    fn control_characters_of_strangers_are_spelled_out() {
        for (text, shown) in [
            ("thanks", "thanks"),
            ("{\"a\": \"b\\c\"}", "{\"a\": \"b\\c\"}"),
            ("한글 é", "한글 é"),
            ("\u{1b}[2Jgone\r\nline\tend\0", "\\u{1b}[2Jgone\\r\\nline\\tend\\u{0}"),
            ("\u{9b}31m\u{7f}", "\\u{9b}31m\\u{7f}"),
            ("abc\u{202e}cba\u{2028}", "abc\\u{202e}cba\\u{2028}"),
        ] {
            assert_eq!(escaped(text), shown);
            let json = escaped_json(&serde_json::to_string(text).unwrap());
            assert!(!json.chars().any(is_obeyed), "{json}");
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }

    #[test]
    fn without_colors_text_is_left_alone() {
        assert_eq!(Terminal { colored: false }.paint(Look::Bold, "two keys"), "two keys");
        assert_eq!(Terminal { colored: true }.paint(Look::Dim, "x"), "\u{1b}[2mx\u{1b}[0m");
    }
}
