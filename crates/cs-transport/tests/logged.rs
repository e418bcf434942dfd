//! What clients tell a logger that listens to everything. One test, because a process has one logger.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is a failure")]

use std::io;
use std::sync::Mutex;

use bytes::Bytes;
use cs_transport::conformance::{self, Peer};
use cs_transport::{
    BlockingTransport, Decorator, ErrorKind, ReqwestTransport, Sent, Trace, Transport, TransportError,
    UreqTransport,
};
use http::{Request, Response};
use log::{LevelFilter, Log, Metadata, Record};

/// In the path, a header, the body, and so in the answer, which repeats them. Longer than a row of bytes.
const MARKS: [&str; 3] =
    ["CANARY-in-a-path-that-is-long", "CANARY-in-a-header-that-is-long", "CANARY-in-a-body"];

/// Keeps what it is told by every target but some.
struct Ear {
    deaf_to: Mutex<&'static [&'static str]>,
    heard: Mutex<String>,
    /// The rows of bytes among it, joined.
    rows: Mutex<String>,
}

static EAR: Ear =
    Ear { deaf_to: Mutex::new(&[]), heard: Mutex::new(String::new()), rows: Mutex::new(String::new()) };

/// The letters of a row of bytes, which `ureq` shows as numbers and then as letters: sixteen, or fewer at an end.
fn row(text: &str) -> Option<String> {
    let numbers = text.get(..40).filter(|_| text.len() == 57)?;
    let digits: Vec<char> = numbers.chars().filter(|letter| !" -".contains(*letter)).collect();
    let byte = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16).ok().map(char::from);
    digits.chunks(2).map(byte).collect()
}

impl Log for Ear {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        !self.deaf_to.lock().unwrap().contains(&metadata.target())
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let text = record.args().to_string();
        match row(&text) {
            Some(letters) => self.rows.lock().unwrap().push_str(&letters),
            None => self.heard.lock().unwrap().push_str(&format!("{} {text}\n", record.target())),
        }
    }

    fn flush(&self) {}
}

/// The same for `tracing`.
struct Traced;

impl io::Write for Traced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        EAR.heard.lock().unwrap().push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn request(peer: &Peer) -> Request<Bytes> {
    Request::put(peer.url(&format!("/echo/{}", MARKS[0])))
        .header("authtoken", MARKS[1])
        .body(Bytes::from(MARKS[2]))
        .unwrap()
}

/// What was heard since the last time.
fn heard() -> String {
    std::mem::take(&mut *EAR.rows.lock().unwrap()) + "\n" + &std::mem::take(&mut *EAR.heard.lock().unwrap())
}

fn marks_in(text: &str) -> usize {
    MARKS.iter().filter(|mark| text.contains(*mark)).count()
}

fn is_echo(answer: Result<Response<Bytes>, TransportError>) -> bool {
    marks_in(&String::from_utf8_lossy(answer.unwrap().body())) == 3
}

#[test]
fn no_logger_hears_a_secret() {
    log::set_logger(&EAR).unwrap();
    log::set_max_level(LevelFilter::Trace);
    let listener = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    // Not by `init`, which takes the place of the logger as well, wherever some crate wants that of `tracing-subscriber`.
    tracing::subscriber::set_global_default(listener.with_ansi(false).with_writer(|| Traced).finish())
        .unwrap();
    let peer = Peer::start().unwrap();

    // Asked to, `ureq` tells it all: so it would be heard.
    let mut settings = conformance::settings();
    settings.allow_wire_log = true;
    let open = UreqTransport::new(&settings).unwrap();
    assert!(is_echo(open.send(request(&peer))));
    assert_eq!(marks_in(&heard()), 3);

    let ureq = Trace.around(UreqTransport::new(&conformance::settings()).unwrap());
    let before = peer.requests().len();
    for (deaf_to, told) in [
        (&[][..], "ureq_proto::util"),
        (&["ureq_proto::util"], "ureq::util"),
        (&["ureq::util"], "ureq_proto::util"),
    ] {
        *EAR.deaf_to.lock().unwrap() = deaf_to;
        let error = ureq.send(request(&peer)).unwrap_err();
        assert_eq!((&error.kind, error.sent), (&ErrorKind::Logged { target: told }, Sent::No));
        assert!(error.to_string().contains("`ureq=info,ureq_proto=info`"), "{error}");
        assert!(!error.is_transient());
    }
    assert_eq!(peer.requests().len(), before);
    assert_eq!(marks_in(&heard()), 0);

    // Nothing that any other target tells has a secret in it.
    *EAR.deaf_to.lock().unwrap() = &["ureq_proto::util", "ureq::util"];
    assert!(is_echo(ureq.send(request(&peer))));
    let text = heard();
    assert!(text.contains("ureq::run PUT"), "{text}");
    assert_eq!(marks_in(&text), 0, "{text}");

    *EAR.deaf_to.lock().unwrap() = &[];
    log::set_max_level(LevelFilter::Debug);
    assert!(is_echo(ureq.send(request(&peer))));
    let text = heard();
    assert!(text.contains("ureq::run PUT"), "{text}");
    assert_eq!(marks_in(&text), 0, "{text}");

    log::set_max_level(LevelFilter::Trace);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let reqwest = Trace.around(ReqwestTransport::new(&conformance::settings()).unwrap());
    assert!(is_echo(runtime.block_on(reqwest.send(request(&peer)))));
    let text = heard();
    assert!(text.contains("reqwest::connect") && text.contains("answered"), "{text}");
    assert_eq!(marks_in(&text), 0, "{text}");
}
