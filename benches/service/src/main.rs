//! The service under load, side by side with bare servers that do next to nothing: one server thread, 16 connections, all
//! in one run. `docs/performance.md` says what comes out and why.
//!
//! `cargo build --release -p cs-cli && cargo run --release -p cs-bench-service`
#![forbid(unsafe_code)]

mod alone;
mod bare;
mod bare_store;
mod load;
mod ours;
mod prism;
mod process;
mod served;

use std::process::ExitCode;

use anyhow::Result;
use cs_bench_rows::{Bound, Table, exit};

use load::{Best, Client, Script};

/// How often each side runs, in turn: the fastest run of each counts, the one that other work on the machine disturbed
/// least.
const ROUNDS: usize = 5;
const RATE: &str = "requests/s";
const READS: usize = 30_000;

fn main() -> ExitCode {
    exit(run())
}

/// Runs all measurements or some of them, or one thing alone: the bare peer of one of them, the service under a profiler. Whether
/// every bound was met.
fn run() -> Result<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let parts = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => ["reads", "creates", "file", "process"].to_vec(),
        ["serve-bare"] => return bare::serve_here().map(|()| true),
        ["alone", what, calls] => return alone::run(what, calls.parse()?).map(|()| true),
        ["only", ref parts @ ..] if !parts.is_empty() => parts.to_vec(),
        _ => anyhow::bail!("`serve-bare`, `alone get|create CALLS` and `only PART..` are all there is"),
    };
    let mut table = Table::new("service");
    for part in parts {
        match part {
            "reads" => reads(&mut table)?,
            "creates" => creates_in_memory(&mut table)?,
            "file" => creates_in_a_file(&mut table)?,
            "process" => process::measure(&mut table)?,
            _ => anyhow::bail!("`{part}` is none of `reads`, `creates`, `file`, `process`"),
        }
    }
    Ok(table.finish()?)
}

fn reads(table: &mut Table) -> Result<()> {
    let ours = ours::Ours::memory()?;
    let token = ours.create(0, "measured")?;
    let ours_server = ours.serve()?;
    let bare_server = bare::serve(token.clone())?;
    let uid = token["uid"].as_str().unwrap_or_default();
    let path = format!("/v3/stacks/delivery_tokens/{uid}");
    let request = ours.request("GET", 0, &path, "");
    let script = Script::Same { request, count: READS, status: 200 };
    let (mut us, mut them) = (Best::default(), Best::default());
    for _ in 0..ROUNDS {
        them.add(load::run(&bare_server, &script, Client::Awake)?);
        us.add(load::run(&ours_server, &script, Client::Awake)?);
    }
    let what = "`GET` of a token, in memory";
    table.beside(
        what,
        RATE,
        us.per_second(),
        ("bare axum, the same JSON", them.per_second()),
        Bound::AtLeast(0.8),
    );
    cost(&us, &them);
    if let Some(prism) = prism::measure(&ours, &path)? {
        table.beside(what, RATE, us.per_second(), ("Prism", prism.per_second()), Bound::AtLeast(30.0));
    }
    Ok(())
}

fn creates_in_memory(table: &mut Table) -> Result<()> {
    let (mut us, mut them) = (Best::default(), Best::default());
    for _ in 0..ROUNDS {
        let ours = ours::Ours::memory()?;
        let script = ours.creates()?;
        let bare_server = bare::serve(ours.create(0, "measured")?)?;
        them.add(load::run(&bare_server, &script, Client::Awake)?);
        us.add(load::run(&ours.serve()?, &script, Client::Awake)?);
    }
    let peer = ("bare axum's `POST`", them.per_second());
    table.beside("creation, in memory", RATE, us.per_second(), peer, Bound::AtLeast(0.7));
    cost(&us, &them);
    Ok(())
}

fn creates_in_a_file(table: &mut Table) -> Result<()> {
    let (mut us, mut them) = (Best::default(), Best::default());
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir()?;
        them.add(bare_store::run(&folder.path().join("bare.redb"))?);
        let ours = ours::Ours::file(&folder.path().join("ours.redb"))?;
        let script = ours.creates()?;
        us.add(load::run(&ours.serve()?, &script, Client::Sleeps)?);
    }
    let peer = ("bare redb, 16 tokens a commit", them.per_second());
    table.beside("creation, in a file", RATE, us.per_second(), peer, Bound::AtLeast(0.5));
    cost(&us, &them);
    Ok(())
}

/// Shows how much processor time a request took in each server: the rate tells who is faster, this tells why.
fn cost(us: &Best, them: &Best) {
    println!(
        "    microseconds of the server for each: {:.1} ours, {:.1} the peer",
        us.cpu_micros(),
        them.cpu_micros()
    );
}
