//! Delivery tokens: what the API answers, and what we send (seed 001, "Delivery Tokens"; seed 002, "Delivery Token Collection").

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::check::{Findings, unknown_name};
use crate::generated::{LimitId, ModuleId, ViolationId};
use crate::one_pass::one_pass;
use crate::scope::null_is_empty;
use crate::{
    Against, Draft, EnvironmentRef, Extra, Grant, Module, Moment, PreviewToken, ScopeEntry, Secret,
    StackNames, TokenKind, TokenUid, Violation,
};

/// A delivery token as the API answers it (seed 002, "Delivery Token Collection").
///
/// Environments are whole objects here and names in a [`DeliveryTokenDraft`]; unknown fields are kept.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct DeliveryToken {
    /// Its uid, which its paths name: `blt` and 16 hexadecimal digits in most samples, which nothing here insists on.
    pub uid: TokenUid,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Environments, branches and aliases that it reaches; it reads all of them and writes none (seed 001, "Delivery Tokens").
    pub scope: Vec<ScopeEntry>,
    /// Its value. The API shows it in every answer (seed 002, "Get all delivery tokens"), and it never changes (seed 001, "Delivery
    /// Tokens").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// The value of its preview token, when it has one and the answer shows it: that to its creation (seed 002, "Create preview
    /// token"), that to a reading which asks for it (guide-lp), and lists as well (JS,
    /// `test/sanity-check/api/previewToken-test.js`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview_token: Option<Secret>,
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

one_pass!(DeliveryToken {
    "uid" => uid: needed,
    "name" => name: or_default,
    "description" => description: or_default,
    "scope" => scope: or_default by null_is_empty,
    "token" => token: or_default,
    "preview_token" => preview_token: or_default,
    "created_at" => created_at: or_default,
    "updated_at" => updated_at: or_default,
    "created_by" => created_by: or_default,
    "updated_by" => updated_by: or_default,
});

impl DeliveryToken {
    /// Names of the environments in its scope, in the order of the answer.
    pub fn environments(&self) -> impl Iterator<Item = &str> {
        self.scope
            .iter()
            .filter_map(|entry| entry.environments.as_deref())
            .flatten()
            .map(EnvironmentRef::name)
    }

    /// Its preview token, when the answer shows one.
    #[must_use]
    pub fn preview(&self) -> Option<PreviewToken> {
        Some(PreviewToken::new(self.uid.clone(), self.preview_token.clone()?))
    }

    /// What to send to keep it as it is: names for objects, no secret, nothing that the server writes itself. An update replaces
    /// the whole scope, and objects in it are refused (JS, `test/sanity-check/api/token-test.js`).
    #[must_use]
    pub fn to_draft(&self) -> DeliveryTokenDraft {
        let mut draft = DeliveryTokenDraft::new(&self.name);
        draft.description = self.description.clone().unwrap_or_default();
        let rest = sort_scope(&self.scope, &mut draft.branches, &mut draft.aliases);
        for entry in rest {
            match (&entry.module, &entry.environments) {
                (Module::Known(ModuleId::Environment), Some(environments)) if entry.is_plain_read() => {
                    draft.environments.extend(environments.iter().map(|item| item.name().to_owned()));
                }
                _ => draft.other_scope.push(entry.clone()),
            }
        }
        draft.extra = kept_on_update(&self.extra);
        draft
    }
}

/// What we send to create or change a delivery token (seed 002, "Create delivery token").
///
/// ```
/// use cs_model::{Against, DeliveryTokenDraft, Draft, Grant, Profile};
/// let draft = DeliveryTokenDraft::new("website").environment("production").branches(Grant::only(["main"]));
/// let now = "2026-11-21T00:00:00Z".parse()?;
/// let checked = draft.check(&Against::new(&Profile::seeds(), now))?;
/// assert!(checked.warnings().is_empty());
///
/// let two = DeliveryTokenDraft::new("both").environment("production").environment("staging");
/// let refused = two.check(&Against::new(&Profile::seeds(), now)).unwrap_err();
/// let rules: Vec<_> = refused.items().iter().map(|item| item.rule.name()).collect();
/// assert_eq!(rules, ["environments.too_many", "branch_scope.missing"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct DeliveryTokenDraft {
    /// Its name, unique among the delivery tokens of the stack where the profile says so ([`ViolationId::NameTaken`]), and not
    /// longer than [`LimitId::TokenNameLength`].
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Names of environments: one (seed 001, "Delivery Tokens"); the reference page recommends one and so allows for more (seed
    /// 002, "Create delivery token"). See [`LimitId::EnvironmentsPerDeliveryToken`].
    pub environments: BTreeSet<String>,
    /// Branches that it reaches: the scope must name branches or aliases (seed 002, "Create delivery token").
    pub branches: Grant,
    /// Branch aliases that it reaches.
    pub aliases: Grant,
    /// Scope entries that the fields above cannot say; sent as they are.
    pub other_scope: Vec<ScopeEntry>,
    /// Fields that no type of ours knows; sent as they are.
    pub extra: Extra,
}

impl DeliveryTokenDraft {
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

