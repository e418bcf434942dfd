//! `cargo xtask bench`: every measurement with its peers, one after the other, and the page that shows them.
//!
//! The programs print their rows and append them to a file (see `benches/rows`); here they are run in order, and the table
//! of docs/performance.md and its plot are written from the file. Nothing is judged by wall-clock time in `ci`: a bound that
//! is missed is written down as missed, and this command fails.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::codegen::OutFile;
use crate::release::dist;
use crate::shell::{Line, Steps};
use crate::test::{Need, provide};
use crate::{api, codegen};

pub(crate) mod counts;
mod growth;
mod page;
mod plot;
mod row;

use row::Row;

/// An area: the profiles and packages that it needs, and the programs that measure.
struct Area {
    name: &'static str,
    packages: &'static [(&'static str, &'static str)],
    lines: &'static [&'static str],
}

const RELEASE: &str = "release";
/// That of programs that make many calls, ours and the peers'.
const LINKED: &str = "linked";
/// That of the program that people download, and of the empty one beside it.
const DIST: &str = "dist";

/// The area that counts instructions, too.
const CLIENT: &str = "client";

/// The program itself.
const PROGRAM: &str = "cs-cli";

/// The areas, in the order of the page.
const AREAS: [Area; 4] = [
    Area {
        name: "policy",
        packages: &[(RELEASE, "cs-benches")],
        lines: &[
            "cargo bench -p cs-benches --bench policy",
            "cargo run --release -q -p cs-benches --bin ratios",
            "cargo run --release -q -p cs-benches --bin growth",
        ],
    },
    Area {
        name: CLIENT,
        packages: &[(LINKED, "cs-wire-benches"), (RELEASE, "cs-bench-growth")],
        lines: &[
            "cargo run --profile linked -q -p cs-wire-benches --bin single",
            "cargo run --profile linked -q -p cs-wire-benches --bin instructions",
            "cargo run --profile linked -q -p cs-wire-benches",
            "cargo run --profile linked -q -p cs-wire-benches --bin parse",
            "cargo run --release -q -p cs-bench-growth --bin growth-client",
        ],
    },
    Area {
        name: "service",
        packages: &[(RELEASE, PROGRAM), (RELEASE, "cs-bench-service"), (RELEASE, "cs-bench-growth")],
        lines: &[
            "cargo run --release -q -p cs-bench-service",
            "cargo run --release -q -p cs-bench-growth --bin growth-service",
        ],
    },
    Area {
        name: "command-line",
        packages: &[
            (DIST, PROGRAM),
            (DIST, "cs-bench-rows"),
            (RELEASE, PROGRAM),
            (RELEASE, "cs-bench-growth"),
        ],
        lines: &[
            "cargo run --profile dist -q -p cs-bench-rows",
            "cargo run --release -q -p cs-bench-growth --bin growth-command-line",
        ],
    },
];

/// The names of all areas.
pub(crate) fn areas() -> impl Iterator<Item = &'static str> {
    AREAS.iter().map(|area| area.name)
}

/// Measures one area or all of them, and writes the page. Answers whether every bound was met.
pub(crate) fn run(root: &Path, only: Option<&str>, install: bool) -> Result<bool> {
    let rows = api::target(root)?.join("bench-rows.tsv");
    if rows.exists() {
        fs::remove_file(&rows).with_context(|| format!("cannot remove {}", rows.display()))?;
    }
    let mut steps = Steps::default();
    let areas = || AREAS.iter().filter(|area| only.is_none_or(|only| only == area.name));
    if areas().any(|area| area.name == CLIENT) {
        provide(root, &[Need::Valgrind], install)?;
    }
    // First of all, so that nothing is compiled while something is measured; each package by itself, because together they
    // would be built with each other's features, and built again when they are run.
    let packages: BTreeSet<_> = areas().flat_map(|area| area.packages).copied().collect();
    for (profile, package) in packages {
        let build = if (profile, package) == (DIST, PROGRAM) {
            dist::build(root, &api::target(root)?, install)?
        } else {
            Line::new("cargo build --bins --benches --profile").arg(profile).arg("-p").arg(package)
        };
        steps.step(&build.shown(), || build.run(root));
    }
    for line in areas().flat_map(|area| area.lines) {
        steps.step(line, || Line::new(line).var("CS_BENCH_ROWS", &rows.to_string_lossy()).run(root));
    }
    let text = fs::read_to_string(&rows).context("nothing was measured")?;
    let measured: Vec<Row> = text.lines().map(Row::parse).collect::<Result<_>>()?;
    ensure!(!measured.is_empty(), "nothing was measured");
    page::update(root, &measured, &machine(root)?)?;
    // The plots are drawn from the page.
    codegen::run(root, false)?;
    Ok(steps.finish())
}

/// The plots of what the page shows.
pub(crate) fn pictures(root: &Path) -> Result<Vec<OutFile>> {
    let page =
        fs::read_to_string(root.join(page::PAGE)).with_context(|| format!("cannot read {}", page::PAGE))?;
    let file = |name: &str, text| OutFile { path: format!("docs/pictures/{name}.svg"), text };
    Ok(vec![file("growth", growth::draw(&page)), file("performance", plot::draw(&page))])
}

/// On what it was measured, in one line.
fn machine(root: &Path) -> Result<String> {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map(|name| name.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown").to_owned();
    let rustc = Line::new("rustc --version").read(root)?;
    let rustc = rustc.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let day = Line::new("date -u +%Y-%m-%d").read(root)?;
    Ok(format!(
        "{}, {cores} cores, load {load} at the end, {rustc}, {day}",
        cpu.unwrap_or("unknown processor")
    ))
}
