//! Instructions, counted by callgrind, beside a file that is checked in. They are the same whatever else the machine does, so
//! they may gate; but another compiler or another valgrind counts others, so they are compared under the same ones alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::shell::Line;
use crate::test::{Need, provide};
use crate::tools::Tool;

/// The checked-in counts.
const FILE: &str = "benches/load/counts.toml";

/// In the version of the library in `Cargo.toml`: both speak one protocol.
const RUNNER: Tool = Tool { name: "gungraun-runner", version: "0.20.0", options: "" };

/// How many percent a row may cost more than it did.
const BOUND: u64 = 2;

/// The command that writes the file.
const SAVE: &str = "cargo xtask bench --counts --save";

const HEAD: &str = "# Instructions of each row of counts.rs, by callgrind. Written by `cargo xtask bench --counts --save`.\n\n";

/// What was counted, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Counts {
    /// `rustc --version`.
    rustc: String,
    /// The triple that it builds for.
    host: String,
    /// `valgrind --version`.
    valgrind: String,
    /// By name of the row.
    instructions: BTreeMap<String, u64>,
}

/// What the comparison of two counts says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Comparison {
    lines: Vec<String>,
    faults: Vec<String>,
}

/// Counts, and compares with the file. Where it was made by other programs, it says so and decides nothing.
pub(crate) fn check(root: &Path, install: bool) -> Result<()> {
    compared(root, install).map(drop)
}

/// The same, and answers why they were not compared, if they were not.
pub(crate) fn compared(root: &Path, install: bool) -> Result<Option<String>> {
    let text =
        fs::read_to_string(root.join(FILE)).with_context(|| format!("cannot read {FILE}: run `{SAVE}`"))?;
    let before: Counts = toml::from_str(&text).with_context(|| format!("cannot read {FILE}"))?;
    let now = count(root, install)?;
    if let Some(why) = incomparable(&before, &now) {
        for (name, count) in &now.instructions {
            println!("{count:>14}  {name}");
        }
        println!("NOT COMPARED the counts of instructions: {why}");
        println!("for counts of these programs run `{SAVE}` on a commit that you trust, then this again");
        return Ok(Some(why));
    }
    let comparison = compare(&before, &now);
    println!("{}", comparison.lines.join("\n"));
    ensure!(
        comparison.faults.is_empty(),
        "{}\nwhere it is meant, run `{SAVE}`",
        comparison.faults.join("\n")
    );
    Ok(None)
}

/// Counts, and writes the file.
pub(crate) fn save(root: &Path, install: bool) -> Result<()> {
    let now = count(root, install)?;
    let path = root.join(FILE);
    fs::write(&path, HEAD.to_owned() + &toml::to_string(&now)?)
        .with_context(|| format!("cannot write {FILE}"))?;
    println!("wrote {} rows to {FILE}", now.instructions.len());
    Ok(())
}

fn count(root: &Path, install: bool) -> Result<Counts> {
    provide(root, &[Need::Valgrind], install)?;
    let runner = RUNNER.provide(root)?;
    // The profile that keeps the names of functions: by them it is known where to start and to stop.
    let lines = Line::new("cargo bench --quiet --profile counted --package cs-bench-load --bench counts -- --output-format=json")
        .var("GUNGRAUN_RUNNER", &runner.to_string_lossy())
        .read(root)?;
    let verbose = Line::new("rustc -vV").read(root)?;
    let host = verbose.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    Ok(Counts {
        rustc: Line::new("rustc --version").read(root)?,
        host: host.to_owned(),
        valgrind: Line::new("valgrind --version").read(root)?,
        instructions: rows(&lines)?,
    })
}

/// Reads what the runner writes: an object on each line.
fn rows(text: &str) -> Result<BTreeMap<String, u64>> {
    let mut rows = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with('{')) {
        let row: Value = serde_json::from_str(line).context("the runner wrote something else than JSON")?;
        let part = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let name = format!("{}::{}::{}", part("group"), part("function_name"), part("id"));
        let profiles = row["profiles"].as_array().into_iter().flatten();
        let callgrind = profiles.into_iter().find(|profile| profile["tool"] == "Callgrind");
        let count = callgrind.and_then(|it| it["data"]["total"]["metrics"]["Ir"]["values"]["new"].as_u64());
        rows.insert(
            name.clone(),
            count.with_context(|| format!("no instructions were counted for `{name}`"))?,
        );
    }
    ensure!(!rows.is_empty(), "nothing was counted");
    Ok(rows)
}

