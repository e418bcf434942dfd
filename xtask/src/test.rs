//! `cargo xtask test`: what the tests need, then every test.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};

use crate::api;
use crate::shell::{Line, Steps, in_ci};

mod examples;
mod needs;

pub(crate) use needs::{ALL as NEEDS, Need};

/// Runs every test. Answers whether all of them passed.
pub(crate) fn run(root: &Path, install: bool) -> Result<bool> {
    provide(root, &NEEDS, install)?;
    let mut steps = Steps::default();
    // Doc tests come after: nextest does not run them.
    let tests = Runner::of(root).all();
    steps.step("tests", || tests.run(root));
    steps.step("examples in the docs", || {
        Line::new("cargo test --doc --workspace --all-features --no-fail-fast").run(root)
    });
    let mut folder = PathBuf::new();
    steps.step("examples", || {
        folder = examples::build(root)?;
        Ok(())
    });
    for example in &examples::ALL {
        steps.step(&example.title(), || example.run(root, &folder));
    }
    steps.step("how threads interleave", || interleavings(root));
    Ok(steps.finish())
}

/// In a folder of its own, because another flag for the compiler would build everything else anew.
fn interleavings(root: &Path) -> Result<()> {
    let folder = api::target(root)?.join("loom");
    let line = Line::new("cargo test --package cs-transport --lib --release --target-dir")
        .arg(folder.to_string_lossy())
        .arg("loom_tests")
        .var("RUSTFLAGS", "--cfg loom");
    // A name that nothing has is no error to cargo.
    let list = line.clone().arg("--").arg("--list").read(root)?;
    ensure!(listed(&list) > 0, "no test of cs-transport has `loom_tests` in its name");
    line.run(root)
}

/// How many tests a list of them names.
fn listed(list: &str) -> usize {
    list.lines().filter(|line| line.ends_with(": test")).count()
}

/// What runs tests: cargo-nextest where it is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runner {
    Nextest,
    Cargo,
}

impl Runner {
    /// The one that is here; says so where it is the slower.
    pub(crate) fn of(root: &Path) -> Self {
        if Line::new("cargo nextest --version").works(root) {
            return Self::Nextest;
        }
        println!("cargo-nextest is not installed: tests run under `cargo test`, more slowly");
        Self::Cargo
    }

    /// The tests of the workspace, but those that are left out as a rule.
    pub(crate) fn all(self) -> Line {
        Line::new(match self {
            Self::Nextest => "cargo nextest run --workspace --all-features --no-fail-fast",
            Self::Cargo => "cargo test --workspace --all-features --tests --no-fail-fast",
        })
    }

    /// Each of them.
    pub(crate) fn all_and_ignored(self) -> Line {
        match self {
            Self::Nextest => self.all().arg("--run-ignored").arg("all"),
            Self::Cargo => self.all().arg("--").arg("--include-ignored"),
        }
    }

    /// The words before the options that choose some of them.
    pub(crate) fn some(self) -> &'static str {
        match self {
            Self::Nextest => "cargo nextest run",
            Self::Cargo => "cargo test --tests",
        }
    }
}

/// Sees to it that everything of these is there, or fails naming what is not.
pub(crate) fn provide(root: &Path, needs: &[Need], install: bool) -> Result<()> {
    let missing = needs::missing(root, needs);
    if missing.is_empty() {
        println!("everything that this needs is there: {}", names(needs));
        return Ok(());
    }
    println!("this needs, and this machine lacks:");
    for need in &missing {
        println!("  {:<28} {}", need.name(), need.how());
    }
    let consent =
        consent(install, in_ci(), std::io::stdin().is_terminal() && std::io::stderr().is_terminal());
    match consent {
        Consent::Given => {}
        Consent::Ask if ask("install it now?")? => {}
        Consent::Ask => bail!("missing: {}", names(&missing)),
        Consent::Impossible => bail!(
            "missing: {}\nsay `--install`, set CI=true, or run it on a terminal to be asked",
            names(&missing)
        ),
    }
    let mut steps = Steps::default();
    for need in &missing {
        steps.step(need.name(), || need.install(root));
    }
    let still = needs::missing(root, needs);
    if !steps.finish() || !still.is_empty() {
        bail!("could not provide: {}", names(&still));
    }
    Ok(())
}

fn names(needs: &[Need]) -> String {
    needs.iter().map(|need| need.name()).collect::<Vec<_>>().join(", ")
}

/// Whether something may be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Consent {
    Given,
    Ask,
    Impossible,
}

fn consent(install: bool, ci: bool, terminal: bool) -> Consent {
    match (install || ci, terminal) {
        (true, _) => Consent::Given,
        (false, true) => Consent::Ask,
        (false, false) => Consent::Impossible,
    }
}

fn ask(question: &str) -> Result<bool> {
    eprint!("{question} [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_without_tests_is_seen() {
        assert_eq!(listed("a::loom_tests::b: test\na::loom_tests::c: test\n\n2 tests, 0 benchmarks\n"), 2);
        assert_eq!(listed("0 tests, 0 benchmarks\n"), 0);
    }

    #[test]
    fn tests_run_with_what_is_here() {
        let shown = |runner: Runner| runner.all_and_ignored().shown();
        assert!(shown(Runner::Nextest).ends_with(" --no-fail-fast --run-ignored all"));
        assert!(shown(Runner::Cargo).ends_with(" --no-fail-fast -- --include-ignored"));
        for runner in [Runner::Nextest, Runner::Cargo] {
            assert!(shown(runner).starts_with(&runner.all().shown()));
        }
    }

    #[test]
    fn nothing_is_installed_without_consent() {
        assert_eq!(consent(true, false, false), Consent::Given);
        assert_eq!(consent(false, true, true), Consent::Given);
        assert_eq!(consent(false, false, true), Consent::Ask);
        assert_eq!(consent(false, false, false), Consent::Impossible);
    }
}
