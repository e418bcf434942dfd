//! What a client tells whoever listens to everything, by `log` and by `tracing`. One test, because a process has one logger.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is a failure")]

use std::io;
use std::sync::{Arc, Mutex};

use cs_model::{DeliveryTokenDraft, Grant, Secret};
use cs_server::http::{Server, Tls};
use cs_server::store::RedbStore;
use cs_server::{Options, Service, demo};
use cs_tokens::{Client, Credential, Error};
use cs_transport::{ErrorKind, Proxy, Ready, ReqwestTransport, Settings, Transport, UreqTransport, ready};
use log::{LevelFilter, Log, Metadata, Record};

/// Keeps what it is told; the rows of bytes among it joined.
struct Ear {
    heard: Mutex<String>,
    rows: Mutex<String>,
}

static EAR: Ear = Ear { heard: Mutex::new(String::new()), rows: Mutex::new(String::new()) };

/// The letters of a row of bytes, which `ureq` shows as numbers and then as letters: sixteen, or fewer at an end.
fn row(text: &str) -> Option<String> {
    let numbers = text.get(..40).filter(|_| text.len() == 57)?;
    let digits: Vec<char> = numbers.chars().filter(|letter| !" -".contains(*letter)).collect();
    let byte = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16).ok().map(char::from);
    digits.chunks(2).map(byte).collect()
}

/// What was heard since the last time.
fn heard() -> String {
    std::mem::take(&mut *EAR.rows.lock().unwrap()) + "\n" + &std::mem::take(&mut *EAR.heard.lock().unwrap())
}

impl Log for Ear {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
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

/// Logs in, makes a token, looks at it and removes it. Gives back every secret that went over the wire, and what must not be
/// told either.
async fn story<T: Transport>(transport: T, url: &str, demo: &demo::Demo) -> Result<Vec<String>, Error> {
    let client = Client::builder(transport).base_url(url).traced().build()?;
    let user = client.log_in(&demo.email, Secret::new(demo.password.clone()), None).await?;
    let authtoken = user.session().unwrap();
    let mut secrets = vec![demo.password.clone(), authtoken.value.reveal().to_owned()];
    let client = client.with_credential(Credential::from(authtoken));
    let stack = client.stack(demo.api_key.clone());
    let tokens = stack.delivery_tokens();
    let draft = DeliveryTokenDraft::new("canary").environment("production").branches(Grant::only(["main"]));
    let made = tokens.create_with_preview(&tokens.check(draft).await?).await?;
    secrets.extend(
        [&made.token, &made.preview_token].into_iter().flatten().map(|value| value.reveal().to_owned()),
    );
    tokens.get(&made.uid).await?;
    tokens.delete(&made.uid).await?;
    secrets.push(made.uid.to_string());
    assert_eq!(secrets.len(), 5);
    Ok(secrets)
}

fn says_none_of(secrets: &[String], telling: &str) {
    let text = heard();
    assert!(text.contains(telling), "`{telling}` is missing in {text}");
    for secret in secrets {
        assert!(!text.contains(secret), "`{secret}` is in {text}");
    }
}

#[test]
fn nobody_who_listens_hears_a_secret() {
    log::set_logger(&EAR).unwrap();
    let listener = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    // Not by `init`, which takes the place of the logger as well, wherever some crate wants that of `tracing-subscriber`.
    tracing::subscriber::set_global_default(listener.with_ansi(false).with_writer(|| Traced).finish())
        .unwrap();

    let service = Arc::new(Service::new(RedbStore::memory().unwrap(), Options::default()));
    let now = jiff::Timestamp::now();
    let demo = demo::ensure(&service, now).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let tls = Tls::generate(now, &[]).unwrap();
    let mut settings = Settings::default();
    settings.proxy = Proxy::Direct;
    settings.extra_ca_pem = tls.authority().unwrap().into();
    runtime.spawn(Server::new(service).tls(tls).serve(listener, std::future::pending()));

    log::set_max_level(LevelFilter::Trace);
    let with_reqwest = ReqwestTransport::new(&settings).unwrap();
    let secrets = runtime.block_on(story(with_reqwest, &url, &demo)).unwrap();
    says_none_of(&secrets, "rustls");

    let with_ureq = |settings: &Settings| Ready(UreqTransport::new(settings).unwrap());
    let refused = ready(story(with_ureq(&settings), &url, &demo)).unwrap().unwrap_err();
    let Error::NoAnswer { source, .. } = &refused else { panic!("{refused:?}") };
    assert!(matches!(source.kind, ErrorKind::Logged { .. }), "{source:?}");
    assert_eq!(refused.fix(), None, "what to change stands in the error");
    says_none_of(std::slice::from_ref(&demo.password), "not answered");

    log::set_max_level(LevelFilter::Debug);
    let secrets = ready(story(with_ureq(&settings), &url, &demo)).unwrap().unwrap();
    says_none_of(&secrets, "ureq::run");

    log::set_max_level(LevelFilter::Trace);
    settings.allow_wire_log = true;
    let secrets = ready(story(with_ureq(&settings), &url, &demo)).unwrap().unwrap();
    let text = heard();
    // But for the password: bodies of requests are the one thing that `ureq` does not show.
    let unheard: Vec<_> = secrets[1..].iter().filter(|secret| !text.contains(*secret)).collect();
    assert!(unheard.is_empty(), "what is told is heard here: {unheard:?} are not");
}
