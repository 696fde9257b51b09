//! Root certificates in files: what cannot be read whole is told with the file's name, and not left to the first call that
//! fails. Called for the development CA itself, and by whoever is given such a file.

use std::{fs, path::Path};

use rcgen::{KeyPair, PublicKeyData};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, TrustAnchor, pem::PemObject},
};

use super::CaError;

/// The PEM text of a file that holds at least one root certificate, each of which can be read.
pub fn read_roots(path: &Path) -> Result<Vec<u8>, CaError> {
    let pem = fs::read(path).map_err(|source| CaError::File { path: path.to_owned(), source })?;
    match anchors(&pem) {
        Some(found) if !found.is_empty() => Ok(pem),
        _ => Err(CaError::NoRoot { path: path.to_owned() }),
    }
}

/// Whether a certificate in PEM can be read, and is over this key.
pub(super) fn is_over(pem: &str, key: &KeyPair) -> bool {
    let own = key.subject_public_key_info();
    let is_its = |anchor: &TrustAnchor<'_>| own.ends_with(&anchor.subject_public_key_info);
    anchors(pem.as_bytes()).is_some_and(|found| found.len() == 1 && found.iter().all(is_its))
}

/// The certificates of a text, if each can be read.
fn anchors(pem: &[u8]) -> Option<Vec<TrustAnchor<'static>>> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        store.add(certificate.ok()?).ok()?;
    }
    Some(store.roots)
}
