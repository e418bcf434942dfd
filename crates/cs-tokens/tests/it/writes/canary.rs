//! Hears all that is said while a flow runs, on whatever thread, and knows every secret that has come over the wire.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, Once, Weak};

use bytes::Bytes;
use cs_transport::{Decorator, Transport, TransportError, async_trait};
use http::{Request, Response};
use serde_json::Value;

/// What was said.
pub(super) type Said = Arc<Mutex<String>>;

/// Who listens. The subscriber is one for the process, because connections have threads of their own.
static EARS: Mutex<Vec<Weak<Mutex<String>>>> = Mutex::new(Vec::new());

/// Hears what is traced and logged from now on.
pub(super) fn listen() -> Said {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(|| Everywhere)
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        log::set_logger(&Everywhere).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
    });
    let said = Said::default();
    let mut ears = EARS.lock().unwrap();
    ears.retain(|ear| ear.strong_count() > 0);
    ears.push(Arc::downgrade(&said));
    said
}

/// Tells everybody who listens.
struct Everywhere;

impl Everywhere {
    fn say(text: &str) {
        for ear in EARS.lock().unwrap().iter().filter_map(Weak::upgrade) {
            ear.lock().unwrap().push_str(text);
        }
    }
}

impl io::Write for Everywhere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Self::say(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl log::Log for Everywhere {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        // What `ureq` logs as trace is what goes over the wire, and no matter of the client.
        metadata.level() <= log::Level::Debug || !metadata.target().starts_with("ureq")
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            Self::say(&format!("{} {}: {}\n", record.level(), record.target(), record.args()));
        }
    }

    fn flush(&self) {}
}

/// A [`Decorator`] next to the service: it keeps the secrets of all answers, also of those that are lost further on.
#[derive(Default)]
pub(super) struct Spy(Mutex<BTreeSet<String>>);

impl Spy {
    pub(super) fn secrets(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().cloned().collect()
    }
}

impl fmt::Debug for Spy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spy")
    }
}

#[async_trait]
impl Decorator for Spy {
    async fn send(
        &self,
        request: Request<Bytes>,
        next: &dyn Transport,
    ) -> Result<Response<Bytes>, TransportError> {
        let answer = next.send(request).await?;
        if let Ok(value) = serde_json::from_slice(answer.body()) {
            collect(&value, &mut self.0.lock().unwrap());
        }
        Ok(answer)
    }
}

/// The fields of answers that hold secrets.
const SECRET: [&str; 5] = ["access_token", "authtoken", "preview_token", "refresh_token", "token"];

fn collect(value: &Value, secrets: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(text) if SECRET.contains(&name.as_str()) && !text.is_empty() => {
                        secrets.insert(text.to_owned());
                    }
                    _ => collect(value, secrets),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, secrets)),
        _ => {}
    }
}

#[test]
fn every_thread_and_the_log_are_heard() {
    let said = listen();
    let other = std::thread::spawn(|| {
        tracing::trace!("traced elsewhere");
        log::trace!(target: "rustls::client", "logged elsewhere");
        log::debug!(target: "ureq::run", "asked elsewhere");
    });
    other.join().unwrap();
    let said = said.lock().unwrap();
    for part in ["traced elsewhere", "logged elsewhere", "asked elsewhere"] {
        assert!(said.contains(part), "`{part}` is missing in {said}");
    }
}

#[test]
fn secrets_are_found_wherever_an_answer_has_them() {
    let answer = serde_json::json!({
        "user": { "authtoken": "a", "uid": "u" },
        "tokens": [{ "token": "b", "preview_token": "c" }],
        "token": { "token": "d", "name": "n" },
    });
    let mut found = BTreeSet::new();
    collect(&answer, &mut found);
    assert!(found.iter().map(String::as_str).eq(["a", "b", "c", "d"]), "{found:?}");
}
