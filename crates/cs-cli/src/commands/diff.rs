//! `cstok diff`

use cs_model::Plain;
use cs_policy::{Comparison, Order, compare};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::args::TargetArgs;
use crate::args::diff::DiffArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::held::spec::Spec;
use crate::held::{self, Held};
use crate::output::Output;
use crate::style::{self, Styled};
use crate::target::connection::Connection;
use crate::target::{self, Target};

/// Compares what two tokens reach.
pub(crate) fn run(args: &DiffArgs, target: &TargetArgs, output: &Output) -> Result<Exit, Failure> {
    let now = args.now.unwrap_or_else(Timestamp::now);
    let specs = [Spec::new(&args.first), Spec::new(&args.second)];
    let (first, second) = Failure::both(specs[0].read(None, now), specs[1].read(None, now))?;
    let mut tokens = [first, second];
    let mut profile = None;
    if tokens.iter().any(Option::is_none) {
        let connection = Connection::open_to_read(Target::resolve(target)?, output)?;
        let there = held::all(&connection.stack()?.inventory()?);
        for (token, spec) in tokens.iter_mut().zip(&specs) {
            if let Spec::Target(wanted) = spec {
                *token = Some(held::find(there.clone(), wanted, "the stack")?);
            }
        }
        profile = Some(connection.profile().clone());
    }
    let profile = match profile {
        Some(profile) => profile,
        None => target::profile(target.profile.as_deref())?,
    };
    let tokens: Vec<Held> = tokens.into_iter().flatten().collect();
    let [first, second] = tokens.as_slice() else {
        return Err(Failure::usage("two tokens are needed"));
    };
    let comparison = compare(&first.scope, &second.scope, &profile);
    let denied = args.deny_widening && comparison.widens();
    output.library(document(&comparison, [(&args.first, first), (&args.second, second)]))?;
    let mut names = [first, second].map(|held| format!("the {}", held.describe()));
    if names[0] == names[1] {
        // Two states of one token: where each comes from tells them apart.
        names = [&args.first, &args.second].map(|given| format!("`{}`", Plain(given)));
    }
    print(&comparison, &names, output)?;
    if denied {
        output.note(Styled(style::ERROR, "the second reaches what the first does not: widening is denied"));
    }
    Ok(if denied { Exit::Denied } else { Exit::Ok })
}

/// The JSON of the library, with the two tokens.
fn document(comparison: &Comparison, tokens: [(&String, &Held); 2]) -> Value {
    let mut document = comparison.to_json();
    for (key, (given, token)) in ["a", "b"].into_iter().zip(tokens) {
        document[key] = json!({
            "given": given,
            "kind": token.scope.kind().name(),
            "name": token.name,
            "uid": token.uid,
        });
    }
    document
}

fn print(comparison: &Comparison, [first, second]: &[String; 2], output: &Output) -> Result<(), Failure> {
    let says = match comparison.order() {
        Order::Equal => "reaches the same as",
        Order::Narrower => "reaches less than",
        Order::Wider => "reaches more than",
        Order::Incomparable => "reaches both more and less than",
    };
    output.print(format_args!("{}: {second} {says} {first}", Styled(style::STRONG, comparison.order()),))?;
    for witness in &comparison.gained {
        output.print(Styled(style::ADDED, format_args!("+ {witness}")))?;
    }
    for witness in &comparison.lost {
        output.print(Styled(style::REMOVED, format_args!("- {witness}")))?;
    }
    for witness in &comparison.without_effect {
        output.print(format_args!("~ {witness} grants nothing to a management token"))?;
    }
    Ok(())
}
