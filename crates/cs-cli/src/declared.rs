//! From a file to a plan: what `plan` and `apply` share.

pub(crate) mod text;

use std::path::Path;

use cs_tokens::{Declaration, Plan, PlanError, PlanOptions, Problems, Sinks};
use jiff::Timestamp;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::Output;
use crate::problem::Problem;
use crate::target::Target;
use crate::target::connection::Connection;
use crate::target::local::Access;

/// A file, where it is to be made true, and what that takes.
pub(crate) struct Declared {
    pub(crate) connection: Connection,
    pub(crate) sinks: Sinks,
    pub(crate) plan: Plan,
}

/// Which sinks a plan is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhichSinks {
    /// The files of this machine.
    Here,
    /// Files of another one, which are not looked at.
    Elsewhere,
}

impl WhichSinks {
    fn of(self, declaration: &Declaration) -> Sinks {
        match self {
            Self::Here => Sinks::read(Path::new(""), declaration),
            Self::Elsewhere => Sinks::elsewhere(declaration),
        }
    }
}

impl Declared {
    /// Reads the file and its sinks, then the stack, and compares. Everything wrong with the file is reported at once;
    /// when the stack cannot be read, what is wrong with the file comes first all the same.
    pub(crate) fn read(
        file: &Path,
        prune: bool,
        which: WhichSinks,
        target: Target,
        access: Access,
        output: &Output,
    ) -> Result<Self, Failure> {
        let declaration = declaration(file)?;
        if prune {
            declares_something(&declaration)?;
        }
        let profile = target.profile.clone();
        let named = target.stack_name().map(str::to_owned);
        let connection = match connect(&declaration, target, access, output) {
            Ok(connection) => connection,
            Err(failure) => {
                // Which files `{stack}` is about is not known without a stack.
                let looked_at = if named.is_some() { &declaration } else { &Declaration::default() };
                let name = named.as_deref().unwrap_or("stack");
                let sinks = which.of(&looked_at.of_stack(name));
                let problems = declaration.of_stack(name).check(&sinks, &profile, Timestamp::now());
                return Err(match Problems::sort_out(problems) {
                    Err(problems) => {
                        invalid(&problems).hint(format!("then mend this, too: {}", failure.message))
                    }
                    Ok(_) => failure,
                });
            }
        };
        let declaration =
            connection.stack_name().map_or_else(|| declaration.clone(), |name| declaration.of_stack(name));
        // Not before the store is ours: another run may have written to them while it was waited for. Folders are tried
        // here, before anything is sent.
        let sinks = which.of(&declaration);
        let options = if prune { PlanOptions::default().prune() } else { PlanOptions::default() };
        let plan = connection.stack()?.plan(&declaration, &sinks, options)?;
        output.warnings(&plan.warnings.iter().map(problem).collect::<Vec<_>>());
        Ok(Self { connection, sinks, plan })
    }
}

/// What a file declares, for whatever stack.
pub(crate) fn declaration(file: &Path) -> Result<Declaration, Failure> {
    let text = input::text(file)?;
    let name = if file == Path::new(input::STDIN) { "stdin".into() } else { file.to_string_lossy() };
    Ok(Declaration::read(&name, &text))
}

/// Refuses a file without any token, by which every token of the stack would be one to delete: more likely it is what a
/// command left that failed. What is wrong with its text is told in other places.
fn declares_something(declaration: &Declaration) -> Result<(), Failure> {
    let is_empty = declaration.delivery.is_empty() && declaration.management.is_empty();
    if !is_empty || Problems::sort_out(declaration.problems().to_vec()).is_err() {
        return Ok(());
    }
    let message =
        format!("`{}` declares nothing, and --prune would delete every token of the stack", declaration.file);
    Err(Failure::new(Exit::Invalid, "file.declares_nothing", message)
        .hint("to delete all of them, name each: cstok delivery delete UID, cstok management delete UID"))
}

fn connect(
    declaration: &Declaration,
    target: Target,
    access: Access,
    output: &Output,
) -> Result<Connection, Failure> {
    let mut connection = match access {
        Access::Read => Connection::open_to_read(target, output),
        Access::Write => Connection::open(target, output),
    }?;
    if let Some(api_key) = &declaration.api_key {
        connection.prefer_stack(api_key, output)?;
    }
    // A stack that nobody names is as good as none.
    connection.stack()?;
    Ok(connection)
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Problems(problems) => invalid(&problems),
            PlanError::Client(error) => error.into(),
            other => Self::unexpected("there is no plan", &other),
        }
    }
}

/// What is wrong with a file.
pub(crate) fn invalid(problems: &Problems) -> Failure {
    Failure::invalid(problems.items().iter().map(problem).collect())
}

fn problem(found: &cs_tokens::Problem) -> Problem {
    Problem {
        file: Some(found.place.file.to_string()),
        line: Some(found.place.line),
        column: Some(found.place.column),
        path: String::new(),
        level: found.level,
        rule: found.rule.name(),
        message: found.message.clone(),
        fix: found.fix.clone(),
    }
}
