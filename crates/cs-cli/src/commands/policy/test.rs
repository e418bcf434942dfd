//! `cstok policy test`

use cs_model::Profile;
use cs_policy::policy_test::{self, Failure as Unmet};
use jiff::Timestamp;

use crate::args::policy::PolicyTestArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::{Output, plural};
use crate::problem::Problem;
use crate::style::{self, Styled};

/// Checks the expectations of a file.
pub(super) fn run(args: &PolicyTestArgs, profile: &Profile, output: &Output) -> Result<Exit, Failure> {
    let name = args.file.display().to_string();
    let text = input::text(&args.file)?;
    let now = args.now.unwrap_or_else(Timestamp::now);
    let report = policy_test::run(&text, profile, now)
        .map_err(|problems| Failure::invalid(Problem::all_in_file(&name, "policy_test", &problems)))?;
    let mut document = report.to_json();
    document["file"] = name.as_str().into();
    document["profile"] = serde_json::Value::from(&*profile.name);
    output.library(document)?;
    for unmet in &report.failures {
        print(unmet, &name, output)?;
    }
    let (tests, checks) = (plural(report.tests, "test"), plural(report.checks, "check"));
    let counts = format!("{checks} in {tests} (profile `{}`)", profile.name);
    if report.passed() {
        output.print(format_args!("{}: {counts}", Styled(style::ADDED, "passed")))?;
        return Ok(Exit::Ok);
    }
    let failed = report.failures.len();
    output.print(format_args!("{}: {failed} of {counts}", Styled(style::ERROR, "failed")))?;
    Ok(Exit::Denied)
}

/// One that was not met, as a diff below the place of its case.
fn print(unmet: &Unmet, file: &str, output: &Output) -> Result<(), Failure> {
    let text = unmet.to_string();
    // The library does not know the file; its first words are the line.
    let rest = text.strip_prefix(&format!("line {}: ", unmet.line)).unwrap_or(&text);
    let mut lines = rest.lines();
    let place = format!("{file}:{}", unmet.line);
    output.print(format_args!("{}: {}", Styled(style::STRONG, place), lines.next().unwrap_or_default()))?;
    for line in lines {
        let colour = match line.trim_start().chars().next() {
            Some('+') => style::ADDED,
            Some('-') => style::REMOVED,
            _ => style::QUIET,
        };
        output.print(Styled(colour, line))?;
    }
    output.print("")
}
