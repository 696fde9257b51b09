//! The certificates of one server: made by the development CA, and made anew before they end, when somebody connects.
//! Called by rustls at each handshake.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::{
    pki_types::PrivateKeyDer,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::{BACKDATED, CaError, valid};
use crate::clock::Clock;

/// How long a certificate is valid.
pub(super) const LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);
/// After how long it is made anew.
pub(super) const RENEWED_AFTER: SignedDuration = SignedDuration::from_hours(60 * 24);

/// The certificate of the moment, and what makes the next.
pub(super) struct Certificates {
    issuer: Issuer<'static, KeyPair>,
    names: Vec<String>,
    clock: Arc<dyn Clock>,
    present: Mutex<Present>,
}

#[derive(Clone)]
struct Present {
    certificate: Arc<CertifiedKey>,
    renew_at: Timestamp,
}

impl Certificates {
    pub(super) fn new(
        issuer: Issuer<'static, KeyPair>,
        names: Vec<String>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, CaError> {
        let present = Mutex::new(make(&issuer, &names, clock.now())?);
        Ok(Self { issuer, names, clock, present })
    }

    /// The certificate of the moment.
    pub(super) fn present(&self) -> Arc<CertifiedKey> {
        let now = self.clock.now();
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        if present.renew_at <= now
            && let Ok(next) = make(&self.issuer, &self.names, now)
        {
            *present = next; // what was made once can be made again; if not, the old one serves until it ends
        }
        present.certificate.clone()
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").field("names", &self.names).finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.present())
    }
}

/// A certificate with a key of its own.
fn make(
    issuer: &Issuer<'static, KeyPair>,
    names: &[String],
    now: Timestamp,
) -> Result<Present, CaError> {
    let failed = |source| CaError::Certificate { names: names.join(", "), source };
    let mut params = CertificateParams::new(names).map_err(failed)?;
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, names.first().map_or("rehearsal", String::as_str));
    params.distinguished_name = name;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    valid(&mut params, now - BACKDATED, now + LIFETIME);
    let key = KeyPair::generate().map_err(failed)?;
    let certificate = params.signed_by(&key, issuer).map_err(failed)?;
    let private = PrivateKeyDer::try_from(key.serialize_der())
        .map_err(|reason| rustls::Error::General(reason.to_owned()))?;
    let signing = rustls::crypto::aws_lc_rs::sign::any_supported_type(&private)?;
    let certificate = CertifiedKey::new(vec![certificate.der().clone()], signing);
    Ok(Present { certificate: Arc::new(certificate), renew_at: now + RENEWED_AFTER })
}
