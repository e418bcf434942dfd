//! The command line of xtask: few enough words for a `match`.

/// What `cargo xtask help` says.
pub(crate) const HELP: &str = "\
Commands of this workspace

Usage: cargo xtask <COMMAND>

  codegen [--check]   write the tables and reference pages from xtask/spec
                      --check: write nothing, list every file that is out of date, exit 1
  test [--install]    run every test; what is missing for them is listed first
                      --install, or CI=true: install it without asking
  api [--check]       write the list of public items beside each library crate
                      --check: write nothing, show what changed, exit 1
  ci [--checks|--deep]
                      formatting, lints, docs, links, drift, purity, features, dependencies, licences,
                      public API; then `test`
                      --checks: without the tests
                      --deep: then the tests that take long, with more kills, races and random requests
  release [--dry-run] [--skip-ci] [--install] VERSION|patch|minor|major
                      checks, changelog, versions, semver, packages tested by themselves, dist, tag
                      --dry-run: all of it in a temporary clone, without the tag; the tree stays as it is
                      --skip-ci: checks and tests have just passed on this commit
                      --install, or CI=true: install what is missing for `test` and `dist` without asking
  bench [AREA] [--install]
                      measure beside the peers, and write the rows and the plot of docs/performance.md
                      AREA: policy, client, service, command-line
  bench --counts [--save] [--install]
                      count instructions under valgrind, and compare with benches/load/counts.toml
                      --save: write that file anew
  book                build the book of docs/ into target/book
  dist [--install]    build what people download: the program, manual, completions, licences, checksums
  help                this page

Exit codes: 0 done, 1 something failed or is out of date, 2 wrong usage";

use crate::bench;
use crate::ci::Extent;
use crate::release::{Options, Wanted};

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    Codegen { check: bool },
    Test { install: bool },
    Api { check: bool },
    Ci(Extent),
    Release(Options),
    Book,
    Dist { install: bool },
    Bench { area: Option<&'static str>, install: bool },
    Counts { save: bool, install: bool },
}

/// What the arguments ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parsed {
    Help,
    Task(Task),
}

/// Reads the arguments; what is not known is an error in one clause.
pub(crate) fn parse(arguments: &[String]) -> Result<Parsed, String> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if words.iter().any(|word| ["-h", "--help"].contains(word)) {
        return Ok(Parsed::Help);
    }
    match words.as_slice() {
        [] => Err("a command is missing".to_owned()),
        ["help"] => Ok(Parsed::Help),
        ["codegen", rest @ ..] => flag(rest, "--check").map(|check| Parsed::Task(Task::Codegen { check })),
        ["test", rest @ ..] => flag(rest, "--install").map(|install| Parsed::Task(Task::Test { install })),
        ["api", rest @ ..] => flag(rest, "--check").map(|check| Parsed::Task(Task::Api { check })),
        ["ci"] => Ok(Parsed::Task(Task::Ci(Extent::All))),
        ["ci", "--checks"] => Ok(Parsed::Task(Task::Ci(Extent::Checks))),
        ["ci", "--deep"] => Ok(Parsed::Task(Task::Ci(Extent::Deep))),
        ["ci", "--checks" | "--deep", unknown, ..] | ["ci", unknown, ..] => {
            Err(format!("unknown argument `{unknown}`"))
        }
        ["release", rest @ ..] => release(rest).map(|options| Parsed::Task(Task::Release(options))),
        ["bench", "--counts", rest @ ..] => counts(rest),
        ["bench", area, rest @ ..] if !area.starts_with('-') => {
            let known = bench::areas().find(|known| known == area);
            let area = Some(known.ok_or_else(|| format!("unknown area `{area}`"))?);
            flag(rest, "--install").map(|install| Parsed::Task(Task::Bench { area, install }))
        }
        ["bench", rest @ ..] => {
            flag(rest, "--install").map(|install| Parsed::Task(Task::Bench { area: None, install }))
        }
        ["book"] => Ok(Parsed::Task(Task::Book)),
        ["dist", rest @ ..] => flag(rest, "--install").map(|install| Parsed::Task(Task::Dist { install })),
        ["book" | "help", unknown, ..] => Err(format!("unknown argument `{unknown}`")),
        [unknown, ..] => Err(format!("unknown command `{unknown}`")),
    }
}

