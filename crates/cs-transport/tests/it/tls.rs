//! A peer with TLS, and who trusts it.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use bytes::Bytes;
use cs_transport::conformance::{self, Peer, Stream};
use cs_transport::{
    BlockingTransport, ErrorKind, ReqwestTransport, Sent, Settings, Transport, UreqTransport,
};
use rcgen::CertifiedKey;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::conformance::block_on;

/// A certificate for one name, and the server that shows it.
pub(crate) struct Tls {
    host: String,
    pem: String,
    config: Arc<ServerConfig>,
}

impl Tls {
    pub(crate) fn new(host: &str) -> Self {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        Self { host: host.to_owned(), pem: cert.pem(), config: Arc::new(config) }
    }

    pub(crate) fn peer(&self) -> Peer {
        let config = Arc::clone(&self.config);
        Peer::start_with("https", &self.host, move |socket| {
            let connection = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
            Ok(Box::new(Secured(StreamOwned::new(connection, socket))))
        })
        .unwrap()
    }

    /// The settings of the suite, with trust in this certificate.
    pub(crate) fn trusted(&self) -> Settings {
        let mut settings = conformance::settings();
        settings.extra_ca_pem = self.pem.clone().into_bytes();
        settings
    }
}

/// The peer's side of a TLS connection.
struct Secured(StreamOwned<ServerConnection, TcpStream>);

impl Stream for Secured {
    fn end(&mut self) -> io::Result<()> {
        self.0.conn.send_close_notify();
        self.0.flush()
    }
}

impl Read for Secured {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Secured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn get(url: &str) -> http::Request<Bytes> {
    http::Request::get(url).header("authtoken", "canary").body(Bytes::new()).unwrap()
}

/// Sends over both clients and demands the same failure of both.
fn both_fail(settings: &Settings, url: &str) -> (ErrorKind, Sent) {
    let ureq = UreqTransport::new(settings).unwrap().send(get(url)).unwrap_err();
    let reqwest =
        block_on(async { ReqwestTransport::new(settings).unwrap().send(get(url)).await.unwrap_err() });
    assert_eq!((&ureq.kind, ureq.sent), (&reqwest.kind, reqwest.sent), "{ureq:?} {reqwest:?}");
    (ureq.kind, ureq.sent)
}

#[test]
fn an_unknown_issuer_is_not_trusted() {
    let tls = Tls::new("localhost");
    let peer = tls.peer();
    assert_eq!(both_fail(&conformance::settings(), &peer.url("/echo")), (ErrorKind::Tls, Sent::No));
    let other = Tls::new("localhost");
    assert_eq!(both_fail(&other.trusted(), &peer.url("/echo")), (ErrorKind::Tls, Sent::No));
    assert!(peer.requests().is_empty());
}

#[test]
fn a_certificate_for_another_name_is_not_trusted() {
    let tls = Tls::new("other.test");
    let peer = tls.peer();
    let url = format!("https://localhost:{}/echo", peer.address().port());
    assert_eq!(both_fail(&tls.trusted(), &url), (ErrorKind::Tls, Sent::No));
    assert!(peer.requests().is_empty());
}

/// The end of such a body is only as good as the end of TLS: an attacker can close a connection.
#[test]
fn a_body_without_a_length_needs_the_end_of_tls() {
    let tls = Tls::new("localhost");
    let peer = tls.peer();
    assert_eq!(both_fail(&tls.trusted(), &peer.url("/cut-off/10")), (ErrorKind::Interrupted, Sent::Maybe));
}

/// Trap 3: `rustls` without a provider looks for a process-wide one and panics when there is none.
#[test]
fn no_process_wide_provider_is_needed_or_made() {
    let tls = Tls::new("localhost");
    let peer = tls.peer();
    UreqTransport::new(&tls.trusted()).unwrap().send(get(&peer.url("/echo"))).unwrap();
    block_on(async {
        ReqwestTransport::new(&tls.trusted()).unwrap().send(get(&peer.url("/echo"))).await.unwrap()
    });
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}

#[test]
fn unreadable_certificates_stop_both() {
    let mut settings = Settings::default();
    settings.extra_ca_pem = b"canary".to_vec();
    let errors = [UreqTransport::new(&settings).unwrap_err(), ReqwestTransport::new(&settings).unwrap_err()];
    assert_eq!(errors[0], errors[1]);
    assert!(!format!("{:?} {}", errors[0], errors[0]).contains("canary"));
}
