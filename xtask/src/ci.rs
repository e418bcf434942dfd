//! `cargo xtask ci`: all checks that are not tests, and with `--deep` the tests that take long. A failure does not keep the
//! others from running.

use std::path::Path;

use anyhow::{Result, bail};

use crate::codegen;
use crate::shell::{Line, Steps};

mod purity;
mod tidy;

/// Tests whose length is a matter of how sure one wants to be read these: `CS_DEEP` in our own, the other in proptest's.
const DEEP: [(&str, &str); 2] = [("CS_DEEP", "1"), ("PROPTEST_CASES", "20000")];

/// Runs all checks. Answers whether all of them passed.
pub(crate) fn run(root: &Path, deep: bool) -> Result<bool> {
    let mut steps = Steps::default();
    steps.step("formatting", || Line::new("cargo fmt --all --check").run(root));
    steps.step("generated files", || {
        if !codegen::run(root, true)? {
            bail!("generated files are out of date");
        }
        Ok(())
    });
    steps.step("tidiness", || tidy::check(root));
    steps.step("purity and features", || purity::check(root));
    steps.step("lints", || {
        Line::new("cargo clippy --workspace --all-features --all-targets -- -D warnings").run(root)
    });
    for line in purity::BUILDS {
        steps.step(line, || Line::new(line).run(root));
    }
    steps.step("documentation", || {
        Line::new("cargo doc --workspace --all-features --no-deps")
            .var("RUSTDOCFLAGS", "-D warnings")
            .run(root)
    });
    if deep {
        let tests = "cargo nextest run --workspace --all-features --no-fail-fast --run-ignored all";
        steps.step("deep tests", || {
            DEEP.iter().fold(Line::new(tests), |line, (name, value)| line.var(name, value)).run(root)
        });
    }
    Ok(steps.finish())
}