/// Why two counts say nothing about each other.
fn incomparable(before: &Counts, now: &Counts) -> Option<String> {
    let pairs = [(&before.rustc, &now.rustc), (&before.host, &now.host), (&before.valgrind, &now.valgrind)];
    let different: Vec<String> = pairs
        .into_iter()
        .filter(|(before, now)| before != now)
        .map(|(before, now)| format!("{FILE} is by {before}, and this is {now}"))
        .collect();
    (!different.is_empty()).then(|| different.join("; "))
}

fn compare(before: &Counts, now: &Counts) -> Comparison {
    let mut comparison = Comparison::default();
    for (name, &count) in &now.instructions {
        let Some(&known) = before.instructions.get(name) else {
            comparison.faults.push(format!("{FILE} lacks `{name}`"));
            continue;
        };
        let percent = (count as f64 / known as f64 - 1.0) * 100.0;
        comparison.lines.push(format!("{count:>14} {percent:>+7.2} %  {name}"));
        if count * 100 > known * (100 + BOUND) {
            comparison.faults.push(format!(
                "`{name}` takes {count} instructions, {percent:.2} % more than {known}; at most {BOUND} %"
            ));
        } else if count * 100 < known * (100 - BOUND) {
            comparison.lines.push(format!("{:>25}it costs less; keep that by `{SAVE}`", ""));
        }
    }
    let gone = before.instructions.keys().filter(|name| !now.instructions.contains_key(*name));
    comparison.faults.extend(gone.map(|name| format!("`{name}` of {FILE} was not counted")));
    comparison
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(rows: &[(&str, u64)]) -> Counts {
        Counts {
            rustc: "rustc 1".to_owned(),
            host: "here".to_owned(),
            valgrind: "valgrind-3".to_owned(),
            instructions: rows.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect(),
        }
    }

    #[test]
    fn rows_of_the_runner() {
        let line = r#"{"group":"g","function_name":"f","id":"i","profiles":[{"tool":"Callgrind","data":{"total":{"metrics":{"Ir":{"values":{"new":42,"old":41}}}}}}]}"#;
        assert_eq!(rows(&format!("noise\n{line}\n")).unwrap(), [("g::f::i".to_owned(), 42)].into());
        assert!(rows("").is_err());
        assert!(rows(&line.replace("Callgrind", "DHAT")).unwrap_err().to_string().contains("`g::f::i`"));
    }

    #[test]
    fn two_percent_more_is_too_much() {
        let before = counts(&[("a", 10_000), ("b", 10_000)]);
        assert!(compare(&before, &counts(&[("a", 10_200), ("b", 9_000)])).faults.is_empty());
        let more = compare(&before, &counts(&[("a", 10_201), ("b", 10_000)]));
        assert_eq!(more.faults, ["`a` takes 10201 instructions, 2.01 % more than 10000; at most 2 %"]);
        let other = compare(&before, &counts(&[("a", 10_000), ("c", 1)]));
        assert_eq!(
            other.faults,
            ["benches/load/counts.toml lacks `c`", "`b` of benches/load/counts.toml was not counted"]
        );
    }

    #[test]
    fn other_programs_count_other_instructions() {
        let before = counts(&[("a", 1)]);
        assert_eq!(incomparable(&before, &counts(&[("a", 2)])), None);
        let now = Counts { valgrind: "valgrind-4".to_owned(), ..before.clone() };
        let why = incomparable(&before, &now).unwrap();
        assert!(why.contains("by valgrind-3, and this is valgrind-4") && !why.contains("rustc"), "{why}");
    }

    #[test]
    fn the_library_and_its_runner_are_of_one_version() {
        let manifest = fs::read_to_string(crate::codegen::root().join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let library = manifest["workspace"]["dependencies"]["gungraun"].as_str().unwrap();
        assert_eq!(library.trim_start_matches('='), RUNNER.version);
    }
}
