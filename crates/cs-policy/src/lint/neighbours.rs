//! Lints about tokens beside each other.

use cs_model::{Expiry, LimitId};

use super::{Finding, Found, LintId, Options, Token};
use crate::Kind;
use crate::compare::{Order, Scope, compare};

/// Other tokens with the same scope. When each of them ends does not matter.
pub(super) fn same_scope(found: &mut Found<'_>, others: &[&Token], options: &Options<'_>) {
    let Some(scope) = found.token.scope.as_ref().map(without_end) else { return };
    let same = others.iter().filter(|other| {
        let theirs = other.scope.as_ref().map(without_end);
        theirs.is_some_and(|theirs| compare(&scope, &theirs, options.profile).order() == Order::Equal)
    });
    let names: Vec<_> = same.map(|other| format!("`{}`", other.name)).collect();
    if !names.is_empty() {
        found.push(LintId::TokenSameScope, format!("it has the same scope as {}", names.join(", ")));
    }
}

fn without_end(scope: &Scope) -> Scope {
    let mut scope = scope.clone();
    if let Scope::Management(facts) = &mut scope {
        facts.expires = Expiry::Never;
    }
    scope
}

/// Whether the limit of a kind leaves room for a rotation.
pub(super) fn headroom<'a>(
    kind: Kind,
    tokens: impl Iterator<Item = &'a Token>,
    options: &Options<'_>,
) -> Option<Finding> {
    let limit = match kind {
        Kind::Delivery => LimitId::DeliveryTokensPerStack,
        Kind::Management => LimitId::ManagementTokensPerStack,
        _ => return None,
    };
    let switches = &options.profile.switches;
    let counts = |token: &&Token| {
        let ends = token.expiry().ends_at(switches.expiry_day.value);
        token.kind == kind && (switches.expired_counts.value || ends.is_none_or(|ends| ends > options.now))
    };
    let used = u32::try_from(tokens.filter(counts).count()).unwrap_or(u32::MAX);
    let room = options.profile.headroom(limit, used);
    let (most, left) = (room.limit?, room.left()?);
    if used == 0 || left >= options.rotation_slots {
        return None;
    }
    let reason = format!(
        "{used} of {most} {kind} tokens are there, and a rotation needs {} free; {}",
        match options.rotation_slots {
            1 => "1 place".to_owned(),
            slots => format!("{slots} places"),
        },
        options.profile.limit_sentence(limit),
    );
    Some(Finding::new(LintId::RotationNoHeadroom, kind.name().to_owned(), reason))
}
