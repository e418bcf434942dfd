//! How long `cstok` takes from start to end when it has nothing to do, beside programs that do nothing: the start of every
//! command, in every script that calls it. Both are built as what people download, with the profile `dist`, and both are
//! copied first: nobody starts a program from where the linker wrote it, which leaves a file in memory page by page, each of
//! them to be mapped by itself.
//!
//! `cargo build --profile dist -p cs-cli -p cs-bench-rows && cargo run --profile dist -p cs-bench-rows`
#![forbid(unsafe_code)]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use cs_bench_rows::{Bound, Table, exit};

/// How often each program is started, in turn.
const STARTS: usize = 200;
/// The same for programs that take long.
const FEW: usize = 10;

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<bool, Box<dyn Error>> {
    let (cstok, empty) = (copied("cstok")?, copied("empty")?);
    let mut table = Table::new("command line");
    let version: &[&str] = &["--version"];
    let (ours, theirs) = (Best::default(), Best::default());
    let (ours, theirs) = (0..STARTS).try_fold((ours, theirs), |(ours, theirs), _| {
        Ok::<_, Box<dyn Error>>((ours.with(start(&cstok, version)?), theirs.with(start(&empty, &[])?)))
    })?;
    table.beside(
        "cstok --version",
        "ms",
        ours.millis(),
        ("an empty main", theirs.millis()),
        Bound::AtMost(1.3),
    );
    let can: &[&str] = &[
        "can",
        "GET",
        "/v3/content_types",
        "--as",
        "management",
        "--scope",
        "content_type:r",
        "--branches",
        "main",
    ];
    let can =
        (0..STARTS).try_fold(Best::default(), |best, _| start(&cstok, can).map(|time| best.with(time)))?;
    table.beside("cstok can", "ms", can.millis(), ("an empty main", theirs.millis()), Bound::None);
    for (name, program, arguments) in
        [("node -e 0", "node", ["-e", "0"].as_slice()), ("csdx --version", "csdx", version)]
    {
        let times: Result<Best, _> = (0..FEW).try_fold(Best::default(), |best, _| {
            start(Path::new(program), arguments).map(|time| best.with(time))
        });
        match times {
            Ok(times) => {
                table.faster("cstok --version", "ms", ours.millis(), (name, times.millis()), Bound::None);
            }
            Err(_) => println!("{program} is not installed: its row is left out"),
        }
    }
    Ok(table.finish()?)
}

/// The fastest of several runs: the one that other work on the machine disturbed least.
#[derive(Clone, Copy, Default)]
struct Best(Option<Duration>);

impl Best {
    fn with(self, time: Duration) -> Self {
        Self(Some(self.0.map_or(time, |best| best.min(time))))
    }

    fn millis(self) -> f64 {
        self.0.unwrap_or_default().as_secs_f64() * 1e3
    }
}

/// From the start of a program to its end.
fn start(program: &Path, arguments: &[&str]) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).stdout(Stdio::null());
    let status = command.status()?;
    let took = start.elapsed();
    if status.success() { Ok(took) } else { Err(format!("`{}` failed ({status})", program.display()).into()) }
}

/// A copy of a program that was built beside this one.
fn copied(name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let built = std::env::current_exe()?.with_file_name(name);
    if !built.exists() {
        return Err(format!("build `{name}` first: {}", built.display()).into());
    }
    let folder = built.with_file_name("copied");
    fs::create_dir_all(&folder)?;
    let copy = folder.join(name);
    // Not over an older one, which may keep its pages in memory.
    let _ = fs::remove_file(&copy);
    fs::copy(&built, &copy)?;
    Ok(copy)
}
