//! Over TLS.

use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cs_server::http::{Limits, Server, Tls, TlsError};
use cs_transport::{BlockingTransport as _, Settings, UreqTransport};

use crate::served::serving;
use crate::stage::{DELIVERY, Stage};

fn client(authority: &str) -> UreqTransport {
    let mut settings = Settings::default();
    settings.extra_ca_pem = authority.as_bytes().to_vec();
    UreqTransport::new(&settings).unwrap()
}

#[test]
fn its_names_are_vouched_for_and_a_silent_handshake_ends() {
    let stage = Stage::new();
    let tls = Tls::generate(jiff::Timestamp::now(), &["127.0.0.2".to_owned()]).unwrap();
    let authority = tls.authority().unwrap().to_owned();
    let mut limits = Limits::default();
    limits.handshake_time = Duration::from_millis(300);
    let server = Server::new(Arc::clone(&stage.service)).tls(tls).limits(limits);
    serving(server, |address| {
        let get = |client: &UreqTransport, host: &str| {
            let request = http::Request::get(format!("https://{host}:{}{DELIVERY}", address.port()))
                .header("api_key", stage.demo.api_key.as_str())
                .header("authtoken", stage.owner.reveal());
            client.send(request.body(bytes::Bytes::new()).unwrap()).map(|answer| answer.status().as_u16())
        };
        let (ours, other) = (client(&authority), Tls::generate(jiff::Timestamp::now(), &[]).unwrap());
        for host in ["localhost", "127.0.0.1"] {
            assert_eq!(get(&ours, host).unwrap(), 200, "{host}");
        }
        // An authority by the same name vouches for nothing here.
        assert!(get(&client(other.authority().unwrap()), "localhost").is_err());
        let silent = TcpStream::connect(address).unwrap();
        let start = Instant::now();
        silent.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let _ = std::io::Read::read_to_end(&mut &silent, &mut Vec::new());
        assert!(start.elapsed() < Duration::from_secs(10));
        assert_eq!(get(&ours, "localhost").unwrap(), 200, "others were not held up");
    });
}

#[test]
fn files_must_hold_what_they_are_named_for() {
    let folder = tempfile::tempdir().unwrap();
    let (empty, text) = (folder.path().join("empty.pem"), folder.path().join("text.pem"));
    std::fs::write(&empty, "").unwrap();
    std::fs::write(&text, "-----BEGIN CERTIFICATE-----\n%\n-----END CERTIFICATE-----\n").unwrap();
    for file in [&empty, &text, &folder.path().join("missing.pem")] {
        let error = Tls::from_files(file, file).unwrap_err();
        assert!(matches!(&error, TlsError::Pem { what: "certificate", .. }), "{error:?}");
        assert!(error.to_string().contains(&file.display().to_string()));
    }
    assert!(matches!(
        Tls::generate(jiff::Timestamp::now(), &["no name".to_owned()]),
        Err(TlsError::Generate(_)) | Ok(_)
    ));
}
