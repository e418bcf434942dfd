//! `cstok lint`

use std::path::Path;

use cs_model::{Plain, StackNames};
use cs_policy::lint::{Baseline, Finding, Options, Origin, Report, Severity, Token, check_stack};
use cs_policy::{AccessFacts, Kind};
use cs_tokens::Inventory;
use jiff::Timestamp;
use serde::de::IgnoredAny;

use crate::args::TargetArgs;
use crate::args::can::names::Names;
use crate::args::lint::{FormatArg, LintArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::held::{file, spec};
use crate::input;
use crate::output::{Output, plural};
use crate::problem::Problem;
use crate::style::{self, Styled};
use crate::table::table;
use crate::target::connection::Connection;
use crate::target::{self, Target};

/// What is linted.
struct Subjects {
    tokens: Vec<Token>,
    /// What the stack has, when it was asked.
    names: Option<StackNames>,
    /// The API key of the stack, when it is known.
    stack: Option<String>,
    profile: cs_model::Profile,
}

/// What a file has.
struct OfFile {
    tokens: Vec<Token>,
    /// The API key of the stack that it names.
    stack: Option<String>,
}

/// Finds what is risky in tokens.
///
/// `json` tells whether --json was given, which --format can contradict.
pub(crate) fn run(
    args: &LintArgs,
    target: &TargetArgs,
    json: bool,
    output: &Output,
) -> Result<Exit, Failure> {
    if json && matches!(args.format, Some(FormatArg::Table | FormatArg::Sarif)) {
        return Err(Failure::usage("--json and --format ask for two forms").hint("leave one of them out"));
    }
    let now = args.now.unwrap_or_else(Timestamp::now);
    let report = report(args, target, now, output)?;
    if args.format == Some(FormatArg::Sarif) {
        output.whole(&report.to_sarif())?;
    } else {
        output.library(report.to_json())?;
    }
    print(&report, output)?;
    Ok(if report.is_clean() { Exit::Ok } else { Exit::Denied })
}

fn report(args: &LintArgs, target: &TargetArgs, now: Timestamp, output: &Output) -> Result<Report, Failure> {
    // Files first: what is wrong with them is known without asking anybody.
    let baseline = args.baseline.as_deref().map_or_else(|| Ok(Baseline::default()), baseline);
    let declared = args.file.as_deref().map(|path| of_file(path, now)).transpose();
    let (declared, baseline) = Failure::both(declared, baseline)?;
    let Subjects { mut tokens, names, stack, profile } = subjects(declared, target, output)?;
    if args.access_token {
        tokens.push(Token::access(AccessFacts { stack_created: args.stack_created }));
    }
    let mut options = Options::new(&profile, now);
    if let Some(days) = args.within {
        options = options.soon_days(days);
    }
    if let Some(production) = Names::all(&args.production) {
        options = options.production(production);
    }
    if let Some(slots) = args.rotation_slots {
        options = options.rotation_slots(slots);
    }
    if let Some(names) = &names {
        options = options.names(names);
    }
    let mut findings = check_stack(&tokens, &options);
    if args.file.is_some() {
        // The stack's other tokens are there for comparison; what is wrong with them is not the file's business.
        let own: Vec<String> =
            tokens.iter().filter(|token| token.origin.is_some()).map(Token::subject).collect();
        let of_kind = |finding: &Finding| Kind::find(&finding.subject).is_some();
        findings.retain(|finding| of_kind(finding) || own.contains(&finding.subject));
    }
    let report = Report::new(findings, &baseline, now);
    Ok(match stack {
        Some(stack) => report.of_stack(stack),
        None => report,
    })
}

fn baseline(path: &Path) -> Result<Baseline, Failure> {
    let file = path.display().to_string();
    Baseline::parse(&input::text(path)?)
        .map_err(|problems| Failure::invalid(Problem::all_in_file(&file, "baseline", &problems)))
}

/// The tokens of a file with their lines: of one that declares them, or of an answer of the API.
fn of_file(path: &Path, now: Timestamp) -> Result<OfFile, Failure> {
    let (file, text) = (path.display().to_string(), input::text(path)?);
    if is_answer(path, &text) {
        Ok(OfFile { tokens: answered(&file, &text)?, stack: None })
    } else {
        declared(&file, &text, now)
    }
}

/// Whether it is JSON: by its name or, since a pipe has none that tells, by what is in it.
fn is_answer(path: &Path, text: &str) -> bool {
    let begins = |first: char| text.trim_start().starts_with(first);
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
        || begins('{')
        || begins('[') && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// The tokens of an answer.
fn answered(file: &str, text: &str) -> Result<Vec<Token>, Failure> {
    let tokens: Vec<Token> = file::read_all(file, text, None)?;
    let shown = if file == input::STDIN { "stdin".to_owned() } else { file.replace('\\', "/") };
    let at = |token: Token| {
        let line = token.uid.as_ref().map_or(1, |uid| line_of(text, uid.as_str()));
        token.at(Origin::new(&*shown, line))
    };
    Ok(tokens.into_iter().map(at).collect())
}

/// The first line that has this uid in quotes.
fn line_of(text: &str, uid: &str) -> usize {
    let quoted = format!("\"{uid}\"");
    text.lines().position(|line| line.contains(&quoted)).map_or(1, |index| index + 1)
}

/// The tokens that a file declares.
fn declared(file: &str, text: &str, now: Timestamp) -> Result<OfFile, Failure> {
    let declaration = spec::parse(file, text)?;
    let file = declaration.file.replace('\\', "/");
    let origin = |line| Origin::new(&*file, line);
    let delivery =
        declaration.delivery.iter().map(|item| Token::from(&item.draft).at(origin(item.place().line)));
    let management = declaration
        .management
        .iter()
        .map(|item| Token::from(&spec::made_now(item, now)).at(origin(item.place().line)));
    let stack = declaration.api_key.as_ref().map(ToString::to_string);
    Ok(OfFile { tokens: delivery.chain(management).collect(), stack })
}

/// The tokens of a file, of the target, or of a file beside those of the target.
fn subjects(declared: Option<OfFile>, target: &TargetArgs, output: &Output) -> Result<Subjects, Failure> {
    let named = target.target.is_some() || target.url.is_some() || target.region.is_some();
    let mut tokens = match declared {
        Some(OfFile { tokens, stack }) if !named => {
            let profile = target::profile(target.profile.as_deref())?;
            return Ok(Subjects { tokens, names: None, stack, profile });
        }
        declared => declared.map(|file| file.tokens).unwrap_or_default(),
    };
    let connection = Connection::open_to_read(Target::resolve(target)?, output)?;
    let inventory = connection.stack()?.inventory()?;
    let declared: Vec<String> = tokens.iter().map(Token::subject).collect();
    let others = of_stack(&inventory).filter(|token| !declared.contains(&token.subject()));
    tokens.extend(others);
    let stack = connection.api_key().map(ToString::to_string);
    Ok(Subjects { tokens, names: Some(inventory.names), stack, profile: connection.profile().clone() })
}

fn of_stack(inventory: &Inventory) -> impl Iterator<Item = Token> {
    let delivery = inventory.delivery.iter().map(Token::from);
    delivery.chain(inventory.management.iter().map(Token::from))
}

fn print(report: &Report, output: &Output) -> Result<(), Failure> {
    if report.is_clean() {
        output.print("nothing found")?;
    } else {
        let rows = report.findings.iter().map(|finding| {
            let subject = Plain(&finding.subject);
            let subject = match &finding.origin {
                Some(place) => format!("{subject}\n{}:{}", Plain(&place.file), place.line),
                None => subject.to_string(),
            };
            let lint = format!("{}\n{}", finding.severity, finding.id);
            [lint, subject, Plain(&finding.reason).to_string(), finding.fix.clone()]
        });
        output.print(table(["LINT", "TOKEN", "FOUND", "FIX"], rows))?;
    }
    let counts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| (report.count(severity), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| plural(count, severity.name()))
        .collect();
    if !counts.is_empty() {
        output.note(Styled(style::STRONG, counts.join(", ")));
    }
    if !report.silenced.is_empty() {
        output.note(format_args!("{} silenced by the baseline", plural(report.silenced.len(), "finding")));
    }
    Ok(())
}
