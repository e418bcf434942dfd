//! What a traced client tells, and what it never tells.

use std::io;
use std::sync::{Arc, Mutex};

use cs_model::{DeliveryTokenDraft, Grant, Secret};
use cs_server::in_process::{Fault, URL};
use cs_tokens::Credential;
use cs_tokens::blocking::Client;
use tracing::Level;

use crate::world::World;

/// What was written.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_trace_has_routes_and_numbers_and_nothing_else() {
    let written = Written::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let world = World::new();
    let mut secrets = vec![world.authtoken.reveal().to_owned(), "canary-password".to_owned()];
    tracing::subscriber::with_default(subscriber, || {
        let client = Client::builder(Arc::clone(&world.transport))
            .base_url(URL)
            .credential(Credential::Authtoken(world.authtoken.clone()))
            .traced()
            .build()
            .unwrap();
        assert!(client.log_in("canary@demo.invalid", Secret::new("canary-password"), None).is_err());
        let tokens = client.stack(world.api_key.clone());
        let tokens = tokens.delivery_tokens();
        world.transport.fail_next(Fault::LoseRequest);
        let draft =
            DeliveryTokenDraft::new("canary-name").environment("production").branches(Grant::only(["main"]));
        let made = tokens.create_with_preview(&tokens.check(draft).unwrap()).unwrap();
        secrets.extend(
            [made.token, made.preview_token].into_iter().flatten().map(|value| value.reveal().to_owned()),
        );
        secrets.push(made.uid.to_string());
    });
    secrets.extend([world.api_key.to_string(), "canary".to_owned(), "limit=100".to_owned()]);
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    for part in [
        "method=POST route=\"/v3/user-session\" attempt=1",
        "route=\"/v3/stacks/delivery_tokens/{token_uid}\"",
        "attempt=2",
        "status=422",
        "duration_ms=",
        "not answered",
    ] {
        assert!(text.contains(part), "`{part}` is missing in {text}");
    }
    for secret in secrets {
        assert!(!text.contains(&secret), "`{secret}` is in {text}");
    }
}
