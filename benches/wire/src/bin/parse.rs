//! What our types take to read a list of 20 tokens, unknown fields kept, beside plain structs and `serde_json::Value`. Fails
//! when a bound is not met.
//!
//! `cargo run --profile linked -p cs-wire-benches --bin parse`

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cs_bench_load::answers;
use cs_bench_rows::{Bound, Table, exit};
use cs_model::{DeliveryToken, Many, answer};
use cs_wire_benches::plain::PlainList;
use cs_wire_benches::raw::Failure;
use serde_json::Value;

/// The most that our types may take beside plain structs.
const BOUND: f64 = 1.2;

/// How many tokens a list holds.
const TOKENS: usize = 20;

/// How often a batch is measured; the fastest counts, because other work only adds.
const BATCHES: u32 = 400;

/// How many lists a batch reads.
const LISTS: u32 = 25;

/// Reads a list, and says how many tokens it holds.
type Parser<'a> = &'a dyn Fn(&[u8]) -> Result<usize, Failure>;

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<bool, Failure> {
    let list = answers::list(TOKENS)?;
    let parsers: [Parser<'_>; 4] = [
        &|bytes| Ok(answer::read::<Many<DeliveryToken>>(bytes)?.tokens.len()),
        &|bytes| Ok(black_box(serde_json::from_slice::<PlainList>(bytes)?).tokens.len()),
        &|bytes| {
            let value: Value = serde_json::from_slice(bytes)?;
            Ok(serde_json::from_value::<Many<DeliveryToken>>(value)?.tokens.len())
        },
        &|bytes| {
            let value = black_box(serde_json::from_slice::<Value>(bytes)?);
            Ok(value["tokens"].as_array().map_or(0, Vec::len))
        },
    ];
    let mut fastest = [Duration::MAX; 4];
    for _ in 0..BATCHES {
        // Turn by turn, so that all meet the same weather.
        for (parse, fastest) in parsers.iter().zip(&mut fastest) {
            let start = Instant::now();
            for _ in 0..LISTS {
                if parse(black_box(&list))? != TOKENS {
                    return Err("tokens are missing".into());
                }
            }
            *fastest = start.elapsed().min(*fastest);
        }
    }
    let micros = fastest.map(|time| time.as_secs_f64() * 1e6 / f64::from(LISTS));
    let [ours, plain, through_value, value] = micros;
    let mut table = Table::new("client");
    let what = "a list of 20 tokens, unknown fields kept";
    table.beside(what, "us", ours, ("plain structs with `flatten`", plain), Bound::AtMost(BOUND));
    table.beside(
        what,
        "us",
        ours,
        ("our types, by way of `serde_json::Value`", through_value),
        Bound::AtMost(1.0),
    );
    table.beside(what, "us", ours, ("`serde_json::Value` alone", value), Bound::None);
    Ok(table.finish()?)
}
