//! TLS for the HTTP front (feature `tls`).

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// How long a certificate that is made at the start is valid: clients refuse those that are valid for long.
const DAYS: i64 = 365;

/// A certificate with its key, and who vouches for it.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    authority: Option<String>,
}

// The configuration holds the key.
impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("generated", &self.authority.is_some()).finish_non_exhaustive()
    }
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file with a certificate or a key cannot be read.
    #[error("`{}` has no {what} in PEM form", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What it should have.
        what: &'static str,
        /// Why it has none.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// The key does not belong to the certificate, or is of a kind that is not supported.
    #[error("the certificate and the key cannot be used together")]
    Pair(#[source] rustls::Error),
    /// No certificate can be made.
    #[error("no certificate can be made")]
    Generate(#[source] rcgen::Error),
    /// The file for the authority cannot be written.
    #[error("`{}` cannot be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

impl Tls {
    /// Makes an authority and a certificate for `localhost`, `127.0.0.1`, `::1` and these names and addresses, valid for
    /// a year. The authority's own key is forgotten at once: nobody can make another certificate that clients would trust.
    ///
    /// # Errors
    ///
    /// [`TlsError::Generate`], also for a name that no certificate can have.
    pub fn generate(now: Timestamp, names: &[String]) -> Result<Self, TlsError> {
        let (authority, chain, key) = generate(now, names).map_err(TlsError::Generate)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Self::with(vec![chain], key, Some(authority))
    }

    /// Takes a certificate, with those between it and its authority behind it, and its key from files in PEM form.
    ///
    /// # Errors
    ///
    /// [`TlsError::Pem`] for a file that cannot be read or has no certificate or key, [`TlsError::Pair`] when the two do not belong
    /// together.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let pem = |path: &Path, what| {
            let path = path.to_owned();
            move |source| TlsError::Pem { path, what, source }
        };
        let certificates = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .and_then(|chain| {
                if chain.is_empty() { Err(rustls::pki_types::pem::Error::NoItemsFound) } else { Ok(chain) }
            })
            .map_err(pem(certificate, "certificate"))?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(pem(key, "private key"))?;
        Self::with(certificates, key, None)
    }

    fn with(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
        authority: Option<String>,
    ) -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(TlsError::Pair)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), authority })
    }

    /// The certificate of the authority that clients are to trust, in PEM form; `None` for a certificate from a file.
    #[must_use]
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// Writes [`Tls::authority`] to a file, in place of what is there.
    ///
    /// # Errors
    ///
    /// [`TlsError::Write`] when the file cannot be written.
    pub fn write_authority(&self, path: &Path) -> Result<(), TlsError> {
        std::fs::write(path, self.authority.as_deref().unwrap_or_default())
            .map_err(|source| TlsError::Write { path: path.to_owned(), source })
    }

    pub(super) const fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }
}

/// The certificate of an authority in PEM form, a certificate, and its key.
fn generate(
    now: Timestamp,
    more: &[String],
) -> Result<(String, CertificateDer<'static>, KeyPair), rcgen::Error> {
    let valid = |params: &mut CertificateParams| {
        let day = |days: i64| {
            let date = now.to_zoned(jiff::tz::TimeZone::UTC).date();
            let date = date.saturating_add(jiff::Span::new().days(days));
            rcgen::date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
        };
        // A day of grace for clients whose clocks are behind.
        (params.not_before, params.not_after) = (day(-1), day(DAYS));
    };
    let mut authority = CertificateParams::new(Vec::new())?;
    valid(&mut authority);
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.distinguished_name.push(DnType::CommonName, "cstok serve: authority of one run");
    let authority_key = KeyPair::generate()?;
    let authority_certificate = authority.self_signed(&authority_key)?;

    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    for name in more {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let mut params = CertificateParams::new(names)?;
    valid(&mut params);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.distinguished_name.push(DnType::CommonName, "cstok serve");
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &Issuer::from_params(&authority, &authority_key))?;
    Ok((authority_certificate.pem(), certificate.der().clone(), key))
}
