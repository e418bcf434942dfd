//! What `Trace` tells, and what it does not.

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use cs_transport::{
    BlockingTransport, CallInfo, Decorator, ErrorKind, Retry, Sent, Trace, TransportError, from_fn,
};
use http::{Request, Response};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes down every event at the finest level, with all its fields.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Notes {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(format!("{} {}", event.metadata().level(), event.metadata().target()));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn each_sending_is_told_and_no_secret() {
    let notes = Notes::default();
    tracing::subscriber::with_default(notes.clone(), || {
        let outcomes = Mutex::new(vec![
            Ok(Response::builder()
                .status(401)
                .header("x-canary", "canary")
                .body(Bytes::from("canary"))
                .unwrap()),
            Err(TransportError::new(ErrorKind::Interrupted, Sent::Maybe).with_source("canary")),
        ]);
        let transport = Retry::default()
            .with_jitter(|| 0.0)
            .around(Trace.around(from_fn(|_| outcomes.lock().unwrap().pop().unwrap())));
        let mut request = Request::get("http://localhost/v3/canary?canary=canary")
            .header("authtoken", "canary")
            .body(Bytes::from("canary"))
            .unwrap();
        request.extensions_mut().insert(CallInfo::new("/v3/things/{uid}").idempotent().limiter_key("canary"));
        assert_eq!(transport.send(request).unwrap().status(), 401);
        let plain = from_fn(|_| Ok(Response::new(Bytes::new())));
        Trace.around(plain).send(Request::put("http://localhost/").body(Bytes::new()).unwrap()).unwrap();
    });
    let told = notes.0.lock().unwrap().clone();
    let expected = [
        "WARN cs_transport message=not answered method=GET route=\"/v3/things/{uid}\" attempt=1 duration_ms=_ error=the connection broke before the answer was complete sent=Maybe",
        "DEBUG cs_transport message=answered method=GET route=\"/v3/things/{uid}\" attempt=2 duration_ms=_ status=401",
        "DEBUG cs_transport message=answered method=PUT route=\"\" attempt=1 duration_ms=_ status=200",
    ];
    let told: Vec<_> = told.iter().map(|line| without_duration(line)).collect();
    assert_eq!(told, expected);
}

fn without_duration(line: &str) -> String {
    let words =
        line.split(' ').map(|word| if word.starts_with("duration_ms=") { "duration_ms=_" } else { word });
    words.collect::<Vec<_>>().join(" ")
}
