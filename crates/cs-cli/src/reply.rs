//! The JSON documents of commands about single tokens.

use cs_model::{Plain, Revealed};
use serde::{Serialize, Serializer};

use crate::failure::Failure;
use crate::output::Output;
use crate::show::NOTHING;
use crate::target::connection::TargetShown;
use crate::value::Delivered;

/// A list of tokens, as the API answers them but without their values.
#[derive(Serialize)]
pub(crate) struct List<'a, T> {
    pub(crate) target: TargetShown<'a>,
    pub(crate) tokens: &'a [T],
}

/// One token, as the API answers it; its values are redacted unless they were asked for.
#[derive(Serialize)]
pub(crate) struct Single<'a, T: Serialize> {
    pub(crate) target: TargetShown<'a>,
    /// What was done: `created`, `updated`, `read`.
    pub(crate) outcome: &'static str,
    pub(crate) token: Shown<'a, T>,
    /// The sinks that were written.
    pub(crate) sinks: Vec<Delivered>,
}

/// A token with the answer to whether its values are shown.
pub(crate) struct Shown<'a, T> {
    pub(crate) token: &'a T,
    pub(crate) reveal: bool,
}

impl<T: Serialize> Serialize for Shown<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.reveal {
            Revealed(self.token).serialize(serializer)
        } else {
            self.token.serialize(serializer)
        }
    }
}

/// A token that is gone.
#[derive(Serialize)]
pub(crate) struct Deleted<'a> {
    pub(crate) target: TargetShown<'a>,
    pub(crate) deleted: Gone<'a>,
}

/// What it was.
#[derive(Serialize)]
pub(crate) struct Gone<'a> {
    pub(crate) kind: &'static str,
    pub(crate) uid: &'a str,
    pub(crate) name: &'a str,
}

/// Prints the parts of a token for people, one below the other.
pub(crate) fn print_facts(output: &Output, facts: &[(&str, String)]) -> Result<(), Failure> {
    for (name, value) in facts {
        let value = if value.is_empty() { NOTHING } else { value };
        output.print(format_args!("{name:<13} {}", Plain(value)))?;
    }
    Ok(())
}
