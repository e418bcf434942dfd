//! `cargo xtask ci`: all checks, then all tests; with `--checks` the checks alone, with `--deep` also the tests that take
//! long. A failure does not keep the others from running.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::shell::{Line, Steps};
use crate::{api, bench, book, codegen, rust, test};

mod cited;
mod crates;
mod deny;
mod dependencies;
mod features;
mod files;
mod layers;
mod links;
mod purity;
mod tidy;

/// Tests whose length is a matter of how sure one wants to be read these: `CS_DEEP` in our own, the other in proptest's.
const DEEP: [(&str, &str); 2] = [("CS_DEEP", "1"), ("PROPTEST_CASES", "20000")];

/// Ten minutes of requests that a fuzzer finds, with whichever nightly compiler is here.
const FUZZ: &str = "fuzz run request -- -max_total_time=600 -timeout=10 -rss_limit_mb=4096";

/// Apart from the workspace, so every tool is led to it by name.
const FUZZ_MANIFEST: &str = "fuzz/Cargo.toml";

/// How much is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// What needs no tests.
    Checks,
    /// All of it.
    All,
    /// And the tests that take long.
    Deep,
}

/// Runs all checks. Answers whether all of them passed.
pub(crate) fn run(root: &Path, extent: Extent) -> Result<bool> {
    let mut steps = Steps::default();
    steps.step("formatting", || {
        Line::new("cargo fmt --all --check").run(root)?;
        Line::new("cargo fmt --check --manifest-path").arg(FUZZ_MANIFEST).run(root)
    });
    steps.step("generated files", || {
        ensure!(codegen::run(root, true)?, "generated files are out of date");
        Ok(())
    });
    steps.step("tidiness", || tidy::check(root));
    steps.step("what crates say", || crates::check(root));
    steps.step("sources in docs", || cited::check(root));
    steps.step("links", || links::check(root));
    steps.step("dependencies", || dependencies::check(root));
    steps.step("layers, purity and features", || {
        layers::check(root)?;
        purity::check(root)
    });
    steps.step("lints", || {
        Line::new("cargo clippy --workspace --all-features --all-targets -- -D warnings").run(root)
    });
    steps.step("each crate alone, with no feature, each, and all", || {
        let lines = [features::builds(root)?, features::builds_of_tests(root)?].concat();
        lines.iter().try_for_each(|line| {
            println!("{line}");
            Line::new(line).run(root)
        })
    });
    steps.step("documentation", || {
        Line::new("cargo doc --workspace --all-features --no-deps")
            .var("RUSTDOCFLAGS", "-D warnings")
            .run(root)
    });
    match rust::other(root)? {
        Some(why) => steps.not_run("public API", &why),
        None => steps.step("public API", || {
            ensure!(api::run(root, true)?, "the lists of public items are out of date");
            Ok(())
        }),
    }
    steps.step("book", || book::build(root));
    steps.step("licences and duplicate versions", || deny::check(root));
    let checked = steps.finish();
    if extent == Extent::Checks {
        return Ok(checked);
    }
    let tested = test::run(root, false)?;
    let mut steps = Steps::default();
    if extent == Extent::Deep {
        let runner = test::Runner::of(root);
        steps.step("deep tests", || {
            let tests = runner.all_and_ignored();
            DEEP.iter().fold(tests, |line, (name, value)| line.var(name, value)).run(root)
        });
        steps.step("tests of each crate alone, with no feature, each, and all", || {
            features::tests(root, runner)?.iter().try_for_each(|line| {
                println!("{line}");
                Line::new(line).run(root)
            })
        });
        steps.comparison("advisories against dependencies", || deny::advisories(root));
        steps.comparison("counts of instructions", || bench::counts::compared(root, false));
        oldest(root, &mut steps)?;
        steps.step("lints of what is fuzzed", || {
            Line::new("cargo clippy --locked --manifest-path")
                .arg(FUZZ_MANIFEST)
                .arg("--")
                .arg("-Dwarnings")
                .run(root)
        });
        let nightly = rust::installed(root, "nightly").map(|toolchain| format!("cargo +{toolchain}"));
        match nightly.filter(|cargo| Line::new(&format!("{cargo} fuzz --version")).works(root)) {
            Some(cargo) => steps.step("fuzzing", || Line::new(&format!("{cargo} {FUZZ}")).run(root)),
            None => steps.not_run(
                "fuzzing",
                "it needs a nightly compiler and cargo-fuzz: `rustup toolchain install nightly`, \
                 `cargo install cargo-fuzz --locked`",
            ),
        }
    }
    Ok(steps.finish() && checked && tested)
}

/// That everything compiles with the oldest Rust that is promised. In a folder of its own: what one compiler built, another
/// cannot use.
fn oldest(root: &Path, steps: &mut Steps) -> Result<()> {
    let version = rust::oldest(root)?;
    let name = format!("the oldest Rust, {version}");
    match rust::installed(root, &version) {
        Some(toolchain) => steps.step(&name, || {
            Line::new("cargo")
                .arg(format!("+{toolchain}"))
                .arg("check")
                .arg("--locked")
                .arg("--workspace")
                .arg("--all-features")
                .arg("--all-targets")
                .var("CARGO_TARGET_DIR", &api::target(root)?.join("oldest").to_string_lossy())
                .run(root)
        }),
        None => steps.not_run(&name, &format!("it is not here: `rustup toolchain install {version}`")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    /// What is not in the workflow's list is on no machine of theirs; and each has its version there, so that a job which was
    /// green is green again.
    #[test]
    fn the_job_of_sunday_installs_what_it_runs() {
        let root = crate::codegen::root();
        let action = std::fs::read_to_string(root.join(".github/actions/rust/action.yml")).unwrap();
        for line in [
            "cargo install cargo-nextest --locked --version ",
            "cargo install cargo-fuzz --locked --version ",
            "rustup toolchain install nightly-",
        ] {
            let version = action.split_once(line).map_or("", |(_, version)| version);
            assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{line}");
        }
    }
}
