//! The least scope of a management token that makes some requests possible.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cs_model::facts::Needs;
use cs_model::profile::Profile;
use cs_model::{Access, Expiry, Grant, ManagementTokenDraft, Module};
use jiff::Timestamp;

use crate::generated::DEFAULT_BRANCH;
use crate::{Decision, ManagementFacts, Prepared, Principal, Request, Verdict, decide_prepared, why};

/// What a management token must be given for some requests, and nothing besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MinimalScope {
    /// Rights by module.
    pub modules: BTreeMap<Module, Access>,
    /// Branches.
    pub branches: Grant,
    /// Branch aliases.
    pub aliases: Grant,
}

/// Requests that no management token may make: why there is no scope for them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", summary(.0))]
pub struct NoScope(Vec<Unreachable>);

/// A request that no management token may make.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unreachable {
    /// Its place among the requests that were asked for, from 0.
    pub index: usize,
    /// Its method and path.
    pub request: String,
    /// The decision on a token that was given everything; [`why`] puts it into words.
    pub decision: Decision,
}

/// The least scope with which a management token may make all of these requests.
///
/// Scopes are made of the entries that grant a module by the module table, so a folder takes `asset`. No entry, right,
/// branch or alias can be taken away without losing a request; only a branch remains that the profile wants each scope
/// to name. Requests to other stacks, other APIs and closed modules have no scope.
///
/// # Errors
///
/// [`NoScope`] with every request that even a token with all rights may not make, and the decision on it.
///
/// ```
/// use cs_model::Profile;
/// use cs_policy::{Request, minimal_scope};
/// let requests = [Request::new("GET", "/v3/assets"), Request::new("PUT", "/v3/content_types/page/entries/blt1")];
/// let scope = minimal_scope(&Profile::seeds(), &requests)?;
/// assert_eq!(scope.to_string(), "asset:r,entry:w on branches main");
/// assert!(minimal_scope(&Profile::seeds(), &[Request::new("GET", "/v3/organizations")]).is_err());
/// # Ok::<(), cs_policy::NoScope>(())
/// ```
pub fn minimal_scope(profile: &Profile, requests: &[Request<'_>]) -> Result<MinimalScope, NoScope> {
    let judge = Judge { profile, requests };
    let everything = MinimalScope {
        modules: BTreeMap::from([(Module::All, Access::ReadWrite)]),
        branches: Grant::All,
        aliases: Grant::All,
    };
    let unreachable: Vec<_> = judge
        .decisions(&everything)
        .enumerate()
        .filter(|(_, decision)| !decision.verdict().is_allow())
        .map(|(index, decision)| Unreachable {
            index,
            request: format!("{} {}", requests[index].method, requests[index].path),
            decision,
        })
        .collect();
    if !unreachable.is_empty() {
        return Err(NoScope(unreachable));
    }
    let (mut scope, needed) = judge.ample(&everything);
    judge.drop_rights(&mut scope, &needed);
    judge.drop_names(&mut scope);
    // Naming a branch gives the right to read the list of branches, so which names stay decides about rights again.
    judge.drop_rights(&mut scope, &needed);
    Ok(scope)
}

/// The question that every smaller scope must still answer.
struct Judge<'a> {
    profile: &'a Profile,
    requests: &'a [Request<'a>],
}

/// Rights that the routes themselves ask for.
type Needed = BTreeSet<(Module, Needs)>;

