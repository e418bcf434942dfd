//! The command line of xtask: few enough words for a `match`.

/// What `cargo xtask help` says.
pub(crate) const HELP: &str = "\
Commands of this workspace

Usage: cargo xtask <COMMAND>

  codegen [--check]   write the tables and reference pages from xtask/spec
                      --check: write nothing, list every file that is out of date, exit 1
  test [--install]    run every test; what is missing for them is listed first
                      --install, or CI=true: install it without asking
  ci [--deep]         formatting, lints, docs, codegen drift, purity, features, tidiness
                      --deep: then the tests that take long, with more kills, races and random requests
  help                this page

Exit codes: 0 done, 1 something failed or is out of date, 2 wrong usage";

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    Codegen { check: bool },
    Test { install: bool },
    Ci { deep: bool },
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
        ["ci", rest @ ..] => flag(rest, "--deep").map(|deep| Parsed::Task(Task::Ci { deep })),
        ["help", unknown, ..] => Err(format!("unknown argument `{unknown}`")),
        [unknown, ..] => Err(format!("unknown command `{unknown}`")),
    }
}

fn flag(rest: &[&str], flag: &str) -> Result<bool, String> {
    match rest.iter().find(|word| **word != flag) {
        Some(unknown) => Err(format!("unknown argument `{unknown}`")),
        None => Ok(!rest.is_empty()),
    }
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
        assert_eq!(read("ci"), Ok(Parsed::Task(Task::Ci { deep: false })));
        assert_eq!(read("ci --deep"), Ok(Parsed::Task(Task::Ci { deep: true })));
        assert_eq!(read("ci --help"), Ok(Parsed::Help));
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        assert_eq!(read(""), Err("a command is missing".to_owned()));
        assert_eq!(read("tset"), Err("unknown command `tset`".to_owned()));
        assert_eq!(read("ci --check"), Err("unknown argument `--check`".to_owned()));
        assert_eq!(read("codegen --check --fast"), Err("unknown argument `--fast`".to_owned()));
    }
}
