//! Questions to a person, and secrets that no argument carries.

mod hidden;

use std::collections::BTreeMap;
use std::env;
use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use cs_model::Secret;
use cs_tokens::Credential;

use crate::failure::Failure;
use crate::output::Output;
use crate::terminal;

/// Asks a question that `y` or `yes` answers with yes; everything else, and the end of the input, is no.
pub(crate) fn confirm(question: &str) -> Result<bool, Failure> {
    let mut err = io::stderr();
    let asked = write!(err, "{} [y/N] ", terminal::shown(question)).and_then(|()| err.flush());
    let mut answer = String::new();
    asked
        .and_then(|()| io::stdin().lock().read_line(&mut answer))
        .map_err(|error| Failure::unexpected("the question cannot be asked", &error))?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// Authtokens that were typed, by their targets: for the stacks of a command on many, of which none can ask.
static TYPED: Mutex<BTreeMap<String, Credential>> = Mutex::new(BTreeMap::new());

/// Asks for an authtoken for a target; nothing typed is none.
pub(crate) fn authtoken(target: &str) -> io::Result<Option<Credential>> {
    let question = format!("authtoken for {} (nothing to stop): ", terminal::shown(target));
    let text = Secret::new(hidden::ask(&question)?);
    if text.reveal().trim().is_empty() {
        return Ok(None);
    }
    let credential = Credential::Authtoken(text);
    TYPED.lock().unwrap_or_else(PoisonError::into_inner).insert(target.to_owned(), credential.clone());
    Ok(Some(credential))
}

/// The authtoken that was typed for a target before.
pub(crate) fn typed_authtoken(target: &str) -> Option<Credential> {
    TYPED.lock().unwrap_or_else(PoisonError::into_inner).get(target).cloned()
}

/// What must happen before something is changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Consent {
    /// `--yes` was given.
    pub(crate) given: bool,
    /// The change is one that nobody minds: on the local target, and nothing of value is deleted.
    pub(crate) unneeded: bool,
}

impl Consent {
    /// Whether to go ahead: given, not needed, or granted by the person at the terminal.
    ///
    /// Without a terminal nobody can be asked: that is an error that names `--yes`.
    pub(crate) fn obtain(self, output: &Output, question: &str) -> Result<bool, Failure> {
        if self.given || self.unneeded {
            Ok(true)
        } else if output.is_interactive() {
            confirm(question)
        } else {
            Err(Failure::usage(format!(
                "needs a confirmation, and there is no terminal to ask on: {question}"
            ))
            .hint("give --yes to go ahead without a question"))
        }
    }
}

/// More bytes than a password has.
const ROOM: usize = 4096;

/// Where a secret may come from, best first: an environment variable, a prompt, a line of standard input.
#[derive(Debug)]
pub(crate) struct SecretSource {
    /// What to ask for: `password`.
    pub(crate) what: &'static str,
    /// The environment variable.
    pub(crate) variable: &'static str,
}

impl SecretSource {
    /// Reads it.
    pub(crate) fn read(&self) -> Result<Secret, Failure> {
        let text = match env::var(self.variable) {
            Ok(text) if !text.is_empty() => Secret::new(text),
            Err(env::VarError::NotUnicode(_)) => {
                return Err(Failure::usage(format!("{} is not valid text", self.variable)));
            }
            _ if io::stdin().is_terminal() => {
                hidden::ask(&format!("{}: ", self.what)).map(Secret::new).map_err(|error| {
                    Failure::unexpected(format!("the {} cannot be asked for", self.what), &error)
                })?
            }
            _ => {
                // With room from the beginning, so that no copy stays behind when it grows.
                let mut line = String::with_capacity(ROOM);
                io::stdin().lock().read_line(&mut line).map_err(|error| {
                    Failure::unexpected(format!("the {} cannot be read", self.what), &error)
                })?;
                // In place, so that no copy stays in memory. Nothing else is trimmed: a password may hold anything.
                line.truncate(line.trim_end_matches(['\r', '\n']).len());
                Secret::new(line)
            }
        };
        if text.reveal().is_empty() {
            let Self { what, variable } = self;
            return Err(Failure::usage(format!("no {what} was given"))
                .hint(format!("type it at the prompt, pipe it in as a line, or set {variable}")));
        }
        Ok(text)
    }
}
