//! Finding a running broker and its control token: `--url` or REHEARSE_URL, else the data dir's note; the token by
//! REHEARSE_TOKEN or the data dir's file. `up` leaves the note. Called by `buy`, `trigger`, `webhook`, `clock`, `quirks`,
//! `load` and `up`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use shared::secret::Secret;
use url::Url;

use crate::{
    cli::{DATA_DIR, SANDBOX, Target},
    control::Control,
    web, words,
};

const URL_FILE: &str = "broker-url";
const TOKEN_FILE: &str = "control-token";
const TOKEN_VARIABLE: &str = "REHEARSE_TOKEN";

/// The control API of the broker that `target` means.
pub fn control(target: &Target) -> anyhow::Result<Control> {
    at(target.url.as_ref(), &target.data_dir, &target.sandbox)
}

/// The control API of the broker at `url`, or of the one that serves from `data_dir`.
pub fn at(url: Option<&Url>, data_dir: &Path, sandbox: &str) -> anyhow::Result<Control> {
    let base = match url {
        Some(url) => web::base(url),
        None => noted(data_dir)?,
    };
    let token = token(data_dir, std::env::var(TOKEN_VARIABLE).ok())?;
    Control::new(web::client_for(data_dir)?, &base, sandbox, &token)
}

/// The flags that lead another verb to the same place: none where the defaults do.
#[must_use]
pub fn flags(target: &Target) -> String {
    let mut flags = String::new();
    if let Some(url) = &target.url {
        flags.push_str(&format!(" --url {}", web::base(url)));
    }
    // Beside a URL it is where the token lies.
    if target.data_dir != Path::new(DATA_DIR) {
        flags.push_str(&format!(" --data-dir '{}'", shown(&target.data_dir)));
    }
    if target.sandbox != SANDBOX {
        flags.push_str(&format!(" --sandbox {}", target.sandbox));
    }
    flags
}

/// Where the control token lies.
#[must_use]
pub fn token_file(data_dir: &Path) -> PathBuf {
    data_dir.join(TOKEN_FILE)
}

fn noted(data_dir: &Path) -> anyhow::Result<String> {
    let path = data_dir.join(URL_FILE);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.trim().trim_end_matches('/').to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(anyhow!(words::tell("none-running", &[("dir", &shown(data_dir))])))
        }
        Err(error) => Err(unreadable(error, &path)),
    }
}

fn token(data_dir: &Path, variable: Option<String>) -> anyhow::Result<Secret<String>> {
    if let Some(token) = variable.filter(|token| !token.trim().is_empty()) {
        return Ok(Secret::new(token.trim().to_owned()));
    }
    let path = token_file(data_dir);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Secret::new(text.trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(anyhow!(words::tell("no-token", &[("file", &shown(&path))])))
        }
        Err(error) => Err(unreadable(error, &path)),
    }
}

fn unreadable(error: io::Error, path: &Path) -> anyhow::Error {
    anyhow::Error::new(error).context(words::tell("unreadable", &[("file", &shown(path))]))
}

/// The note that a broker serves from a data dir. It is taken back when it is dropped.
#[derive(Debug)]
pub struct Note {
    path: PathBuf,
    url: String,
}

impl Note {
    /// Leaves the note.
    pub fn leave(data_dir: &Path, url: &str) -> anyhow::Result<Self> {
        let path = data_dir.join(URL_FILE);
        write_private(&path, &format!("{url}\n"))?;
        Ok(Self { path, url: url.to_owned() })
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        // Another broker may serve from here by now, and its note is its own.
        if fs::read_to_string(&self.path).is_ok_and(|text| text.trim() == self.url) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Writes a file that only its owner can read, whole or not at all: whoever waits for it never reads half of it.
pub fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        // A temporary file is made with mode 0600.
        let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        io::Write::write_all(&mut file, text.as_bytes())?;
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| words::tell("unwritable", &[("file", &shown(path))]))
}

/// A path for people.
#[must_use]
pub fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_found_and_taken_back() {
        let dir = tempfile::tempdir().unwrap();
        assert!(noted(dir.path()).unwrap_err().to_string().contains("rehearse up"));
        let note = Note::leave(dir.path(), "http://127.0.0.1:8700").unwrap();
        assert_eq!(noted(dir.path()).unwrap(), "http://127.0.0.1:8700");
        drop(note);
        assert!(!dir.path().join(URL_FILE).exists());
    }

    #[test]
    fn the_note_of_another_broker_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let first = Note::leave(dir.path(), "http://127.0.0.1:1").unwrap();
        let _second = Note::leave(dir.path(), "http://127.0.0.1:2").unwrap();
        drop(first);
        assert_eq!(noted(dir.path()).unwrap(), "http://127.0.0.1:2");
    }

    #[test]
    fn only_what_is_no_default_is_repeated() {
        let target = |url: Option<&str>, data_dir: &str, sandbox: &str| Target {
            url: url.map(|url| url.parse().unwrap()),
            data_dir: data_dir.into(),
            sandbox: sandbox.to_owned(),
        };
        assert_eq!(flags(&target(None, "./.rehearsal", "default")), "");
        assert_eq!(flags(&target(None, "/tmp/a b", "s1")), " --data-dir '/tmp/a b' --sandbox s1");
        let by_url = target(Some("http://127.0.0.1:9/"), "./.rehearsal", "default");
        assert_eq!(flags(&by_url), " --url http://127.0.0.1:9");
    }

    #[test]
    fn the_variable_goes_before_the_file() {
        let dir = tempfile::tempdir().unwrap();
        assert!(token(dir.path(), None).is_err());
        fs::write(token_file(dir.path()), "from-file\n").unwrap();
        assert!(token(dir.path(), None).unwrap().matches("from-file"));
        assert!(
            token(dir.path(), Some("from-variable".to_owned())).unwrap().matches("from-variable")
        );
        assert!(token(dir.path(), Some(" ".to_owned())).unwrap().matches("from-file"));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_written_is_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ready.json");
        write_private(&path, "{}").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
