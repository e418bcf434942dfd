//! What a subject wants of a scope.

use cs_model::facts::Needs;
use cs_model::{ModuleId, RouteId};

use crate::generated::DEFAULT_BRANCH;
use crate::{Condition, Subject};

/// The branch of a request that names none.
pub(super) const MAIN: &str = DEFAULT_BRANCH;

/// The word that grants all modules.
pub(super) const ALL_MODULES: &str = "$all";

/// The words of a scope that grant entries.
pub(super) const ENTRY_WORDS: [&str; 2] = [ModuleId::Entry.name(), ALL_MODULES];

/// The grants that open a subject: the same for all subjects of a module that read, or that write.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    /// The module, and the one that grants it when that is another; none for operations, which no scope can name.
    pub(super) modules: Vec<ModuleId>,
    /// Whether the right to write is wanted, not to read.
    pub(super) writes: bool,
    /// The OAuth scope, where one is known.
    pub(super) scope: Option<&'static str>,
}

impl Wanted {
    pub(super) fn by(subject: Subject) -> Self {
        match subject {
            Subject::Route(route) => Self::by_route(route),
            Subject::Operation(_) => Self { writes: true, ..Self::default() },
        }
    }

    fn by_route(id: RouteId) -> Self {
        let route = id.row();
        let mut modules = vec![route.module];
        let granted_by = route.module.row().granted_by;
        if granted_by != route.module {
            modules.push(granted_by);
        }
        Self { modules, writes: route.action.row().needs == Needs::Write, scope: crate::oauth_scope(id) }
    }

    /// Only what these conditions read of it, so that subjects that differ in nothing else are alike.
    pub(super) fn read_by(self, conditions: &[Condition]) -> Self {
        let modules = [
            Condition::ModuleNotGranted,
            Condition::WriteMissing,
            Condition::ReadMissing,
            Condition::ContentManager,
            Condition::CustomRoleLacks,
        ];
        let mut read = Self::default();
        if conditions.iter().any(|condition| modules.contains(condition)) {
            read.modules = self.modules;
            read.writes = self.writes;
        }
        if conditions.contains(&Condition::OauthScopeMissing) {
            read.scope = self.scope;
        }
        read
    }

    /// A name for it in an identifier: `entry:write`, `cm.entry:read`; empty when nothing of it is read.
    pub(super) fn name(&self) -> String {
        let needs = if self.writes { "write" } else { "read" };
        match (self.modules.first(), self.scope) {
            (Some(module), _) => format!("{}:{needs}", module.name()),
            (None, Some(scope)) => scope.to_owned(),
            (None, None) => String::new(),
        }
    }

    /// The words of a scope that grant it.
    pub(super) fn words(&self) -> Vec<&'static str> {
        let all = if self.modules.is_empty() { None } else { Some(ALL_MODULES) };
        self.modules.iter().map(|module| module.name()).chain(all).collect()
    }
}
