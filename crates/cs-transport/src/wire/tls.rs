//! The one TLS configuration of both clients.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::SettingsError;

/// TLS 1.2 and 1.3 by `ring`, with the public roots of Mozilla and the extra ones.
///
/// The provider is part of the configuration, so that no process-wide one is needed or looked at.
pub(crate) fn client_config(extra_ca_pem: &[u8]) -> Result<ClientConfig, SettingsError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let public = roots.len();
    for certificate in CertificateDer::pem_slice_iter(extra_ca_pem) {
        let certificate = certificate.map_err(|_| SettingsError::ExtraCa)?;
        roots.add(certificate).map_err(|_| SettingsError::ExtraCa)?;
    }
    if !extra_ca_pem.is_empty() && roots.len() == public {
        return Err(SettingsError::ExtraCa);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| SettingsError::Client)?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_certificates_must_be_certificates() {
        assert!(client_config(b"").is_ok());
        for pem in [
            "not pem",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        ] {
            assert_eq!(client_config(pem.as_bytes()).err(), Some(SettingsError::ExtraCa), "{pem}");
        }
    }
}
