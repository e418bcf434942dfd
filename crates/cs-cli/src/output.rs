//! Where text goes: results to standard output, everything else to standard error.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use cs_model::{Plain, near};
use serde::Serialize;
use serde_json::Value;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::problem::Problem;
use crate::style::{self, Styled};
use crate::terminal;

/// The version of every JSON document; it grows when a field changes its meaning or goes away.
pub(crate) const SCHEMA: u32 = 1;

/// A JSON document with its version.
#[derive(Serialize)]
struct Document<'a, T> {
    schema: u32,
    #[serde(flatten)]
    body: &'a T,
}

/// What a command would have printed: one of many, whose results are shown together.
#[derive(Debug, Default)]
pub(crate) struct Captured {
    /// Results for people.
    pub(crate) text: String,
    /// The JSON document.
    pub(crate) document: Option<Value>,
    /// Where the command works, and with what.
    pub(crate) setting: Vec<String>,
    /// What was said on standard error beside that.
    pub(crate) notes: Vec<String>,
}

/// Standard output and standard error of one command.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    is_of_many: bool,
    captured: Option<Mutex<Captured>>,
    /// Where the command works, as far as that was told.
    told: Mutex<BTreeSet<String>>,
    /// Whoever read standard output has gone: `cstok ... | head`.
    closed: AtomicBool,
}

impl Output {
    /// With `json`, standard output carries JSON and nothing else.
    pub(crate) const fn new(json: bool) -> Self {
        Self {
            json,
            is_of_many: false,
            captured: None,
            told: Mutex::new(BTreeSet::new()),
            closed: AtomicBool::new(false),
        }
    }

    /// The same for a command that works on many stacks.
    pub(crate) fn of_many(json: bool) -> Self {
        Self { is_of_many: true, ..Self::new(json) }
    }

    /// Prints nothing, and gives it back instead: of one of many stacks.
    pub(crate) fn captured(json: bool) -> Self {
        Self { captured: Some(Mutex::default()), ..Self::of_many(json) }
    }

    /// Whether results stand under headings that name their stacks.
    pub(crate) const fn is_of_many(&self) -> bool {
        self.is_of_many
    }

    /// What was captured.
    pub(crate) fn into_captured(self) -> Captured {
        self.captured
            .map(|captured| captured.into_inner().unwrap_or_else(PoisonError::into_inner))
            .unwrap_or_default()
    }

    /// Puts something among what is captured; `None` when everything is printed.
    fn capture(&self, put: impl FnOnce(&mut Captured)) -> Option<()> {
        let captured = self.captured.as_ref()?;
        put(&mut captured.lock().unwrap_or_else(PoisonError::into_inner));
        Some(())
    }

