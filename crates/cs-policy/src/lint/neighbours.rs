//! Lints about tokens beside each other.

use cs_model::{Expiry, LimitId};

use super::{Finding, Found, LintId, Options, Token};
use crate::Kind;
use crate::compare::{Order, Scope, compare};

/// How many tokens of the same scope a finding names; the others it counts.
const NAMED: usize = 5;

/// The tokens of a stack by what they reach: tokens of one class have the same scope. When each of them ends does not
/// matter.
pub(super) struct Classes<'a> {
    /// The tokens of each class, in their order.
    members: Vec<Vec<&'a Token>>,
    /// The class of each token, in their order; none for a kind without a scope.
    of: Vec<Option<usize>>,
}

impl<'a> Classes<'a> {
    /// Sorts tokens into classes. Each is compared with one of each class, not with all the others.
    pub(super) fn new(tokens: impl Iterator<Item = &'a Token>, options: &Options<'_>) -> Self {
        let mut scopes: Vec<Scope> = Vec::new();
        let mut classes = Self { members: Vec::new(), of: Vec::new() };
        for token in tokens {
            let class = token.scope.as_ref().map(without_end).map(|scope| {
                let same = |other: &Scope| {
                    scope == *other || compare(&scope, other, options.profile).order() == Order::Equal
                };
                scopes.iter().position(same).unwrap_or_else(|| {
                    scopes.push(scope);
                    classes.members.push(Vec::new());
                    scopes.len() - 1
                })
            });
            if let Some(members) = class.and_then(|class| classes.members.get_mut(class)) {
                members.push(token);
            }
            classes.of.push(class);
        }
        classes
    }

    /// The tokens with the scope of the token at this place, that one among them.
    fn beside(&self, index: usize) -> &[&'a Token] {
        let class = self.of.get(index).copied().flatten();
        class.and_then(|class| self.members.get(class)).map_or(&[], Vec::as_slice)
    }
}

/// Other tokens with the same scope as the one at this place of the classes.
pub(super) fn same_scope(found: &mut Found<'_>, index: usize, classes: &Classes<'_>) {
    let same = classes.beside(index);
    let others = same.iter().filter(|other| !std::ptr::eq(**other, found.token));
    let mut names: Vec<_> = others.take(NAMED).map(|other| format!("`{}`", other.name)).collect();
    if names.is_empty() {
        return;
    }
    let more = same.len() - 1 - names.len();
    if more > 0 {
        names.push(format!("{more} more"));
    }
    found.push(LintId::TokenSameScope, format!("it has the same scope as {}", names.join(", ")));
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
