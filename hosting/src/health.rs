//! The `health` verb of each service, for container health checks.

use std::{error::Error, path::Path, time::Duration};

use reqwest::{Certificate, redirect::Policy};
use shared::development_ca::read_roots;
use url::Url;

/// How long a service may take to answer.
const LIMIT: Duration = Duration::from_secs(3);

/// Asks the service at `url` whether it is ready (`/health/ready`). `ca_file`: root certificates (PEM) to trust besides
/// the usual ones. The error is one line, why it is not.
pub async fn healthy(url: &Url, ca_file: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let mut builder = reqwest::Client::builder().no_proxy().redirect(Policy::none()).timeout(LIMIT);
    if let Some(path) = ca_file {
        builder = builder.tls_certs_merge(Certificate::from_pem_bundle(&read_roots(path)?)?);
    }
    builder.build()?.get(url.join("/health/ready")?).send().await?.error_for_status()?;
    Ok(())
}
