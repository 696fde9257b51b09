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
    fn without_colors_text_is_left_alone() {
        assert_eq!(Terminal { colored: false }.paint(Look::Bold, "two keys"), "two keys");
        assert_eq!(Terminal { colored: true }.paint(Look::Dim, "x"), "\u{1b}[2mx\u{1b}[0m");
    }
}
