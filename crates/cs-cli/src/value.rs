//! Where the values of single tokens go: to env files, or to standard output when someone insists.

use std::path::Path;

use cs_model::{Secret, TokenKind, TokenUid, Violation, ViolationId};
use cs_tokens::Sink;
use serde::Serialize;

use crate::args::sink::{PreviewSinkArgs, SinkArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::problem::Problem;

/// What to do with the values that an answer holds.
#[derive(Debug)]
pub(crate) struct Outlet {
    /// The sink of the token's value.
    sink: Option<Sink>,
    /// The sink of its preview token's value.
    preview: Option<Sink>,
    /// Whether values are printed.
    pub(crate) reveal: bool,
}

/// A sink that was written.
#[derive(Debug, Serialize)]
pub(crate) struct Delivered {
    kind: &'static str,
    #[serde(flatten)]
    sink: Sink,
}

impl Outlet {
    /// From the command line. Sinks are tried before any request is sent.
    pub(crate) fn new(args: &SinkArgs, preview: Option<&PreviewSinkArgs>) -> Result<Self, Failure> {
        let mut problems = Vec::new();
        let mut sink = |variable: Option<&String>, option: &str| {
            let (file, variable) = (args.env_file.as_ref()?, variable?);
            let sink = Sink::new(file.to_string_lossy(), variable.as_str());
            if let Err(found) = sink.check(Path::new("")) {
                problems.extend(found.into_iter().map(|mut violation| {
                    option.clone_into(&mut violation.path);
                    Problem::from_violation(&violation)
                }));
            }
            Some(sink)
        };
        let value = sink(args.variable.as_ref(), "--variable");
        let preview =
            sink(preview.and_then(|preview| preview.preview_variable.as_ref()), "--preview-variable");
        if let (Some(value), Some(preview)) = (&value, &preview)
            && value == preview
        {
            let message = format!("`{}` of `{}` would take two values", value.variable, value.env_file);
            problems.push(Problem::from_violation(&Violation::new(
                ViolationId::SinkConflict,
                "--preview-variable",
                message,
            )));
        }
        // A file that cannot be written is one problem, however many variables it takes.
        problems.dedup_by(|left, right| left.rule == right.rule && left.message == right.message);
        if problems.is_empty() {
            Ok(Self { sink: value, preview, reveal: args.reveal })
        } else {
            Err(Failure::invalid(problems))
        }
    }

    /// Insists that the value goes somewhere: it could not be read again.
    pub(crate) fn insist(&self) -> Result<(), Failure> {
        if self.reveal || self.sink.is_some() {
            return Ok(());
        }
        let message = "the API shows the value of a management token once, and it would be lost";
        let found = Violation::new(ViolationId::SinkMissing, "--env-file", message).fix(
            "name a file and a variable with --env-file and --variable, or print the value with --reveal",
        );
        Err(Failure::invalid(vec![Problem::from_violation(&found)]))
    }

    /// Whether there is a sink for a preview token.
    pub(crate) const fn takes_preview(&self) -> bool {
        self.preview.is_some()
    }

    /// Writes the value of a token to its sink, if it has one.
    pub(crate) fn deliver(
        &self,
        kind: TokenKind,
        name: &str,
        uid: &TokenUid,
        value: Option<&Secret>,
        output: &Output,
    ) -> Result<Option<Delivered>, Failure> {
        let sink = if kind == TokenKind::Preview { &self.preview } else { &self.sink };
        let Some(sink) = sink else { return Ok(None) };
        let value = value.ok_or_else(|| {
            Failure::new(
                Exit::Unexpected,
                "no_value",
                format!("the answer holds no value of the {kind} `{name}`"),
            )
        })?;
        sink.deliver(Path::new(""), kind, name, uid, value).map_err(|error| {
            Failure::new(Exit::Unexpected, "sink.write", error.to_string()).caused_by(&error.source)
        })?;
        output.print(format_args!("wrote the {kind} to {} of {}", sink.variable, sink.env_file))?;
        Ok(Some(Delivered { kind: name_of(kind), sink: sink.clone() }))
    }

    /// Prints a value, alone on its line, when that was asked for.
    pub(crate) fn print(&self, value: Option<&Secret>, output: &Output) -> Result<(), Failure> {
        match value {
            Some(value) if self.reveal => output.print(value.reveal()),
            _ => Ok(()),
        }
    }
}

const fn name_of(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Delivery => "delivery",
        TokenKind::Preview => "preview",
        TokenKind::Management => "management",
        TokenKind::Authtoken => "authtoken",
        TokenKind::AccessToken => "access_token",
    }
}
