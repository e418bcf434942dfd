//! TLS to the database: rustls, the certificate always checked.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

/// A way to encrypt connections, trusting the certificates of a file or else those that browsers trust.
pub(super) fn connector(roots: Option<&Path>) -> Result<MakeRustlsConnect, Box<dyn Error + Send + Sync>> {
    let mut trusted = RootCertStore::empty();
    match roots {
        Some(path) => {
            for certificate in CertificateDer::pem_file_iter(path)? {
                trusted.add(certificate?)?;
            }
            if trusted.is_empty() {
                return Err(format!("`{}` holds no certificate", path.display()).into());
            }
        }
        None => trusted.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
