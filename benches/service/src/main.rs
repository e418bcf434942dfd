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

use load::{Best, Client, Script};

/// How often each side runs, in turn: the fastest run of each counts, the one that other work on the machine disturbed
/// least.
const ROUNDS: usize = 5;
const READS: usize = 30_000;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
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
    let mut table = Table::default();
    for part in parts {
        match part {
            "reads" => reads(&mut table)?,
            "creates" => creates_in_memory(&mut table)?,
            "file" => creates_in_a_file(&mut table)?,
            "process" => process::measure(&mut table)?,
            _ => anyhow::bail!("`{part}` is none of `reads`, `creates`, `file`, `process`"),
        }
    }
    Ok(table.all_met)
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
    table.line("GET one token, memory", &us);
    table.line("  bare axum, the same JSON", &them);
    table.at_least("GET one token beside bare axum", us.per_second() / them.per_second(), 0.8);
    if let Some(prism) = prism::measure(&ours, &path)? {
        table.line("  Prism", &prism);
        table.at_least("GET one token beside Prism", us.per_second() / prism.per_second(), 30.0);
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
    table.line("create, memory", &us);
    table.line("  bare axum POST", &them);
    table.at_least("create in memory beside bare axum", us.per_second() / them.per_second(), 0.7);
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
    table.line("create, file", &us);
    table.line("  bare redb, 16 tokens a commit", &them);
    table.at_least("create in a file beside bare redb", us.per_second() / them.per_second(), 0.5);
    Ok(())
}

/// What is printed, and whether all of it is good.
struct Table {
    all_met: bool,
}

impl Default for Table {
    fn default() -> Self {
        println!("{:<34} {:>12} {:>14}", "", "per second", "us of server");
        Self { all_met: true }
    }
}

impl Table {
    fn line(&self, name: &str, best: &Best) {
        println!("{name:<34} {:>12.0} {:>14.1}", best.per_second(), best.cpu_micros());
    }

    fn at_least(&mut self, name: &str, ratio: f64, bound: f64) {
        let met = ratio >= bound;
        println!("{} {name}: {ratio:.2} x, bound {bound}", if met { "met   " } else { "MISSED" });
        self.all_met &= met;
    }

    fn at_most(&mut self, name: &str, value: f64, bound: f64, unit: &str) {
        let met = value <= bound;
        println!("{} {name}: {value:.1} {unit}, bound {bound:.1}", if met { "met   " } else { "MISSED" });
        self.all_met &= met;
    }
}
