//! The async client in a handler of axum: `cargo run -p cs-tokens --example axum_handler`.
//!
//! The service in process stands in for the API. The program asks its own handler once, and ends.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use cs_model::ApiKey;
use cs_server::in_process::{InProcess, URL};
use cs_server::store::MemoryStore;
use cs_server::{Options, Service, demo};
use cs_tokens::{Client, Credential};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// One client for all requests: they share its pace.
type App = Arc<Client<InProcess>>;

/// The names of the delivery tokens of a stack, a line each.
async fn names(
    State(client): State<App>,
    Path(api_key): Path<String>,
) -> Result<String, (StatusCode, String)> {
    let api_key: ApiKey =
        api_key.parse().map_err(|_| (StatusCode::BAD_REQUEST, "that is no api_key\n".to_owned()))?;
    let tokens = client.stack(api_key).delivery_tokens().list().await;
    // What the error says holds no secret, and can be shown.
    let tokens = tokens.map_err(|error| (StatusCode::BAD_GATEWAY, format!("{error}\n")))?;
    Ok(tokens
        .iter()
        .map(|token| format!("{}\n", token.name))
        .chain([format!("{} in all\n", tokens.len())])
        .collect())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = Arc::new(Service::new(MemoryStore::new(), Options::default()));
    let now = jiff::Timestamp::now();
    let demo = demo::ensure(&service, now)?;
    let session = demo::session(&service, now, &demo)?;
    let client = Client::builder(InProcess::new(service))
        .base_url(URL)
        .credential(Credential::Authtoken(session))
        .build()?;

    let app = Router::new().route("/stacks/{api_key}/tokens", get(names)).with_state(Arc::new(client));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, app).await });

    for api_key in [demo.api_key.as_str(), "blt0000000000000000"] {
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        let request =
            format!("GET /stacks/{api_key}/tokens HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("the answer has no body")?;
        println!("{}: {}", head.lines().next().unwrap_or_default(), body.trim());
    }
    Ok(())
}
