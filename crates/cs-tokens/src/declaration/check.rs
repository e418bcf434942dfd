//! Checking what a file declares: every draft by the rules of the model, every sink by what the disk says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cs_model::profile::AtLimit;
use cs_model::{Against, Documented, Draft, Grant, LimitId, Profile, StackNames, Violation, ViolationId};
use jiff::Timestamp;

use crate::declaration::{Declaration, Place, Places, Problem};
use crate::sink::{Fault, Sink, Sinks};
use crate::suggest::did_you_mean;

/// What is known of the stack when a file is checked; less is known when it could not be asked.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    /// The names that scopes use.
    pub(crate) names: Option<&'a StackNames>,
    /// For each `[[management]]` block, whether its token would be made or changed: only then does a past expiry matter.
    pub(crate) touched: Option<&'a [bool]>,
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
    problems.extend(files(declaration, sinks));
    let against = Against::new(profile, now);
    let against = known.names.map_or(against, |names| against.names(names));
    for block in &declaration.delivery {
        let found = block.draft.violations(&against);
        let wanted = Wanted::new(&block.draft.environments, block.draft.grants());
        problems
            .extend(found.into_iter().filter_map(|item| problem(item, &block.places, &wanted, known.names)));
    }
    for (index, block) in declaration.management.iter().enumerate() {
        let mut draft = block.draft.clone();
        draft.expiry = block.expires.resolve(now);
        let past_matters = known.touched.and_then(|touched| touched.get(index)).copied().unwrap_or(false);
        let found = draft.violations(&against).into_iter();
        let found = found.filter(|item| past_matters || item.rule != ViolationId::ExpiryPast);
        let nowhere = BTreeSet::new();
        let wanted = Wanted::new(&nowhere, draft.grants());
        problems.extend(found.filter_map(|item| problem(item, &block.places, &wanted, known.names)));
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
    let known = Known { names: None, touched: None };
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

/// Each file that cannot take values, at the first place that names it, and each variable that would take two because its
/// file has two names.
fn files(declaration: &Declaration, sinks: &Sinks) -> Vec<Problem> {
    let mut reported = BTreeSet::new();
    let mut taken: BTreeMap<(&Path, &str), (&Sink, &Place)> = BTreeMap::new();
    let mut problems = Vec::new();
    for (sink, key, places) in declaration.placed_sinks() {
        if sink.is_per_stack() {
            let message = format!("`{{stack}}` in `{sink}` stands for no stack yet");
            let fix = "name the stack: `Declaration::of_stack`".to_owned();
            let found = Problem::new(ViolationId::SinkUnwritable, places.of(key).clone(), message);
            problems.push(found.with_fix(Some(fix)));
            continue;
        }
        let fault = sinks.fault(sink).map(|fault| match fault {
            Fault::Unusable(why) => {
                (ViolationId::SinkUnwritable, format!("`{}` cannot be written: {why}", sink.env_file))
            }
            Fault::Strange(why) => {
                (ViolationId::SinkNotEnvFile, format!("`{}` is no env file: {why}", sink.env_file))
            }
        });
        if let Some((rule, message)) = fault
            && reported.insert(sink.file_key())
        {
            problems.push(Problem::new(rule, places.of("env_file").clone(), message));
        }
        let Some(file) = sinks.place(sink) else { continue };
        match taken.get(&(file, sink.variable.as_str())) {
            // Under one name the text alone shows it, and it is reported already.
            Some((before, place)) if before.file_key() != sink.file_key() => {
                let message = format!(
                    "`{}` is the same file as `{}`, whose `{}` already takes a value at line {}",
                    sink.env_file, before.env_file, sink.variable, place.line
                );
                problems.push(Problem::new(ViolationId::SinkConflict, places.of(key).clone(), message));
            }
            Some(_) => {}
            None => {
                taken.insert((file, &sink.variable), (sink, places.of(key)));
            }
        }
    }
    problems
}

/// The names in a draft, in the order in which violations number them.
struct Wanted<'a> {
    environments: Vec<&'a String>,
    branches: Vec<&'a String>,
    aliases: Vec<&'a String>,
}

impl<'a> Wanted<'a> {
    fn new(environments: &'a BTreeSet<String>, (branches, aliases): (&'a Grant, &'a Grant)) -> Self {
        let only = |grant: &'a Grant| match grant {
            Grant::Only(names) => names.iter().collect(),
            Grant::None | Grant::All => Vec::new(),
        };
        Self { environments: environments.iter().collect(), branches: only(branches), aliases: only(aliases) }
    }
}

/// A violation of a draft as a problem of the file; `None` for what follows from something that is reported already.
fn problem(
    violation: Violation,
    places: &Places,
    wanted: &Wanted<'_>,
    names: Option<&StackNames>,
) -> Option<Problem> {
    let path = violation.path.clone();
    let path = path.strip_prefix("scope.").unwrap_or(&path);
    let empty = BTreeSet::new();
    let known = |of: fn(&StackNames) -> &BTreeSet<String>| names.map_or(&empty, of);
    for (key, wanted, existing) in [
        ("environments", &wanted.environments, known(|names| &names.environments)),
        ("branches", &wanted.branches, known(|names| &names.branches)),
        ("aliases", &wanted.aliases, known(|names| &names.aliases)),
    ] {
        if let Some(name) = indexed(path, key).and_then(|index| wanted.get(index)) {
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