    /// Whether results are asked for as JSON.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Whether questions can be asked: a person reads standard error and writes standard input.
    pub(crate) fn is_interactive(&self) -> bool {
        self.captured.is_none() && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Prints a result for people; nothing under `--json`.
    pub(crate) fn print(&self, text: impl fmt::Display) -> Result<(), Failure> {
        if self.json {
            return Ok(());
        }
        let text = text.to_string();
        self.write(|out| writeln!(out, "{}", terminal::shown(&text)))
    }

    /// Prints the one JSON document; nothing without `--json`.
    pub(crate) fn document(&self, body: &impl Serialize) -> Result<(), Failure> {
        if !self.json {
            return Ok(());
        }
        if self.captured.is_some() {
            return self.keep(body);
        }
        let text = serde_json::to_string_pretty(&Document { schema: SCHEMA, body });
        self.write_json(text)
    }

    /// Prints a document that has its version already, or a form of its own; nothing without `--json`.
    pub(crate) fn whole(&self, document: &impl Serialize) -> Result<(), Failure> {
        if !self.json {
            return Ok(());
        }
        if self.captured.is_some() {
            return self.keep(document);
        }
        self.write_json(serde_json::to_string_pretty(document))
    }

    /// Prints a document of the library, whose version stands first as in all others; nothing without `--json`.
    pub(crate) fn library(&self, mut document: Value) -> Result<(), Failure> {
        if self.json && self.captured.is_none() && document.get("schema") == Some(&SCHEMA.into()) {
            document.as_object_mut().map(|fields| fields.remove("schema"));
            return self.document(&document);
        }
        self.whole(&document)
    }

    /// Prints one JSON line, of commands that run on; nothing without `--json`.
    pub(crate) fn json_line(&self, body: &impl Serialize) -> Result<(), Failure> {
        if !self.json {
            return Ok(());
        }
        self.write_json(serde_json::to_string(&Document { schema: SCHEMA, body }))
    }

    fn keep(&self, document: &impl Serialize) -> Result<(), Failure> {
        let document = serde_json::to_value(document)
            .map_err(|error| Failure::unexpected("the result cannot be written as JSON", &error))?;
        self.capture(|captured| captured.document = Some(document));
        Ok(())
    }

    fn write_json(&self, text: serde_json::Result<String>) -> Result<(), Failure> {
        let text =
            text.map_err(|error| Failure::unexpected("the result cannot be written as JSON", &error))?;
        self.write(|out| writeln!(out, "{}", terminal::json(&text)))
    }

    /// Insists that all of it has reached whoever reads standard output: for values that are shown once. Elsewhere, a reader
    /// that has gone has seen enough.
    pub(crate) fn insist(&self) -> Result<(), Failure> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(Failure::new(
                Exit::Unexpected,
                "output.closed",
                "standard output was closed before the value was written to it",
            ));
        }
        Ok(())
    }

    /// Writes text as it is, such as a script or a value: also under `--json`.
    pub(crate) fn write(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        if self.closed.load(Ordering::Relaxed) {
            return Ok(());
        }
        if self.captured.is_some() {
            let mut text = Vec::new();
            write(&mut text).map_err(|error| Failure::unexpected("the result cannot be kept", &error))?;
            self.capture(|captured| captured.text.push_str(&String::from_utf8_lossy(&text)));
            return Ok(());
        }
        let mut out = anstream::stdout();
        match write(&mut out).and_then(|()| out.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed.store(true, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => Err(Failure::unexpected("standard output cannot be written", &error)),
        }
    }

    /// Says something beside the result, on standard error.
    pub(crate) fn note(&self, text: impl fmt::Display) {
        if self.capture(|captured| captured.notes.push(text.to_string())).is_none() {
            say(text);
        }
    }

    /// Says on standard error where the command works, and with what: once.
    pub(crate) fn setting(&self, text: impl fmt::Display) {
        let text = text.to_string();
        if self.capture(|captured| captured.setting.push(text.clone())).is_none()
            && self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(text.clone())
        {
            say(text);
        }
    }

    /// Shows warnings, on standard error.
    pub(crate) fn warnings(&self, warnings: &[Problem]) {
        for warning in warnings {
            self.note(warning);
        }
    }

    /// Shows a failure to people, on standard error; for commands whose document holds it.
    pub(crate) fn tell(&self, failure: &Failure) {
        for problem in &failure.problems {
            self.note(problem);
        }
        self.clauses(&Styled(style::ERROR, "error"), failure);
    }

    /// Shows people what would be a failure of another command, on standard error.
    pub(crate) fn warn(&self, failure: &Failure) {
        self.clauses(&Styled(style::WARNING, "warning"), failure);
    }

    fn clauses(&self, what: &dyn fmt::Display, failure: &Failure) {
        // Each is one clause, so a line break in it came from outside.
        self.note(format_args!("{what}: {}", Plain(&failure.message)));
        for cause in &failure.causes {
            self.note(format_args!("  because: {}", Plain(cause)));
        }
        for hint in &failure.hints {
            self.note(format_args!("  try: {}", Plain(hint)));
        }
    }

    /// Shows a failure: for people on standard error and, under `--json`, as the document on standard output.
    pub(crate) fn failure(&self, failure: &Failure) -> Exit {
        self.tell(failure);
        self.document_failure(failure);
        failure.exit
    }

    /// Shows a failure as the document; nothing without `--json`.
    pub(crate) fn document_failure(&self, failure: &Failure) {
        #[derive(Serialize)]
        struct Body<'a> {
            error: &'a Failure,
        }
        // A failure that cannot be written has nowhere else to go; the exit code still tells.
        let _ = self.document(&Body { error: failure });
    }
}

thread_local! {
    /// The stack among many that this thread works on.
    static STACK: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Works on one stack of many: what is [said](say) meanwhile on this thread says which.
pub(crate) fn of_stack<T>(name: &str, work: impl FnOnce() -> T) -> T {
    STACK.replace(Some(name.to_owned()));
    let outcome = work();
    STACK.take();
    outcome
}

/// Writes a line to standard error; if nobody listens there, nothing can be done about it.
pub(crate) fn say(text: impl fmt::Display) {
    let stack = STACK.with_borrow(|name| name.as_ref().map(|name| format!("{}: ", Plain(name))));
    let text = format!("{}{text}", stack.unwrap_or_default());
    let _ = writeln!(anstream::stderr(), "{}", terminal::shown(&text));
}

/// `1 token`, `2 tokens`.
pub(crate) fn plural(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// ``did you mean `a` or `b`?``, when there is something to mean.
pub(crate) fn did_you_mean<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let names: Vec<String> =
        near(wanted, known).into_iter().map(|name| format!("`{}`", Plain(name))).collect();
    (!names.is_empty()).then(|| format!("did you mean {}?", names.join(" or ")))
}
