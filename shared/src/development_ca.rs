//! The development CA behind `--tls`: made on first use in the data dir, it vouches for certificates of servers on this
//! machine, and each of those is made anew before it ends. Called by both services when they start, by the command
//! line, and by whoever must trust the CA.

mod certificates;
mod roots;

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::{self, Write},
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;

use crate::{clock::Clock, entropy::Entropy};
use certificates::Certificates;
pub use roots::read_roots;

/// The CA's certificate, for whoever must trust it.
const CERTIFICATE_FILE: &str = "development-ca.pem";
/// The CA whole: how long it is valid, its certificate and its key.
const CA_FILE: &str = "development-ca.key";
/// How long a CA is valid.
const CA_LIFETIME: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);
/// A CA with less than this before it is replaced: its certificates must not outlive it.
const CA_REST: SignedDuration = SignedDuration::from_hours(180 * 24);
/// Clocks of clients may be behind.
const BACKDATED: SignedDuration = SignedDuration::from_hours(24);
/// The line of the CA file that tells until when it is valid.
const VALID_UNTIL: &str = "Valid until: ";

/// The CA cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// A file of it.
    #[error("cannot use {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What stands in the file is no CA.
    #[error("{} is not readable; delete it, and a new CA is made at the next start", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
    },
    /// What stands in a file is no root certificate.
    #[error("{} holds no root certificate in PEM, or a broken one", path.display())]
    NoRoot {
        /// Which.
        path: PathBuf,
    },
    /// A name that no certificate can carry, or the crypto library refuses.
    #[error("no certificate can be made for {names}: {source}")]
    Certificate {
        /// For what.
        names: String,
        /// Why.
        source: rcgen::Error,
    },
    /// The TLS library refuses.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

/// Where the certificate lies that clients of a service with this data dir must trust.
#[must_use]
pub fn certificate_file(data_dir: &Path) -> PathBuf {
    data_dir.join(CERTIFICATE_FILE)
}

/// The names that a server's certificate is for: loopback, where it listens, and `others`, as they stand in URLs.
#[must_use]
pub fn names(listen: IpAddr, others: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    if !listen.is_unspecified() {
        names.push(listen.to_string());
    }
    names.extend(others.into_iter().map(|name| name.trim_matches(['[', ']']).to_owned()));
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

/// A CA for one machine.
pub struct DevelopmentCa {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl DevelopmentCa {
    /// The CA of a data dir, made if there is none or if it ends soon. Several services may ask at once: they get the
    /// same.
    pub fn of(data_dir: &Path, now: Timestamp, entropy: &dyn Entropy) -> Result<Self, CaError> {
        let path = data_dir.join(CA_FILE);
        let mut ca = Self::read(&path)?;
        if let Some((until, _)) = &ca
            && *until - CA_REST <= now
        {
            ca = None;
            remove(&path)?;
        }
        let ca = match ca {
            Some((_, ca)) => ca,
            None => Self::make(&path, now, entropy)?,
        };
        let shown = certificate_file(data_dir);
        if fs::read_to_string(&shown).ok().as_deref() != Some(&ca.certificate) {
            replace(&shown, &ca.certificate, entropy)?;
        }
        Ok(ca)
    }

    fn read(path: &Path) -> Result<Option<(Timestamp, Self)>, CaError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(CaError::File { path: path.to_owned(), source }),
        };
        let ca = Self::parse(&text);
        ca.map(Some).ok_or_else(|| CaError::Unreadable { path: path.to_owned() })
    }

    fn parse(text: &str) -> Option<(Timestamp, Self)> {
        let until = text.lines().find_map(|line| line.strip_prefix(VALID_UNTIL))?;
        let certificate = section(text, "CERTIFICATE")?;
        let key = KeyPair::from_pem(&section(text, "PRIVATE KEY")?).ok()?;
        if !roots::is_over(&certificate, &key) {
            return None; // clients would trust nothing that this key signs
        }
        let params = params(&key);
        Some((until.parse().ok()?, Self { issuer: Issuer::new(params, key), certificate }))
    }

    /// Makes one, unless somebody else has meanwhile: then theirs.
    fn make(path: &Path, now: Timestamp, entropy: &dyn Entropy) -> Result<Self, CaError> {
        let failed =
            |source| CaError::Certificate { names: "the development CA".to_owned(), source };
        let key = KeyPair::generate().map_err(failed)?;
        let until = now + CA_LIFETIME;
        let mut params = params(&key);
        valid(&mut params, now - BACKDATED, until);
        let certificate = params.self_signed(&key).map_err(failed)?.pem();
        let text = format!(
            "The development CA of this data dir. Keep it to yourself: who has it can play any server to who trusts it.\n\
             {VALID_UNTIL}{until}\n{certificate}{}",
            key.serialize_pem()
        );
        let file = |source| CaError::File { path: path.to_owned(), source };
        let draft = draft(path, &text, entropy).map_err(file)?;
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft).map_err(file)?;
        match linked {
            Ok(()) => Ok(Self { issuer: Issuer::new(params, key), certificate }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let theirs = Self::read(path)?;
                theirs.map(|(_, ca)| ca).ok_or_else(|| CaError::Unreadable { path: path.into() })
            }
            Err(source) => Err(file(source)),
        }
    }

    /// The CA's certificate, PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// How a server that is reached by `names` (host names and addresses) speaks TLS. Its certificate is made anew when
    /// two thirds of its time are over, by `clock`.
    pub fn server_config(
        self,
        names: Vec<String>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<ServerConfig>, CaError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let certificates = Certificates::new(self.issuer, names, clock)?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(certificates));
        config.alpn_protocols = vec![b"http/1.1".to_vec()]; // both services look at `Host`, which HTTP/2 has not
        Ok(Arc::new(config))
    }
}

/// A CA is named after its key, so that two of them can be told apart where people trust both.
fn params(key: &KeyPair) -> CertificateParams {
    let mut params = CertificateParams::default();
    let id: String = params
        .key_identifier(key)
        .iter()
        .take(4)
        .fold(String::new(), |id, byte| format!("{id}{byte:02x}"));
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "Marketplace rehearsal");
    name.push(DnType::CommonName, format!("Rehearsal development CA {id}"));
    params.distinguished_name = name;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// Valid on whole days: from that of `from` to that of `until`.
fn valid(params: &mut CertificateParams, from: Timestamp, until: Timestamp) {
    let day = |at: Timestamp| {
        let date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let part = |number: i8| u8::try_from(number).unwrap_or(1); // months and days are 1 to 31
        date_time_ymd(i32::from(date.year()), part(date.month()), part(date.day()))
    };
    params.not_before = day(from);
    params.not_after = day(until);
}

/// The first PEM section with this label.
fn section(text: &str, label: &str) -> Option<String> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let from = text.find(&begin)?;
    let to = from + text[from..].find(&end)? + end.len();
    Some(format!("{}\n", text[from..to].replace('\r', "")))
}

/// A private file beside `path`, under a name nobody else takes.
fn draft(path: &Path, text: &str, entropy: &dyn Entropy) -> io::Result<PathBuf> {
    let draft = path.with_extension(format!("{}.new", crate::entropy::random_uuid(entropy)));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&draft)?.write_all(text.as_bytes())?;
    Ok(draft)
}

fn replace(path: &Path, text: &str, entropy: &dyn Entropy) -> Result<(), CaError> {
    let draft = draft(path, text, entropy).and_then(|draft| fs::rename(draft, path));
    draft.map_err(|source| CaError::File { path: path.to_owned(), source })
}

fn remove(path: &Path) -> Result<(), CaError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(CaError::File { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
