//! The ratios of the last run of the measurements, beside their bounds. Fails when one is not met.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cs_benches::load::Load;

/// What may take how much.
enum Bound {
    /// At most so many times the time of another.
    AtMost(f64, &'static str),
    /// At least so many times as fast as another.
    Faster(f64, &'static str),
    /// At most so many nanoseconds.
    Nanoseconds(f64),
}

const BOUNDS: [(&str, Bound); 5] = [
    ("decide/decide", Bound::AtMost(2.0, "decide/bare_answers")),
    ("decide/decide", Bound::Faster(3000.0, "decide/cedar")),
    ("decide/from_strings", Bound::Nanoseconds(150.0)),
    ("classify/classify", Bound::AtMost(0.6, "classify/matchit")),
    ("why/why", Bound::AtMost(1.5, "decide/decide")),
];

/// What is shown without a bound.
const SHOWN: [&str; 10] = [
    "decide/bare_verdicts",
    "decide/bare_answers",
    "decide/decide",
    "decide/decide_by_rules",
    "decide/from_strings",
    "decide/cedar",
    "why/why",
    "classify/classify",
    "classify/matchit",
    "prepare/new",
];

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("{problem}");
            eprintln!("run `cargo bench -p cs-benches` first");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool, String> {
    let results = results();
    let load = Load::new();
    let each = |name: &str| -> Result<f64, String> {
        let of = if name.starts_with("prepare/") { load.principals.len() } else { load.questions.len() };
        Ok(fastest(&results, name)? / of as f64)
    };
    println!("{:<24} {:>12}", "", "ns each");
    for name in SHOWN.into_iter().chain(["prepare/tabulated"]) {
        println!("{name:<24} {:>12.2}", each(name)?);
    }
    println!();
    let mut met = true;
    for (name, bound) in &BOUNDS {
        let time = each(name)?;
        let (text, good) = match bound {
            Bound::AtMost(most, other) => {
                let ratio = time / each(other)?;
                (format!("{ratio:.2} x {other}, bound {most}"), ratio <= *most)
            }
            Bound::Faster(least, other) => {
                let ratio = each(other)? / time;
                (format!("{ratio:.0} times as fast as {other}, bound {least}"), ratio >= *least)
            }
            Bound::Nanoseconds(most) => (format!("{time:.0} ns, bound {most} ns"), time <= *most),
        };
        println!("{} {name}: {text}", if good { "met   " } else { "MISSED" });
        met &= good;
    }
    Ok(met)
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
    let text = std::fs::read_to_string(&path).map_err(|_| format!("no result of `{name}`"))?;
    let value: serde_json::Value =
        serde_json::from_str(&text).map_err(|_| format!("unreadable result of `{name}`"))?;
    let numbers = |key: &str| {
        value[key].as_array().into_iter().flatten().filter_map(serde_json::Value::as_f64).collect::<Vec<_>>()
    };
    let each = numbers("times").into_iter().zip(numbers("iters")).map(|(time, runs)| time / runs);
    each.min_by(f64::total_cmp).ok_or_else(|| format!("no samples of `{name}`"))
}
