//! Management tokens: what the API answers, and what we send (seed 001, "Management Tokens"; seed 002, "Management Token
//! Collection").

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::check::Findings;
use crate::delivery::{kept_on_update, push_grants, sort_scope, token_body};
use crate::generated::{LimitId, ModuleId, ViolationId};
use crate::one_pass::one_pass;
use crate::profile::ModuleNames;
use crate::scope::null_is_empty;
use crate::{
    Access, Against, Documented, Draft, Expiry, ExpiryState, Extra, Flag, Grant, Module, Moment, ScopeEntry,
    Secret, StackNames, TokenKind, TokenUid, Violation,
};

/// A management token as the API answers it (seed 002, "Management Token Collection").
///
/// Its value is in the answer that creates it and in no other (seed 002, "Get all management tokens").
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ManagementToken {
    /// Its uid.
    pub uid: TokenUid,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Modules with their rights, and branches and aliases that it reaches (seed 002, "Create management token").
    pub scope: Vec<ScopeEntry>,
    /// When it stops working, in UTC (seed 002, "Create management token"); missing or `null` for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Expiry>,
    /// Whether somebody is told by e-mail seven days before (seed 002, "Create management token").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_email_notification_enabled: Option<bool>,
    /// Its value: only in the answer to its creation (seed 002, "Create management token"; seed 002, "Get a single management
    /// token").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Moment>,
    /// When it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Moment>,
    /// The uid of the user who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// The uid of the user who last changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
    /// The rest.
    #[serde(flatten)]
    pub extra: Extra,
}

one_pass!(ManagementToken {
    "uid" => uid: needed,
    "name" => name: or_default,
    "description" => description: or_default,
    "scope" => scope: or_default by null_is_empty,
    // A `null`, which says never, is another thing than a missing field.
    "expires_on" => expires_on: or_default by Some,
    "is_email_notification_enabled" => is_email_notification_enabled: or_default by is_on,
    "token" => token: or_default,
    "created_at" => created_at: or_default,
    "updated_at" => updated_at: or_default,
    "created_by" => created_by: or_default,
    "updated_by" => updated_by: or_default,
});

/// Reads `"true"` as `true`, as live clients send it.
fn is_on(flag: Flag) -> Option<bool> {
    match flag {
        Flag::Null => None,
        flag => Some(flag.is_on()),
    }
}

impl ManagementToken {
    /// When it stops working; a missing field is [`Expiry::Never`].
    #[must_use]
    pub fn expiry(&self) -> &Expiry {
        self.expires_on.as_ref().unwrap_or(&Expiry::Never)
    }

    /// What to send to keep it as it is: no secret, nothing that the server writes itself.
    #[must_use]
    pub fn to_draft(&self) -> ManagementTokenDraft {
        let mut draft = ManagementTokenDraft::new(&self.name);
        draft.description = self.description.clone().unwrap_or_default();
        draft.expiry = self.expiry().clone();
        draft.email_notification = self.is_email_notification_enabled.unwrap_or(false);
        for entry in sort_scope(&self.scope, &mut draft.branches, &mut draft.aliases) {
            let bare =
                entry.environments.is_none() && entry.branches.is_none() && entry.branch_aliases.is_none();
            match entry.access() {
                Some(access) if bare && entry.is_plain() => {
                    draft
                        .modules
                        .entry(entry.module.clone())
                        .and_modify(|before| *before = before.union(access))
                        .or_insert(access);
                }
                _ => draft.other_scope.push(entry.clone()),
            }
        }
        draft.extra = kept_on_update(&self.extra);
        draft
    }
}

/// What we send to create or change a management token (seed 002, "Create management token").
///
/// ```
/// use cs_model::{Access, Against, Draft, Grant, ManagementTokenDraft, ModuleId, Profile};
/// let draft = ManagementTokenDraft::new("ci")
///     .module(ModuleId::Entry, Access::ReadWrite)
///     .branches(Grant::All)
///     .expiry("2027-01-31".parse()?);
/// let checked = draft.check(&Against::new(&Profile::seeds(), "2026-11-21T00:00:00Z".parse()?))?;
/// assert!(checked.needs_names());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ManagementTokenDraft {
    /// Its name, unique among the management tokens of the stack where the profile says so ([`ViolationId::NameTaken`]), and not
    /// longer than [`LimitId::TokenNameLength`].
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Rights by module; `$all` is for all of them. Sources disagree on which modules can be named:
    /// [`ContradictionId::ManagementScopeModules`](crate::generated::ContradictionId::ManagementScopeModules).
    pub modules: BTreeMap<Module, Access>,
    /// Branches that it reaches: the scope must name branches or aliases (seed 002, "Create management token").
    pub branches: Grant,
    /// Branch aliases that it reaches.
    pub aliases: Grant,
    /// When it stops working; one that has passed is [refused](ViolationId::ExpiryPast).
    pub expiry: Expiry,
    /// Whether to be told by e-mail seven days before (seed 002, "Create management token"); for a token with an end only (ui).
    pub email_notification: bool,
    /// Scope entries that the fields above cannot say; sent as they are.
    pub other_scope: Vec<ScopeEntry>,
    /// Fields that no type of ours knows; sent as they are.
    pub extra: Extra,
}

