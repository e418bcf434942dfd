//! Serves the demo stack on loopback: `cargo run -p cs-server --example serve --features server`.
//!
//! The shortest way to a running service in a program of one's own; `cstok serve` is the tool for every day.

use std::sync::Arc;

use cs_server::{Options, Service, demo, http, store::MemoryStore};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = Arc::new(Service::new(MemoryStore::new(), Options::default().no_rate_limit()));
    let demo = demo::ensure(&service, jiff::Timestamp::now())?;
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{} {} {} {}", listener.local_addr()?, demo.api_key, demo.email, demo.password);
    http::serve(listener, service, std::future::pending()).await?;
    Ok(())
}
