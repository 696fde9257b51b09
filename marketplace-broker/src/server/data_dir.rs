//! The data dir: made for its owner, and the secrets that are kept in it. Called when the broker starts.

use std::{io, path::Path};

use shared::{
    entropy::{self, Entropy},
    secret::Secret,
};

use super::StartError;
use crate::{config::Config, store};

/// Environment variable with the control token, instead of the data dir's file.
const CONTROL_TOKEN_ENV: &str = "REHEARSE_TOKEN";

/// The data dir: its owner's only, and nothing of it in anybody's repository.
pub(super) fn prepare(path: &Path) -> Result<(), StartError> {
    let prepare = || -> io::Result<()> {
        std::fs::create_dir_all(path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
        }
        let ignore = path.join(".gitignore");
        if ignore.exists() { Ok(()) } else { store::write_secret(&ignore, "*\n") }
    };
    prepare().map_err(|error| StartError::DataDir { path: path.into(), error })
}

/// The control token: the environment's, else the data dir's, made once.
pub(super) fn control_token(
    dir: &Path,
    entropy: &dyn Entropy,
) -> Result<Secret<String>, StartError> {
    if let Some(token) = std::env::var(CONTROL_TOKEN_ENV).ok().filter(|token| !token.is_empty()) {
        return Ok(Secret::new(token));
    }
    kept_secret(&dir.join("control-token"), || {
        let drawn = entropy::seed(entropy);
        drawn.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    })
}

/// The installation's access code: the data dir's, made once; none on loopback. People type it, so it is short; nobody
/// guesses 100 bits.
pub(super) fn access_code(
    config: &Config,
    entropy: &dyn Entropy,
) -> Result<Option<Secret<String>>, StartError> {
    // Without i, l, o and u, which are mistaken for others.
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    if config.listen.is_loopback() {
        return Ok(None);
    }
    let code = kept_secret(&config.data_dir.join("access-code"), || {
        let drawn = entropy::seed(entropy);
        drawn.iter().take(20).map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
    });
    code.map(Some)
}

/// A secret of the data dir, made once.
fn kept_secret(path: &Path, make: impl FnOnce() -> String) -> Result<Secret<String>, StartError> {
    let failed = |error| StartError::DataDir { path: path.into(), error };
    match std::fs::read_to_string(path) {
        Ok(kept) if !kept.trim().is_empty() => return Ok(Secret::new(kept.trim().to_owned())),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let made = make();
    store::write_secret(path, &made).map_err(failed)?;
    Ok(Secret::new(made))
}