impl ManagementTokenDraft {
    /// A draft with a name and nothing else.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The same with a description.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// The same with rights on one more module.
    #[must_use]
    pub fn module(mut self, module: impl Into<Module>, access: Access) -> Self {
        self.modules.insert(module.into(), access);
        self
    }

    /// The same with these branches.
    #[must_use]
    pub fn branches(mut self, grant: Grant) -> Self {
        self.branches = grant;
        self
    }

    /// The same with these aliases.
    #[must_use]
    pub fn aliases(mut self, grant: Grant) -> Self {
        self.aliases = grant;
        self
    }

    /// The same with this expiry.
    #[must_use]
    pub fn expiry(mut self, expiry: Expiry) -> Self {
        self.expiry = expiry;
        self
    }

    /// The same with the notice before expiry turned on.
    #[must_use]
    pub const fn notify(mut self) -> Self {
        self.email_notification = true;
        self
    }

    fn check_modules(&self, found: &mut Findings<'_>) {
        if self.modules.is_empty() && self.other_scope.is_empty() {
            found.push(ViolationId::ScopeModulesMissing, "scope.modules", "no module is granted");
        }
        let listed_only = found.against.profile.switches.module_names.value == ModuleNames::Listed;
        for (module, access) in &self.modules {
            let path = format!("scope.modules.{module}");
            match module {
                Module::All => {}
                Module::Known(ModuleId::Branch | ModuleId::BranchAlias) => {
                    let message = format!("`{module}` is not granted as a module");
                    found.push(ViolationId::ScopeReservedModule, path.clone(), message);
                }
                Module::Known(id) if id.row().management_scope == Documented::No => {
                    let message = format!("a management token cannot be given `{module}`");
                    found.push(ViolationId::ScopeModuleNotGrantable, path.clone(), message);
                }
                Module::Known(id) if id.row().management_scope == Documented::Yes || !listed_only => {}
                Module::Known(_) | Module::Other(_) => {
                    let message = format!("no document names a module `{module}` for management tokens");
                    let item = Violation::new(ViolationId::ScopeModuleUnknown, path.clone(), message);
                    found.list.push(if listed_only { item.at(crate::profile::Level::Error) } else { item });
                }
            }
            let all = self.modules.get(&Module::All);
            let grantable = module.known().is_none_or(|id| id.row().management_scope != Documented::No);
            if *module != Module::All && grantable && all.is_some_and(|all| all.union(*access) == *all) {
                let message = format!("`$all` already grants `{module}`");
                found.push(ViolationId::ScopeCoveredByAll, path, message);
            }
        }
        for entry in &self.other_scope {
            if entry.access().is_none() {
                let path = format!("scope.modules.{}", entry.module);
                let message = format!("the entry for `{}` grants neither reading nor writing", entry.module);
                found.push(ViolationId::ScopeEntryWithoutRights, path, message);
            }
        }
    }

    fn check_expiry(&self, found: &mut Findings<'_>) {
        let edge = found.against.profile.switches.expiry_day.value;
        match self.expiry.state(found.against.now, edge, 0) {
            ExpiryState::Expired { ended } => {
                let message =
                    format!("`{}` is in the past: the token would have ended at {ended}", self.expiry);
                found.push(ViolationId::ExpiryPast, "expires_on", message);
            }
            ExpiryState::Never | ExpiryState::Valid { .. } | ExpiryState::Due { .. } => {}
        }
        if let Expiry::Unreadable(text) = &self.expiry {
            let message = format!("`{text}` is neither a date nor a time");
            found.push(ViolationId::ExpiryUnreadable, "expires_on", message);
        }
        if self.email_notification && self.expiry == Expiry::Never {
            found.push(
                ViolationId::ExpiryNoticeWithoutDate,
                "is_email_notification_enabled",
                "a notice is asked for, but the token never expires",
            );
        }
    }
}

impl Draft for ManagementTokenDraft {
    const KIND: TokenKind = TokenKind::Management;

    fn violations(&self, against: &Against<'_>) -> Vec<Violation> {
        let mut found = Findings::new(against);
        found.name(&self.name);
        self.check_modules(&mut found);
        found.grants(&self.branches, &self.aliases);
        self.check_expiry(&mut found);
        found.room(LimitId::ManagementTokensPerStack, ViolationId::LimitManagementTokens);
        found.list
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> &str {
        &self.description
    }

    fn described(mut self, text: String) -> Self {
        self.description = text;
        self
    }

    fn grants(&self) -> (&Grant, &Grant) {
        (&self.branches, &self.aliases)
    }

    fn scope(&self, names: &StackNames) -> Vec<ScopeEntry> {
        let mut scope: Vec<ScopeEntry> =
            self.modules.iter().map(|(module, access)| ScopeEntry::module(module.clone(), *access)).collect();
        push_grants(&mut scope, &self.branches, &self.aliases, names);
        scope.extend(self.other_scope.iter().cloned());
        scope
    }

    fn body(&self, names: &StackNames) -> Value {
        token_body(&self.extra, &self.scope(names), |token| {
            token.insert("name".to_owned(), json!(self.name));
            token.insert("description".to_owned(), json!(self.description));
            token.insert("expires_on".to_owned(), json!(self.expiry));
            token.insert("is_email_notification_enabled".to_owned(), json!(self.email_notification));
        })
    }
}
