//! What `can` and `who-can` ask: about a request, or about something that has no route.

mod hint;

use std::fmt;

use cs_model::{Plain, Profile};
use cs_policy::{
    Decision, Operation, Prepared, Principal, Remedy, Request, Rule, Verdict, decide_operation,
    decide_request, fix, fix_operation, forbidden_anywhere,
};
use jiff::Timestamp;

use crate::failure::Failure;
use crate::output::Output;

/// A question about a principal.
#[derive(Clone, Copy, Debug)]
pub(super) enum Question<'a> {
    /// May it make this request?
    Request(Request<'a>),
    /// May it do this, for which no route is documented? What else is asked stands in the request.
    Operation(Operation, Request<'a>),
}

impl<'a> Question<'a> {
    /// The question about a request. Without a path the method is the name of an operation.
    pub(super) fn new(request: Request<'a>, has_path: bool) -> Result<Self, Failure> {
        Ok(match has_path {
            true => Self::Request(request),
            false => Self::Operation(operation(request.method)?, request),
        })
    }

    /// What is decided about a principal.
    pub(super) fn decide(&self, profile: &Profile, principal: &Principal, now: Timestamp) -> Decision {
        match self {
            Self::Request(request) => decide_request(profile, principal, request, now),
            Self::Operation(operation, request) => {
                let prepared = Prepared::new(principal);
                decide_operation(profile, &prepared, *operation, &request.context(&prepared), now)
            }
        }
    }

    /// The rules that forbid it whatever its route is, when no table knows that.
    pub(super) fn forbidden_anywhere(&self, decision: &Decision) -> Vec<&'static Rule> {
        match self {
            Self::Request(request) if decision.verdict() == Verdict::Unmapped => {
                forbidden_anywhere(decision.kind(), request).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Says what the request may have been meant to be, when no table knows it.
    pub(super) fn hint(&self, decision: &Decision, output: &Output) {
        if let (Self::Request(request), Verdict::Unmapped) = (self, decision.verdict()) {
            hint::give(request, output);
        }
    }

    /// What it takes that the principal may.
    pub(super) fn fix(&self, profile: &Profile, principal: &Principal, now: Timestamp) -> Remedy {
        match self {
            Self::Request(request) => fix(profile, principal, request, now),
            Self::Operation(operation, request) => {
                let context = request.context(&Prepared::new(principal));
                fix_operation(profile, principal, *operation, &context, now)
            }
        }
    }
}

impl fmt::Display for Question<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(request) => write!(f, "{} {}", Plain(request.method), Plain(request.path)),
            Self::Operation(operation, _) => f.write_str(operation.row().name),
        }
    }
}

fn operation(name: &str) -> Result<Operation, Failure> {
    Operation::find(name).ok_or_else(|| {
        let known: Vec<String> =
            Operation::all().map(|operation| format!("`{}`", operation.row().name)).collect();
        Failure::usage(format!("`{name}` needs a path"))
            .hint("the path comes after the method: GET /v3/content_types")
            .hint(format!("without a path there is {}", known.join(", ")))
    })
}