    /// The same with one more environment.
    #[must_use]
    pub fn environment(mut self, name: impl Into<String>) -> Self {
        self.environments.insert(name.into());
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
}

impl Draft for DeliveryTokenDraft {
    const KIND: TokenKind = TokenKind::Delivery;

    fn violations(&self, against: &Against<'_>) -> Vec<Violation> {
        let mut found = Findings::new(against);
        found.name(&self.name);
        if self.environments.is_empty() {
            found.push(ViolationId::EnvironmentsMissing, "scope.environments", "no environment is named");
        }
        let limit = against.profile.limit(LimitId::EnvironmentsPerDeliveryToken);
        if limit.is_exceeded_by(self.environments.len()) {
            let says = against.profile.limit_sentence(LimitId::EnvironmentsPerDeliveryToken);
            let count = self.environments.len();
            let message = format!("{count} environments are named; {says}");
            let item = Violation::new(ViolationId::EnvironmentsTooMany, "scope.environments", message);
            found.list.push(item.at(limit.level));
        }
        if let Some(names) = against.names {
            for (index, name) in self.environments.iter().enumerate() {
                if !names.environments.contains(name) {
                    let path = format!("scope.environments[{index}]");
                    let rule = ViolationId::EnvironmentsUnknown;
                    found.list.push(unknown_name(rule, path, "environment", name, &names.environments));
                }
            }
        }
        found.grants(&self.branches, &self.aliases);
        found.room(LimitId::DeliveryTokensPerStack, ViolationId::LimitDeliveryTokens);
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
        let mut scope = Vec::new();
        if !self.environments.is_empty() {
            scope.push(ScopeEntry::environments(self.environments.iter().map(String::as_str)));
        }
        push_grants(&mut scope, &self.branches, &self.aliases, names);
        scope.extend(self.other_scope.iter().cloned());
        scope
    }

    fn body(&self, names: &StackNames) -> Value {
        token_body(&self.extra, &self.scope(names), |token| {
            token.insert("name".to_owned(), json!(self.name));
            token.insert("description".to_owned(), json!(self.description));
        })
    }
}

/// Takes the plain entries for branches and aliases out of a scope; gives back the others.
pub(crate) fn sort_scope<'a>(
    scope: &'a [ScopeEntry],
    branches: &mut Grant,
    aliases: &mut Grant,
) -> Vec<&'a ScopeEntry> {
    let mut rest = Vec::new();
    for entry in scope {
        let target = match (&entry.module, &entry.branches, &entry.branch_aliases) {
            (Module::Known(ModuleId::Branch), Some(names), None) => Some((&mut *branches, names)),
            (Module::Known(ModuleId::BranchAlias), None, Some(names)) => Some((&mut *aliases, names)),
            _ => None,
        };
        match target {
            Some((grant, names)) if entry.is_plain_read() && entry.environments.is_none() => {
                let mut all: BTreeSet<String> = names.iter().cloned().collect();
                if let Grant::Only(before) = grant {
                    all.append(before);
                }
                // Also when it is empty: an entry without names limits the token to nothing.
                *grant = Grant::Only(all);
            }
            _ => rest.push(entry),
        }
    }
    rest
}

/// Adds the entries for branches and aliases. `all` of a stack that has none is no entry.
pub(crate) fn push_grants(
    scope: &mut Vec<ScopeEntry>,
    branches: &Grant,
    aliases: &Grant,
    names: &StackNames,
) {
    let is_entry = |grant: &Grant, existing: &BTreeSet<String>| match grant {
        Grant::None => false,
        Grant::Only(_) => true,
        Grant::All => !existing.is_empty(),
    };
    if is_entry(branches, &names.branches) {
        scope.push(ScopeEntry::branches(branches.names(&names.branches)));
    }
    if is_entry(aliases, &names.aliases) {
        scope.push(ScopeEntry::branch_aliases(aliases.names(&names.aliases)));
    }
}

/// Fields that the server writes itself: never sent back.
const SERVER_FIELDS: &[&str] =
    &["type", "ACL", "_version", "api_key", "org_uid", "deleted_at", "deleted_by", "is_expired", "stack"];

/// The unknown fields that an update sends back: all but the server's own and secrets.
pub(crate) fn kept_on_update(extra: &Extra) -> Extra {
    let keep = |name: &str| !SERVER_FIELDS.contains(&name) && !crate::extra::is_sensitive(name);
    Extra(
        extra
            .0
            .iter()
            .filter(|(name, _)| keep(name))
            .map(|(name, value)| (name.clone(), crate::extra::without_secrets(value)))
            .collect(),
    )
}

/// `{"token": {...}}` from the unknown fields, the scope, and what `fill` adds.
pub(crate) fn token_body(
    extra: &Extra,
    scope: &[ScopeEntry],
    fill: impl FnOnce(&mut Map<String, Value>),
) -> Value {
    let mut token = extra.0.clone();
    fill(&mut token);
    // A scope is plain data: its types hold no map with keys other than strings, so it always serializes.
    let entries = scope.iter().filter_map(|entry| serde_json::to_value(entry).ok()).collect();
    token.insert("scope".to_owned(), Value::Array(entries));
    json!({ "token": token })
}