impl Judge<'_> {
    fn decisions(&self, scope: &MinimalScope) -> impl Iterator<Item = Decision> {
        let prepared = Prepared::new(&Principal::Management(scope.facts()));
        // A token without an end is the same at all times.
        let now = Timestamp::UNIX_EPOCH;
        self.requests.iter().map(move |request| decide_prepared(self.profile, &prepared, request, now))
    }

    fn allows(&self, scope: &MinimalScope) -> bool {
        self.decisions(scope).all(|decision| decision.verdict().is_allow())
    }

    /// A scope that is enough: every right on the modules of the routes, and every name of the requests.
    fn ample(&self, everything: &MinimalScope) -> (MinimalScope, Needed) {
        let (mut scope, mut needed) = (MinimalScope::default(), Needed::new());
        let (mut branches, mut aliases) = (BTreeSet::new(), BTreeSet::new());
        for (request, decision) in self.requests.iter().zip(self.decisions(everything)) {
            if let Some(route) = decision.route() {
                let module = Module::Known(route.row().module.row().granted_by);
                needed.insert((module.clone(), route.row().action.row().needs));
                scope.modules.insert(module, Access::ReadWrite);
            }
            match (request.alias, request.branch) {
                (Some(alias), _) => aliases.insert(alias.to_owned()),
                (None, branch) => branches.insert(branch.unwrap_or(DEFAULT_BRANCH).to_owned()),
            };
        }
        scope.branches = Grant::only(branches);
        scope.aliases = Grant::only(aliases);
        (scope, needed)
    }

    /// Takes rights away, those first that no route asks for.
    fn drop_rights(&self, scope: &mut MinimalScope, needed: &Needed) {
        let modules: Vec<Module> = scope.modules.keys().cloned().collect();
        for asked in [false, true] {
            for module in &modules {
                for right in [Needs::Write, Needs::Read] {
                    if needed.contains(&(module.clone(), right)) == asked {
                        let mut smaller = scope.clone();
                        take(&mut smaller.modules, module, right);
                        self.replace_if_enough(scope, smaller);
                    }
                }
            }
        }
    }

    /// Takes branches and aliases away, but for the last one when the profile wants each scope to name one.
    fn drop_names(&self, scope: &mut MinimalScope) {
        let required = self.profile.switches.branch_scope_required.value;
        let picks: [fn(&mut MinimalScope) -> &mut Grant; 2] = [branches, aliases];
        for pick in picks {
            let Grant::Only(names) = pick(scope).clone() else { continue };
            for name in &names {
                let mut smaller = scope.clone();
                let grant = pick(&mut smaller);
                if let Grant::Only(names) = grant {
                    *grant = Grant::only(names.iter().filter(|other| *other != name).cloned());
                }
                let bare = smaller.branches.is_none() && smaller.aliases.is_none();
                if !(required && bare) {
                    self.replace_if_enough(scope, smaller);
                }
            }
        }
    }

    fn replace_if_enough(&self, scope: &mut MinimalScope, smaller: MinimalScope) {
        if smaller != *scope && self.allows(&smaller) {
            *scope = smaller;
        }
    }
}

fn branches(scope: &mut MinimalScope) -> &mut Grant {
    &mut scope.branches
}

fn aliases(scope: &mut MinimalScope) -> &mut Grant {
    &mut scope.aliases
}

fn take(modules: &mut BTreeMap<Module, Access>, module: &Module, right: Needs) {
    let Some(access) = modules.get(module).copied() else { return };
    let left = match right {
        Needs::Read => Access::from_flags(false, access.writes()),
        Needs::Write => Access::from_flags(access.reads(), false),
    };
    match left {
        Some(left) => modules.insert(module.clone(), left),
        None => modules.remove(module),
    };
}

impl MinimalScope {
    /// The facts of a token with this scope that never expires.
    #[must_use]
    pub fn facts(&self) -> ManagementFacts {
        ManagementFacts {
            scope: self.modules.clone(),
            branches: self.branches.clone(),
            aliases: self.aliases.clone(),
            stack_without_branches: false,
            expires: Expiry::Never,
        }
    }

    /// A draft of a token with this scope.
    #[must_use]
    pub fn draft(&self, name: &str) -> ManagementTokenDraft {
        let draft =
            ManagementTokenDraft::new(name).branches(self.branches.clone()).aliases(self.aliases.clone());
        self.modules.iter().fold(draft, |draft, (module, access)| draft.module(module.clone(), *access))
    }

    /// The modules as the command line takes them: `asset:r,entry:rw`.
    #[must_use]
    pub fn modules_text(&self) -> String {
        let items = self.modules.iter().map(|(module, access)| format!("{module}:{}", access.short()));
        items.collect::<Vec<_>>().join(",")
    }
}

impl fmt::Display for MinimalScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.modules.is_empty() { "no module" } else { "" })?;
        f.write_str(&self.modules_text())?;
        for (what, grant) in [("branches", &self.branches), ("aliases", &self.aliases)] {
            match grant {
                Grant::None => {}
                Grant::Only(names) => {
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    write!(f, " on {what} {}", names.join(","))?;
                }
                Grant::All => write!(f, " on all {what}")?,
            }
        }
        Ok(())
    }
}

impl NoScope {
    /// The requests, in the order in which they were asked for. Never empty.
    #[must_use]
    pub fn requests(&self) -> &[Unreachable] {
        &self.0
    }
}

impl Unreachable {
    /// The weightiest reason, as a sentence.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        why(&self.decision).next().map_or("", |rule| rule.says)
    }
}

fn summary(items: &[Unreachable]) -> String {
    let one = |item: &Unreachable| {
        let verdict = match item.decision.verdict() {
            Verdict::NotGranted => "not granted whatever the scope",
            other => other.name(),
        };
        let rule = why(&item.decision).next().map_or("", |rule| rule.id);
        format!("`{}` is {verdict} to management tokens (rule {rule})", item.request)
    };
    items.iter().map(one).collect::<Vec<_>>().join("; ")
}
