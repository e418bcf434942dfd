//! Requests to a stack that holds more and more tokens, and beside more and more stacks; in memory and in a file, without a
//! socket.
//!
//! `cargo run --release -p cs-bench-growth --bin growth-service`
#![forbid(unsafe_code)]

use std::process::ExitCode;

use anyhow::{Result, ensure};
use bytes::Bytes;
use cs_bench_growth::{NOW, Place, TIMES, draft, fastest, row};
use cs_bench_rows::{Table, exit};
use cs_server::store::{MemoryStore, RedbStore};
use http::Request;
use serde_json::Value;

const TOKENS: &str = "/v3/stacks/management_tokens";

/// How many tokens or stacks there are at first.
const FEW: usize = 10;

/// How many requests one run makes.
const CALLS: usize = 50;

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<bool> {
    let mut table = Table::new("service");
    for times in TIMES {
        let place = Place::over(MemoryStore::new())?;
        requests(&mut table, &place, "in memory", times)?;
    }
    for times in TIMES {
        let folder = tempfile::tempdir()?;
        let place = Place::over(RedbStore::open(folder.path().join("growth.redb"))?)?;
        requests(&mut table, &place, "in a file", times)?;
    }
    for times in TIMES {
        let place = Place::over(MemoryStore::new())?;
        let (count, admin) = (FEW * times, place.service.admin(NOW));
        for number in 1..count {
            let name = format!("stack {number}");
            admin.create_stack(&place.demo.organization_uid, &name, &place.demo.owner_uid)?;
        }
        let uid = place.fill(1)?;
        let micros = get(&place, uid.as_str())?;
        row(&mut table, "`GET` of a token, in memory", count, "stacks", times, micros);
    }
    Ok(table.finish()?)
}

/// Reading one token, making and deleting one, and the first page, in a stack with so many.
fn requests(table: &mut Table, place: &Place, store: &str, times: usize) -> Result<()> {
    let count = FEW * times;
    let uid = place.fill(count)?;
    let micros = get(place, uid.as_str())?;
    row(table, &format!("`GET` of a token, {store}"), count, "tokens", times, micros);

    let tokens = place.client()?;
    let tokens = tokens.stack(place.demo.api_key.clone());
    let one_more = draft("one more")?;
    let micros = fastest(1, || {
        let made = tokens.management_tokens().create(&one_more)?;
        Ok(tokens.management_tokens().delete(&made.uid).map(drop)?)
    })?;
    row(table, &format!("creation and deletion, {store}"), count, "tokens", times, micros);

    let page = call(place, "GET", &format!("{TOKENS}?limit={FEW}"))?;
    let micros = fastest(CALLS, || repeat(place, &page))?;
    row(table, &format!("first page of {FEW}, {store}"), count, "tokens", times, micros);
    Ok(())
}

/// Microseconds for reading a token.
fn get(place: &Place, uid: &str) -> Result<f64> {
    let request = call(place, "GET", &format!("{TOKENS}/{uid}"))?;
    let answer: Value = serde_json::from_slice(place.service.handle(NOW, &request).body())?;
    ensure!(answer["token"]["uid"] == uid, "another token: {answer}");
    fastest(CALLS, || repeat(place, &request))
}

fn repeat(place: &Place, request: &Request<Bytes>) -> Result<()> {
    for _ in 0..CALLS {
        let status = place.service.handle(NOW, request).status();
        ensure!(status.is_success(), "unexpected answer: {status}");
    }
    Ok(())
}

fn call(place: &Place, method: &str, path: &str) -> Result<Request<Bytes>> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("api_key", place.demo.api_key.as_str())
        .header("authtoken", place.session.reveal())
        .body(Bytes::new())?;
    Ok(request)
}