fn flag(rest: &[&str], flag: &str) -> Result<bool, String> {
    match rest.iter().find(|word| **word != flag) {
        Some(unknown) => Err(format!("unknown argument `{unknown}`")),
        None => Ok(!rest.is_empty()),
    }
}

fn counts(rest: &[&str]) -> Result<Parsed, String> {
    match rest.iter().find(|word| !["--save", "--install"].contains(*word)) {
        Some(unknown) => Err(format!("unknown argument `{unknown}`")),
        None => Ok(Parsed::Task(Task::Counts {
            save: rest.contains(&"--save"),
            install: rest.contains(&"--install"),
        })),
    }
}

fn release(rest: &[&str]) -> Result<Options, String> {
    let (mut wanted, mut dry_run, mut skip_ci, mut install) = (None, false, false, false);
    for word in rest {
        match *word {
            "--dry-run" => dry_run = true,
            "--skip-ci" => skip_ci = true,
            "--install" => install = true,
            flag if flag.starts_with('-') => return Err(format!("unknown argument `{flag}`")),
            version if wanted.is_none() => wanted = Some(Wanted::parse(version)?),
            second => return Err(format!("one version is enough; `{second}` is a second")),
        }
    }
    let wanted = wanted.ok_or("which version? say patch, minor, major, or one such as 1.2.3")?;
    Ok(Options { wanted, dry_run, skip_ci, install })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Parsed, String> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn commands_and_their_flags() {
        assert_eq!(read("codegen"), Ok(Parsed::Task(Task::Codegen { check: false })));
        assert_eq!(read("codegen --check"), Ok(Parsed::Task(Task::Codegen { check: true })));
        assert_eq!(read("test --install"), Ok(Parsed::Task(Task::Test { install: true })));
        assert_eq!(read("ci"), Ok(Parsed::Task(Task::Ci(Extent::All))));
        assert_eq!(read("ci --checks"), Ok(Parsed::Task(Task::Ci(Extent::Checks))));
        assert_eq!(read("ci --deep"), Ok(Parsed::Task(Task::Ci(Extent::Deep))));
        assert_eq!(read("ci --help"), Ok(Parsed::Help));
        let bench = |area, install| Ok(Parsed::Task(Task::Bench { area, install }));
        assert_eq!(read("bench"), bench(None, false));
        assert_eq!(read("bench --install"), bench(None, true));
        assert_eq!(read("bench service --install"), bench(Some("service"), true));
        assert!(read("bench weather").is_err() && read("bench policy client").is_err());
        let counts = |save, install| Ok(Parsed::Task(Task::Counts { save, install }));
        assert_eq!(read("bench --counts"), counts(false, false));
        assert_eq!(read("bench --counts --install --save"), counts(true, true));
        assert!(read("bench --counts policy").is_err() && read("bench --save").is_err());
        assert_eq!(read("book"), Ok(Parsed::Task(Task::Book)));
        assert_eq!(read("dist"), Ok(Parsed::Task(Task::Dist { install: false })));
        assert_eq!(read("dist --install"), Ok(Parsed::Task(Task::Dist { install: true })));
    }

    #[test]
    fn releases() {
        let options = |wanted, dry_run, skip_ci, install| {
            Ok(Parsed::Task(Task::Release(Options { wanted, dry_run, skip_ci, install })))
        };
        assert_eq!(read("release --dry-run patch"), options(Wanted::Patch, true, false, false));
        assert_eq!(read("release minor --skip-ci"), options(Wanted::Minor, false, true, false));
        assert_eq!(read("release --install minor"), options(Wanted::Minor, false, false, true));
        assert_eq!(read("release 1.2.3"), options(Wanted::parse("1.2.3").unwrap(), false, false, false));
        assert!(read("release").is_err());
        assert!(read("release patch minor").is_err());
        assert!(read("release --dry patch").is_err());
        assert!(read("release 1.2").is_err());
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        assert_eq!(read(""), Err("a command is missing".to_owned()));
        assert_eq!(read("tset"), Err("unknown command `tset`".to_owned()));
        assert_eq!(read("ci --check"), Err("unknown argument `--check`".to_owned()));
        assert_eq!(read("ci --deep --fast"), Err("unknown argument `--fast`".to_owned()));
        assert_eq!(read("codegen --check --fast"), Err("unknown argument `--fast`".to_owned()));
    }
}
