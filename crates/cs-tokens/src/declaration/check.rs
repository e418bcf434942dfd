//! Checking what a file declares: every draft by the rules of the model, every sink by what the disk says.

use std::collections::BTreeSet;

use cs_model::profile::AtLimit;
use cs_model::{Against, Documented, Draft, Grant, LimitId, Profile, StackNames, Violation, ViolationId};
use jiff::Timestamp;

use crate::declaration::{Declaration, DeclaredManagement, Places, Problem};
use crate::sink::{Sinks, State};
use crate::suggest::did_you_mean;

/// What is known of the stack when a file is checked; less is known when it could not be asked.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    /// The names that scopes use.
    pub(crate) names: Option<&'a StackNames>,
    /// Whether the token of this `[[management]]` block would be made or changed: only then does a past expiry matter.
    pub(crate) is_touched: &'a dyn Fn(&DeclaredManagement) -> bool,
}

/// Everything that is wrong: with the text, with its sinks, with its drafts. Limits are the plan's matter.
pub(crate) fn check(
    declaration: &Declaration,
    sinks: &Sinks,
    profile: &Profile,
    now: Timestamp,
    known: Known<'_>,
) -> Vec<Problem> {
    let mut problems = declaration.problems().to_vec();
    problems.extend(unusable(declaration, sinks));
    let against = Against::new(profile, now);
    let against = known.names.map_or(against, |names| against.names(names));
    for block in &declaration.delivery {
        let found = block.draft.violations(&against);
        problems.extend(found.into_iter().filter_map(|item| {
            problem(item, &block.places, &block.draft.environments, block.draft.grants(), known.names)
        }));
    }
    for block in &declaration.management {
        let mut draft = block.draft.clone();
        draft.expiry = block.expires.resolve(now);
        let past_matters = (known.is_touched)(block);
        let found = draft.violations(&against).into_iter();
        let found = found.filter(|item| past_matters || item.rule != ViolationId::ExpiryPast);
        problems.extend(
            found.filter_map(|item| {
                problem(item, &block.places, &BTreeSet::new(), draft.grants(), known.names)
            }),
        );
    }
    problems
}

/// What is wrong as far as one can tell without the stack: its names and tokens are unknown.
pub(crate) fn check_alone(
    declaration: &Declaration,
    sinks: &Sinks,
    profile: &Profile,
    now: Timestamp,
) -> Vec<Problem> {
    let known = Known { names: None, is_touched: &|_| false };
    let mut problems = check(declaration, sinks, profile, now, known);
    let delivery = declaration.delivery.iter().map(|block| (&block.draft.name, &block.places));
    let limit = (LimitId::DeliveryTokensPerStack, ViolationId::LimitDeliveryTokens);
    problems.extend(too_many(delivery, profile, limit));
    let management = declaration.management.iter().map(|block| (&block.draft.name, &block.places));
    let limit = (LimitId::ManagementTokensPerStack, ViolationId::LimitManagementTokens);
    problems.extend(too_many(management, profile, limit));
    problems
}

/// The blocks of a kind that would be too many even on a stack without tokens.
fn too_many<'a>(
    blocks: impl Iterator<Item = (&'a String, &'a Places)>,
    profile: &Profile,
    (limit, rule): (LimitId, ViolationId),
) -> Vec<Problem> {
    let row = profile.limit(limit);
    if row.at_limit != AtLimit::Refuse {
        return Vec::new();
    }
    let over = blocks.enumerate().filter(|(index, _)| row.is_exceeded_by(index + 1));
    over.map(|(index, (name, places))| {
        let message = format!(
            "`{name}` is number {} of its kind in the file; {}",
            index + 1,
            profile.limit_sentence(limit)
        );
        Problem::new(rule, places.of("name").clone(), message).at(row.level)
    })
    .collect()
}

/// Each file that cannot be written, at the first place that names it.
fn unusable(declaration: &Declaration, sinks: &Sinks) -> Vec<Problem> {
    let delivery = declaration.delivery.iter().map(|block| (&block.sink, &block.places));
    let management = declaration.management.iter().map(|block| (&block.sink, &block.places));
    let mut reported = BTreeSet::new();
    let mut problems = Vec::new();
    for (sink, places) in delivery.chain(management) {
        let Some(sink) = sink else { continue };
        if let Some(State::Unusable(why)) = sinks.state(sink)
            && reported.insert(sink.file_key())
        {
            let message = format!("`{}` cannot be written: {why}", sink.env_file);
            problems.push(Problem::new(ViolationId::SinkUnwritable, places.of("env_file").clone(), message));
        }
    }
    problems
}

/// A violation of a draft as a problem of the file; `None` for what follows from something that is reported already.
fn problem(
    violation: Violation,
    places: &Places,
    environments: &BTreeSet<String>,
    (branches, aliases): (&Grant, &Grant),
    names: Option<&StackNames>,
) -> Option<Problem> {
    let path = violation.path.clone();
    let path = path.strip_prefix("scope.").unwrap_or(&path);
    let empty = BTreeSet::new();
    let only = |grant: &Grant| match grant {
        Grant::Only(names) => names.clone(),
        Grant::None | Grant::All => BTreeSet::new(),
    };
    let known = |of: fn(&StackNames) -> &BTreeSet<String>| names.map_or(&empty, of);
    let (branches, aliases) = (only(branches), only(aliases));
    for (key, wanted, existing) in [
        ("environments", environments, known(|names| &names.environments)),
        ("branches", &branches, known(|names| &names.branches)),
        ("aliases", &aliases, known(|names| &names.aliases)),
    ] {
        if let Some(name) = indexed(path, key).and_then(|index| wanted.iter().nth(index)) {
            let fix = did_you_mean(name, existing.iter().map(String::as_str));
            let fix = fix.filter(|_| violation.rule != ViolationId::BranchesWildcard);
            return Some(Problem::of_violation(violation, places.item(key, name).clone()).with_fix(fix));
        }
    }
    let faulty = |key: &str| places.faulty.contains(key);
    match path {
        "name" if faulty("name") => None,
        "environments" if faulty("environments") => None,
        "branch_or_alias" if faulty("branches") || faulty("aliases") => None,
        "modules" if faulty("scope") => None,
        "branch_or_alias" => Some(Problem::of_violation(violation, places.block.clone())),
        "modules" => Some(Problem::of_violation(violation, places.of("scope").clone())),
        "is_email_notification_enabled" if faulty("expires_on") || faulty("expires_in") => None,
        "is_email_notification_enabled" => {
            Some(Problem::of_violation(violation, places.of("notify").clone()))
        }
        other => match other.strip_prefix("modules.") {
            Some(module) => {
                let fix = match violation.rule {
                    ViolationId::ScopeModuleUnknown => did_you_mean(module, grantable()),
                    _ => None,
                };
                Some(Problem::of_violation(violation, places.item("scope", module).clone()).with_fix(fix))
            }
            None => {
                let fix = (violation.rule == ViolationId::ExpiryPast).then(|| {
                    "choose a later date, or remove `expires_on` for a token that never expires".to_owned()
                });
                Some(Problem::of_violation(violation, places.of(other).clone()).with_fix(fix))
            }
        },
    }
}

/// `2` of `environments[2]`.
fn indexed(path: &str, key: &str) -> Option<usize> {
    path.strip_prefix(key)?.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// The modules that a management token may be given.
fn grantable() -> impl Iterator<Item = &'static str> {
    cs_model::generated::MODULES
        .iter()
        .filter(|row| row.management_scope != Documented::No)
        .map(|row| row.name)
}
