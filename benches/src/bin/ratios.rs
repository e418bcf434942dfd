//! The ratios of the last run of the measurements, beside their bounds. Fails when one is not met.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cs_bench_load::load::Load;
use cs_bench_rows::{Bound, Table, exit};

/// What is beside what: the measurement, the peer, the name of the peer, and what the ratio may be. A ratio of at least
/// something says how many times as fast ours is.
const ROWS: [(&str, &str, &str, Bound); 7] = [
    ("decide/decide", "decide/bare_answers", "a bare lookup of the whole answer", Bound::AtMost(2.0)),
    ("decide/decide", "decide/cedar", "Cedar's authorizer", Bound::AtLeast(3000.0)),
    ("decide/decide", "decide/bare_verdicts", "a bare lookup of a byte", Bound::None),
    ("decide/decide_by_rules", "decide/bare_answers", "a bare lookup of the whole answer", Bound::None),
    ("decide/from_strings", "decide/bare_answers", "a bare lookup of the whole answer", Bound::None),
    ("classify/classify", "classify/matchit", "matchit", Bound::AtMost(0.6)),
    ("why/why", "decide/decide", "`decide`", Bound::AtMost(1.5)),
];

/// What is judged by itself, in nanoseconds.
const ALONE: [(&str, Bound); 3] = [
    ("decide/from_strings", Bound::AtMost(150.0)),
    ("prepare/new", Bound::None),
    ("prepare/tabulated", Bound::None),
];

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<bool, String> {
    let results = results();
    let load = Load::new();
    let each = |name: &str| -> Result<f64, String> {
        let of = if name.starts_with("prepare/") { load.principals.len() } else { load.questions.len() };
        Ok(fastest(&results, name)? / of as f64)
    };
    let mut table = Table::new("policy");
    for (name, peer, peer_name, bound) in ROWS {
        let (ours, theirs) = (each(name)?, each(peer)?);
        match bound {
            Bound::AtLeast(_) => table.faster(shown(name), "ns", ours, (peer_name, theirs), bound),
            _ => table.beside(shown(name), "ns", ours, (peer_name, theirs), bound),
        }
    }
    for (name, bound) in ALONE {
        table.alone(shown(name), "ns", each(name)?, bound);
    }
    table.finish().map_err(|error| error.to_string())
}

/// As the page on performance names it.
fn shown(name: &str) -> &str {
    match name {
        "decide/decide" => "`decide` on a tabulated principal",
        "decide/decide_by_rules" => "`decide` by the rules alone",
        "decide/from_strings" => "`decide_prepared`, from method, path and branch name",
        "classify/classify" => "`classify`",
        "why/why" => "`why`, every reason taken",
        "prepare/new" => "`Prepared::new`",
        "prepare/tabulated" => "`Prepared::new` and `tabulated`",
        other => other,
    }
}

/// The folder of criterion's results.
fn results() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target")).join("criterion")
}

/// The fastest sample of the last run, in nanoseconds for the whole load: the one that other work on the machine disturbed
/// least. Medians move with that work, and not by the same for each measurement.
fn fastest(results: &Path, name: &str) -> Result<f64, String> {
    let path = results.join(name).join("new/sample.json");
    let text = std::fs::read_to_string(&path)
        .map_err(|_| format!("no result of `{name}`: run `cargo bench -p cs-benches` first"))?;
    let value: serde_json::Value =
        serde_json::from_str(&text).map_err(|_| format!("unreadable result of `{name}`"))?;
    let numbers = |key: &str| {
        value[key].as_array().into_iter().flatten().filter_map(serde_json::Value::as_f64).collect::<Vec<_>>()
    };
    let each = numbers("times").into_iter().zip(numbers("iters")).map(|(time, runs)| time / runs);
    each.min_by(f64::total_cmp).ok_or_else(|| format!("no samples of `{name}`"))
}
