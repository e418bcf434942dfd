//! `cargo xtask test`: what the tests need, then every test.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::shell::{Line, Steps};

mod examples;
mod needs;

pub(crate) use needs::Need;

/// Runs every test. Answers whether all of them passed.
pub(crate) fn run(root: &Path, install: bool) -> Result<bool> {
    provide(root, &needs::ALL, install)?;
    let mut steps = Steps::default();
    let nextest = Line::new("cargo nextest --version").works(root);
    let tests = if nextest {
        // Doc tests come after: nextest does not run them.
        Line::new("cargo nextest run --workspace --all-features --no-fail-fast")
    } else {
        println!("cargo-nextest is not installed: tests run under `cargo test`, more slowly");
        Line::new("cargo test --workspace --all-features --all-targets --no-fail-fast")
    };
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
    // In a folder of its own, because another flag for the compiler would build everything else anew.
    steps.step("every interleaving of threads", || {
        Line::new("cargo test --package cs-transport --lib --release --target-dir target/loom loom_tests")
            .var("RUSTFLAGS", "--cfg loom")
            .run(root)
    });
    Ok(steps.finish())
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
    let consent = consent(
        install,
        std::env::var("CI").is_ok_and(|value| value == "true"),
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
    );
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
    fn nothing_is_installed_without_consent() {
        assert_eq!(consent(true, false, false), Consent::Given);
        assert_eq!(consent(false, true, true), Consent::Given);
        assert_eq!(consent(false, false, true), Consent::Ask);
        assert_eq!(consent(false, false, false), Consent::Impossible);
    }
}
