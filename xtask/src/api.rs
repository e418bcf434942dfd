//! `cargo xtask api`: the features and public items of each library crate as a text file beside it, so that every change of them
//! shows in review and a release knows what it breaks.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::rust;
use crate::shell::Line;

pub(crate) mod features;
pub(crate) mod list;

/// The crates that people depend on. `cs-cli` is a program and promises its command line.
pub(crate) const LIBRARIES: [&str; 5] = ["cs-model", "cs-policy", "cs-transport", "cs-tokens", "cs-server"];

/// The program, which is published beside the libraries.
pub(crate) const PROGRAM: &str = "cs-cli";

/// The command that mends what `--check` finds.
const COMMAND: &str = "cargo xtask api";

/// Set for the process that stands in for rustdoc: see [`as_rustdoc`].
const AS_RUSTDOC: &str = "XTASK_AS_RUSTDOC";

/// The list of a crate, from the root of the workspace.
pub(crate) fn path_of(package: &str) -> String {
    format!("crates/{package}/public-api.txt")
}

/// Writes the lists, or with `check` only compares. Answers whether they are true now.
pub(crate) fn run(root: &Path, check: bool) -> Result<bool> {
    // Rustdoc of another compiler says the same in another form, which would not be read.
    if let Some(why) = rust::other(root)? {
        bail!("the public API was not read: {why}");
    }
    let metadata = metadata(root)?;
    let mut well = true;
    for package in LIBRARIES {
        let file = root.join(path_of(package));
        let text = features::lines(&metadata, package)? + &items(root, package)?;
        let before = fs::read_to_string(&file).unwrap_or_default();
        if before == text {
            continue;
        }
        if check {
            well = false;
            let difference = Difference::between(&before, &text);
            println!("{}", difference.shown(package));
        } else {
            fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
            println!("wrote {}", path_of(package));
        }
    }
    if well {
        println!("public API: {} lists are up to date", LIBRARIES.len());
    } else {
        eprintln!("run `{COMMAND}` and commit the result");
    }
    Ok(well)
}

/// One line for each public item of a crate with all its features, in order.
fn items(root: &Path, package: &str) -> Result<String> {
    let own = std::env::current_exe().context("cannot tell the path of this program")?;
    Line::new("cargo rustdoc --quiet --lib --all-features --package")
        .arg(package)
        .arg("--")
        .arg("-Zunstable-options")
        .arg("--output-format=json")
        .var("RUSTDOC", &own.to_string_lossy())
        .var(AS_RUSTDOC, "1")
        .run(root)?;
    let json = target(root)?.join("doc").join(format!("{}.json", package.replace('-', "_")));
    list::read(&json)
}

/// What cargo says of the crates of the workspace.
fn metadata(root: &Path) -> Result<serde_json::Value> {
    let metadata = Line::new("cargo metadata --format-version 1 --no-deps").read(root)?;
    serde_json::from_str(&metadata).context("cannot read what cargo says of the workspace")
}

/// The folder that cargo builds in.
pub(crate) fn target(root: &Path) -> Result<PathBuf> {
    metadata(root)?["target_directory"].as_str().map(PathBuf::from).context("cargo names no target directory")
}

/// Runs rustdoc when this process was started in its place, and answers how it ended.
///
/// JSON is written by nightly rustdoc alone, unless a variable says otherwise. Were it set for cargo, every build script
/// that looks at it would run again, and half of the workspace be built twice.
pub(crate) fn as_rustdoc() -> Option<Result<bool>> {
    std::env::var_os(AS_RUSTDOC)?;
    let status = std::process::Command::new("rustdoc")
        .args(std::env::args_os().skip(1))
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove(AS_RUSTDOC)
        .status();
    Some(status.map(|status| status.success()).context("cannot start rustdoc"))
}

/// What two lists do not have in common.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) gone: Vec<String>,
    pub(crate) new: Vec<String>,
}

impl Difference {
    /// Compares as sets of lines: the order of items says nothing.
    pub(crate) fn between(before: &str, after: &str) -> Self {
        let missing_in = |text: &str, other: &str| -> Vec<String> {
            let mut lines: Vec<_> = other.lines().collect();
            lines.sort_unstable();
            text.lines().filter(|line| lines.binary_search(line).is_err()).map(str::to_owned).collect()
        };
        Self { gone: missing_in(before, after), new: missing_in(after, before) }
    }

    /// As a text for people: what is gone first.
    pub(crate) fn shown(&self, package: &str) -> String {
        let lines = |sign: char, items: &[String]| -> String {
            items.iter().map(|item| format!("\n  {sign} {item}")).collect()
        };
        format!(
            "{package}: {} gone, {} new{}{}",
            self.gone.len(),
            self.new.len(),
            lines('-', &self.gone),
            lines('+', &self.new)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_compared_as_sets() {
        let difference = Difference::between("pub fn a()\npub fn b()\n", "pub fn b()\npub fn c()\n");
        assert_eq!(difference.gone, ["pub fn a()"]);
        assert_eq!(difference.new, ["pub fn c()"]);
        assert_eq!(difference.shown("x"), "x: 1 gone, 1 new\n  - pub fn a()\n  + pub fn c()");
        assert_eq!(Difference::between("a\nb\n", "b\na\n"), Difference::default());
    }

    #[test]
    fn every_library_has_a_list_that_names_its_own_items() {
        let root = crate::codegen::root();
        for package in LIBRARIES {
            let text = fs::read_to_string(root.join(path_of(package))).unwrap();
            let own = format!("{}::", package.replace('-', "_"));
            assert!(text.lines().filter(|line| line.contains(&own)).count() > 10, "{package}");
            let features = features::lines(&metadata(&root).unwrap(), package).unwrap();
            assert!(text.starts_with(&features), "{package}: run `{COMMAND}`");
        }
    }
}
