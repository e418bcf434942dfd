//! A client on plain threads, with no runtime: `cargo run -p cs-tokens --example plain_thread`.
//!
//! The service in process stands in for the API, as it does in an application's own tests: its clock is moved by waits
//! alone, so that nothing here takes time.

use std::error::Error;
use std::num::NonZeroUsize;
use std::sync::Arc;

use cs_model::{DeliveryTokenDraft, Grant, Secret};
use cs_server::in_process::{Fault, InProcess, URL};
use cs_server::store::MemoryStore;
use cs_server::{Options, Service, demo};
use cs_tokens::blocking::Client;

fn main() -> Result<(), Box<dyn Error>> {
    let now = "2026-11-21T12:00:00Z".parse()?;
    let service = Arc::new(Service::new(MemoryStore::new(), Options::default()));
    let demo = demo::ensure(&service, now)?;
    let transport = Arc::new(InProcess::at(service, now));

    let client = Client::builder(Arc::clone(&transport))
        .base_url(URL)
        .on_recovery(|recovery| println!("{recovery}"))
        .build()?;
    let user = client.log_in(&demo.email, Secret::new(demo.password), None)?;
    let client = client.with_credential(user.session().ok_or("no session")?.into());

    // The answer to the next request is lost; the token is found again.
    let tokens = client.stack(demo.api_key.clone()).delivery_tokens();
    let draft = DeliveryTokenDraft::new("website").environment("production").branches(Grant::only(["main"]));
    let draft = tokens.check(draft)?;
    transport.fail_next(Fault::LoseAnswer);
    let made = tokens.create(&draft)?;
    println!("made {} {}", made.uid, made.name);

    // The same on many stacks, each with a result of its own.
    let counts = client.for_each_stack([demo.api_key], NonZeroUsize::MIN, |stack| {
        stack.delivery_tokens().list().map(|tokens| tokens.len())
    });
    for (api_key, count) in counts {
        println!("{api_key}: {}", count?);
    }
    client.log_out()?;
    Ok(())
}
