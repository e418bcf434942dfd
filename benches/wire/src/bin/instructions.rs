//! How many instructions a single call takes, ours and the peer's, by valgrind: the same from run to run, whatever else the
//! machine does, and so what judges where time does not tell. Fails when a bound is not met.
//!
//! `cargo build --profile linked -p cs-wire-benches && cargo run --profile linked -p cs-wire-benches --bin instructions`
//!
//! Whole processes are counted, all of their threads, and what they take to start is subtracted: two runs of
//! `overhead count`, with few calls and with many, over sockets on loopback to a server in this process, which is not counted.
//! gungraun, which counts what the crates do by themselves (`benches/load/counts.rs`), counts functions and not that.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use cs_bench_load::answers;
use cs_bench_rows::{Bound, Table, exit};
use cs_wire_benches::raw::Failure;
use cs_wire_benches::server;

/// The most that ours may take beside the peer's.
const BOUND: f64 = 1.02;

/// How many calls the shorter and the longer run make.
const CALLS: [u32; 2] = [200, 1_200];

/// What is counted, over which peer, by its name in `overhead count`.
const WHAT: [(&str, &str, &str); 4] = [
    ("`GET` of a token", "`ureq`", "ureq-get"),
    ("creation", "`ureq`", "ureq-create"),
    ("`GET` of a token", "`reqwest`", "reqwest-get"),
    ("creation", "`reqwest`", "reqwest-create"),
];

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<bool, Failure> {
    let overhead = std::env::current_exe()?.with_file_name("overhead");
    if !overhead.exists() {
        return Err(format!("build `overhead` first: {}", overhead.display()).into());
    }
    let server = server::start(&answers::one()?, &answers::one()?)?;
    let counter = Counter { overhead, url: server.url() };
    let mut table = Table::new("client");
    for (what, peer, name) in WHAT {
        let (ours, theirs) = (counter.of_a_call(name)?, counter.of_a_call(&format!("{name}-raw"))?);
        let what = format!("{what}, instructions");
        table.beside(&what, "of user space", ours, (peer, theirs), Bound::AtMost(BOUND));
    }
    Ok(table.finish()?)
}

/// Counts calls to a server.
struct Counter {
    overhead: PathBuf,
    url: String,
}

impl Counter {
    fn of_a_call(&self, what: &str) -> Result<f64, Failure> {
        let [few, many] = CALLS;
        let more =
            counted(&self.overhead, &self.url, what, many)? - counted(&self.overhead, &self.url, what, few)?;
        Ok(more / f64::from(many - few))
    }
}

/// The instructions of one run.
fn counted(overhead: &Path, url: &str, what: &str, calls: u32) -> Result<f64, Failure> {
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(overhead)
        .args(["count", url, what, &calls.to_string()])
        .output()
        .map_err(|error| format!("cannot start valgrind, which counts: {error}; apt-get install valgrind"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("valgrind failed at {calls} of `{what}` ({}): {said}", output.status).into());
    }
    refs(&said).ok_or_else(|| format!("valgrind says no count: {said}").into())
}

/// What the summary says: `==1== I   refs:      189,991,414`, in later versions `I refs:`.
fn refs(said: &str) -> Option<f64> {
    let line = said.lines().find(|line| line.contains(" I ") && line.contains("refs:"))?;
    line.rsplit("refs:").next()?.trim().replace(',', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_valgrind() {
        assert_eq!(refs("==1== \n==1== I   refs:      189,991,414\n==1== \n"), Some(189_991_414.0));
        assert_eq!(refs("==1== I refs:        1,007\n"), Some(1_007.0));
        assert_eq!(refs("==1== D   refs:        7\n"), None);
    }
}
