//! Bare axum: what a server takes that does next to nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::served::Served;

/// The token that is shown, and the tokens that were made.
#[derive(Clone)]
struct Tokens {
    shown: Arc<Value>,
    made: Arc<Mutex<BTreeMap<u64, Value>>>,
}

fn router(token: &Value) -> Router {
    let tokens = Tokens { shown: Arc::new(json!({ "token": token })), made: Arc::default() };
    Router::new()
        .route("/v3/stacks/delivery_tokens/{uid}", get(show))
        .route("/v3/stacks/delivery_tokens", post(create))
        .with_state(tokens)
}

/// Serves on a thread of its own.
pub(crate) fn serve(token: Value) -> Result<Served> {
    Served::start("bare", move |listener, stopped| async move {
        let listener = axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true)));
        tokio::select! {
            _ = async { axum::serve(listener, router(&token)).await } => {}
            _ = stopped => {}
        }
    })
}

/// Serves on this thread until the process is ended, and says where.
pub(crate) fn serve_here() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", json!({ "url": format!("http://{}", listener.local_addr()?) }));
        axum::serve(listener, router(&json!({}))).await?;
        Ok(())
    })
}

async fn show(State(tokens): State<Tokens>) -> Json<Value> {
    Json((*tokens.shown).clone())
}

/// Keeps what was sent, and answers with what is shown under its name, so that the answer is as long as that of the service.
async fn create(State(tokens): State<Tokens>, Json(mut body): Json<Value>) -> (StatusCode, Json<Value>) {
    let mut token = tokens.shown["token"].clone();
    for key in ["name", "description"] {
        token[key] = body["token"][key].clone();
    }
    let mut made = tokens.made.lock().unwrap_or_else(PoisonError::into_inner);
    let number = made.len() as u64;
    token["uid"] = json!(format!("blt{number:016x}"));
    made.insert(number, body["token"].take());
    (StatusCode::CREATED, Json(json!({ "notice": "Delivery Token created successfully.", "token": token })))
}
