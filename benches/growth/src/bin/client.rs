//! Lists read, tokens got and made, and plans made over many stacks: what a token, a call or a stack takes when there are more of
//! them.
//!
//! `cargo run --release -p cs-bench-growth --bin growth-client`
#![forbid(unsafe_code)]

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use cs_bench_growth::{Place, TIMES, draft, fastest, row};
use cs_bench_load::answers;
use cs_bench_rows::{Table, exit};
use cs_model::{ApiKey, DeliveryToken, Many, answer};
use cs_server::store::MemoryStore;
use cs_tokens::declaration::Declaration;
use cs_tokens::{PlanOptions, Sinks};

/// How many tokens the shortest list has: as many as a page of the vendor's reference shows.
const TOKENS: usize = 20;

/// How many requests one run makes.
const CALLS: usize = 50;

/// What each stack is to hold.
const FILE: &str = r#"
[[management]]
name = "ci"
scope = { entry = "rw", content_type = "r" }
branches = ["main"]
expires_in = "90d"
sink = { env_file = ".env", variable = "CI" }

[[management]]
name = "audit"
scope = { "$all" = "r" }
branches = "all"
sink = { env_file = ".env", variable = "AUDIT" }
"#;

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<bool> {
    let mut table = Table::new("client");
    for times in TIMES {
        let count = TOKENS * times;
        let list = answers::list(count)?;
        let micros = fastest(count, || {
            let read: Many<DeliveryToken> = answer::read(black_box(&list))?;
            ensure!(read.tokens.len() == count, "tokens are missing");
            Ok(())
        })?;
        row(&mut table, "a token of a list that is read", count, "tokens", times, micros);
    }
    for times in TIMES {
        let (place, count) = (Place::over(MemoryStore::new())?, TOKENS * times);
        let (uid, client) = (place.fill(count)?, place.client()?);
        let stack = client.stack(place.demo.api_key.clone());
        let tokens = stack.management_tokens();
        let micros = fastest(CALLS, || {
            for _ in 0..CALLS {
                ensure!(tokens.get(&uid)?.uid == uid, "another token");
            }
            Ok(())
        })?;
        row(
            &mut table,
            "`GET` of a token, client and service in one process",
            count,
            "tokens",
            times,
            micros,
        );
        let one_more = draft("one more")?;
        let micros = fastest(1, || {
            let made = tokens.create(&one_more)?;
            Ok(tokens.delete(&made.uid).map(drop)?)
        })?;
        let what = "creation and deletion, client and service in one process";
        row(&mut table, what, count, "tokens", times, micros);
    }
    let folder = tempfile::tempdir()?;
    let declaration = Declaration::parse("tokens.toml", FILE)?;
    let sinks = Sinks::read(folder.path(), &declaration);
    for count in TIMES {
        let place = Place::over(MemoryStore::new())?;
        let stacks = stacks(&place, count)?;
        let client = place.client()?;
        let micros = fastest(count, || {
            let plans = client.for_each_stack(stacks.iter().cloned(), NonZeroUsize::MIN, |stack| {
                stack.plan(&declaration, &sinks, PlanOptions::default()).map(|plan| plan.changes().count())
            });
            ensure!(plans.len() == count, "stacks are missing");
            for (_, changes) in plans {
                ensure!(changes? == 2, "a plan lacks a token");
            }
            Ok(())
        })?;
        row(&mut table, "a plan by `for_each_stack`", count, "stacks", count, micros);
    }
    Ok(table.finish()?)
}

/// New stacks of the demo organization.
fn stacks(place: &Place, count: usize) -> Result<Vec<ApiKey>> {
    let admin = place.service.admin(cs_bench_growth::NOW);
    let stack = |number| {
        let name = format!("stack {number}");
        Ok(admin.create_stack(&place.demo.organization_uid, &name, &place.demo.owner_uid)?)
    };
    (0..count).map(stack).collect()
}
