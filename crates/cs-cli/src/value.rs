//! Where the values of single tokens go: to env files, or to standard output when someone insists.

use std::path::Path;

use cs_model::{ApiKey, DeliveryToken, Secret, TokenKind, TokenUid, Violation, ViolationId};
use cs_tokens::{Delivery, Error, Sink};
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
    #[serde(skip)]
    what: TokenKind,
    #[serde(flatten)]
    sink: Sink,
}

impl std::fmt::Display for Delivered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "wrote the {} to {} of {}", self.what, self.sink.variable, self.sink.env_file)
    }
}

impl Outlet {
    /// From the command line, for the stack of this name. Sinks are tried before any request is sent.
    pub(crate) fn new(
        args: &SinkArgs,
        preview: Option<&PreviewSinkArgs>,
        stack: Option<&str>,
    ) -> Result<Self, Failure> {
        let mut problems = Vec::new();
        let mut sink = |variable: Option<&String>, option: &str| {
            let (file, variable) = (args.env_file.as_ref()?, variable?);
            let sink = Sink::new(file.to_string_lossy(), variable.as_str());
            let sink = match stack {
                Some(name) => sink.of_stack(name),
                None if sink.is_per_stack() => {
                    let message = format!("`{{stack}}` in `{sink}` stands for the stack, and none is named");
                    let found = Violation::new(ViolationId::SinkUnwritable, option, message);
                    problems.push(Problem::from_violation(&found.fix("name the stack: --stack API_KEY")));
                    return None;
                }
                None => sink,
            };
            if let Err(found) = sink.check(Path::new("")) {
                problems.extend(found.into_iter().map(|mut violation| {
                    let about_file =
                        matches!(violation.rule, ViolationId::SinkUnwritable | ViolationId::SinkNotEnvFile);
                    if about_file { "--env-file" } else { option }.clone_into(&mut violation.path);
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

    /// That the value goes nowhere, if so: it could not be read again.
    pub(crate) fn missing(&self) -> Option<Problem> {
        if self.reveal || self.sink.is_some() {
            return None;
        }
        let message = "the API shows the value of a management token once, and it would be lost";
        let found = Violation::new(ViolationId::SinkMissing, "--env-file", message).fix(
            "name a file and a variable with --env-file and --variable, or print the value with --reveal",
        );
        Some(Problem::from_violation(&found))
    }

    /// Says how to read values of a token that go nowhere now.
    pub(crate) fn tell_unread(&self, uid: &TokenUid, options: &str, output: &Output) {
        if !self.reveal && self.sink.is_none() && self.preview.is_none() {
            output.note(format_args!("its value, also later: cstok delivery get {uid} --reveal{options}"));
        }
    }

    /// Whether there is a sink for a preview token.
    pub(crate) const fn takes_preview(&self) -> bool {
        self.preview.is_some()
    }

    /// What is wrong with writing the values of a token to variables as they are now: a problem for each that holds
    /// something else. `values` are the token's own and that of its preview token, where they are known already.
    pub(crate) fn occupied(&self, token: &Addressee<'_>, values: [Option<&Secret>; 2]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (sink, kind, option, value) in [
            (&self.sink, token.kind, "--variable", values[0]),
            (&self.preview, TokenKind::Preview, "--preview-variable", values[1]),
        ] {
            let Some(sink) = sink else { continue };
            if let Err(mut found) = sink.check_free(Path::new(""), &token.delivery(kind), value) {
                option.clone_into(&mut found.path);
                problems.push(Problem::from_violation(&found));
            }
        }
        problems
    }

    /// Writes the value of a token, or of its preview token, to its sink, if it has one.
    pub(crate) fn deliver(
        &self,
        token: &Addressee<'_>,
        kind: TokenKind,
        uid: &TokenUid,
        value: Option<&Secret>,
    ) -> Result<Option<Delivered>, Failure> {
        let sink = if kind == TokenKind::Preview { &self.preview } else { &self.sink };
        let Some(sink) = sink else { return Ok(None) };
        let value = value.ok_or_else(|| {
            Failure::new(
                Exit::Unexpected,
                "no_value",
                format!("the answer holds no value of the {kind} `{}`", token.name),
            )
        })?;
        sink.deliver(Path::new(""), &token.delivery(kind), uid, value).map_err(|error| {
            let failure = Failure::new(Exit::Unexpected, "sink.write", error.to_string()).hint(error.fix());
            match std::error::Error::source(&error) {
                Some(source) => failure.caused_by(source),
                None => failure,
            }
        })?;
        Ok(Some(Delivered { kind: name_of(kind), what: kind, sink: sink.clone() }))
    }

    /// Prints a value, alone on its line, when that was asked for.
    pub(crate) fn print(&self, value: Option<&Secret>, output: &Output) -> Result<(), Failure> {
        match value {
            Some(value) if self.reveal => output.print(value.reveal()),
            _ => Ok(()),
        }
    }

    /// Insists that what was asked to be printed has reached somebody.
    pub(crate) fn insist_printed(&self, output: &Output) -> Result<(), Failure> {
        if self.reveal { output.insist() } else { Ok(()) }
    }
}

/// A draft that passed its check, unless that or something else is wrong: all of it at once.
pub(crate) fn all_right<T>(checked: Result<T, Error>, mut problems: Vec<Problem>) -> Result<T, Failure> {
    match checked {
        Err(Error::Invalid(violations)) => {
            problems.extend(violations.items().iter().map(Problem::from_violation));
            Err(Failure::invalid(problems))
        }
        Err(error) => Err(error.into()),
        Ok(_) if !problems.is_empty() => Err(Failure::invalid(problems)),
        Ok(checked) => Ok(checked),
    }
}

/// The token whose values are to go somewhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addressee<'a> {
    pub(crate) stack: &'a ApiKey,
    pub(crate) kind: TokenKind,
    pub(crate) name: &'a str,
    /// Its uid, once it has one.
    pub(crate) uid: Option<&'a TokenUid>,
}

impl<'a> Addressee<'a> {
    /// A delivery token, with its preview token.
    pub(crate) const fn delivery_token(stack: &'a ApiKey, token: &'a DeliveryToken) -> Self {
        Self { stack, kind: TokenKind::Delivery, name: token.name.as_str(), uid: Some(&token.uid) }
    }

    const fn delivery(&self, kind: TokenKind) -> Delivery<'a> {
        let delivery = Delivery::new(self.stack, kind, self.name);
        match self.uid {
            Some(uid) => delivery.of(uid),
            None => delivery,
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
