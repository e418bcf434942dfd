//! Checking a draft: what it is checked against, and the type that only a check can make.
//!
//! The way it is done is ours. Which documents a finding rests on stands with it, in [`ViolationId`] and [`LimitId`].

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use crate::generated::{LimitId, ViolationId};
use crate::plain::{Plain, is_disruptive};
use crate::profile::Profile;
use crate::suggest::listed;
use crate::{Grant, ScopeEntry, TokenKind, Violation, Violations};

/// What a stack has that scopes name: environments by name, not by uid (JS, `test/sanity-check/api/token-test.js`), branches and
/// aliases by uid (seed 002, "Create management token").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StackNames {
    /// Names of its environments.
    pub environments: BTreeSet<String>,
    /// Uids of its branches; empty on a stack without branches.
    pub branches: BTreeSet<String>,
    /// Its branch aliases.
    pub aliases: BTreeSet<String>,
}

impl StackNames {
    /// From lists of the names of its environments, of the uids of its branches, and of its branch aliases.
    pub fn new<S: Into<String>>(
        environments: impl IntoIterator<Item = S>,
        branches: impl IntoIterator<Item = S>,
        aliases: impl IntoIterator<Item = S>,
    ) -> Self {
        fn set<S: Into<String>>(names: impl IntoIterator<Item = S>) -> BTreeSet<String> {
            names.into_iter().map(Into::into).collect()
        }
        Self { environments: set(environments), branches: set(branches), aliases: set(aliases) }
    }
}

/// The tokens of the same kind that the stack already has, without the one being updated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Siblings {
    /// Their names.
    pub names: BTreeSet<String>,
    /// How many count against the limit of the stack ([`LimitId::DeliveryTokensPerStack`],
    /// [`LimitId::ManagementTokensPerStack`]), expired ones with them where the profile says so.
    pub count: u32,
}

impl Siblings {
    /// From the names of all that count.
    pub fn named<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        let mut count = 0;
        let names = names.into_iter().inspect(|_| count += 1).map(Into::into).collect();
        Self { names, count }
    }
}

/// Whether a draft is to become a new token or to change one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a draft is sent to create or to update")]
pub enum Purpose {
    /// It takes a place under the limit.
    Create,
    /// It takes none.
    Update,
}

/// What a draft is checked against. What is not given is not checked here: the API will.
///
/// ```
/// use cs_model::{Against, DeliveryTokenDraft, Draft, Grant, Profile, Siblings, StackNames};
/// let names = StackNames::new(["production"], ["main"], []);
/// let (profile, siblings) = (Profile::seeds(), Siblings::named(["website"]));
/// let now = "2026-11-21T00:00:00Z".parse()?;
/// let against = Against::new(&profile, now).names(&names).siblings(&siblings);
/// let draft = DeliveryTokenDraft::new("website").environment("prodction").branches(Grant::only(["main"]));
/// let refused = draft.check(&against).unwrap_err();
/// let rules: Vec<_> = refused.items().iter().map(|item| item.rule.name()).collect();
/// assert_eq!(rules, ["name.taken", "environments.unknown"]);
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) now: Timestamp,
    pub(crate) purpose: Purpose,
    pub(crate) names: Option<&'a StackNames>,
    pub(crate) siblings: Option<&'a Siblings>,
}

impl<'a> Against<'a> {
    /// A profile and the time; for creating.
    #[must_use]
    pub const fn new(profile: &'a Profile, now: Timestamp) -> Self {
        Self { profile, now, purpose: Purpose::Create, names: None, siblings: None }
    }

    /// The same for updating a token that exists.
    #[must_use]
    pub const fn updating(mut self) -> Self {
        self.purpose = Purpose::Update;
        self
    }

    /// Also against what the stack has.
    #[must_use]
    pub const fn names(mut self, names: &'a StackNames) -> Self {
        self.names = Some(names);
        self
    }

    /// Also against the other tokens of the kind.
    #[must_use]
    pub const fn siblings(mut self, siblings: &'a Siblings) -> Self {
        self.siblings = Some(siblings);
        self
    }
}

/// What may be written of a token, and checked before it is sent.
pub trait Draft: Clone + PartialEq + std::fmt::Debug {
    /// The kind of token that it makes.
    const KIND: TokenKind;

    /// Everything wrong with it, warnings included; empty when all is well.
    fn violations(&self, against: &Against<'_>) -> Vec<Violation>;

    /// Its name.
    fn name(&self) -> &str;

    /// What it is for, in its author's words.
    fn description(&self) -> &str;

    /// The same with another description.
    #[must_use]
    fn described(self, text: String) -> Self;

    /// The branches and the aliases that it asks for.
    fn grants(&self) -> (&Grant, &Grant);

    /// The scope as it is sent. `names` says what `all` stands for.
    fn scope(&self, names: &StackNames) -> Vec<ScopeEntry>;

    /// The request body, `{"token": {...}}`, without any secret. `names` says what `all` stands for.
    fn body(&self, names: &StackNames) -> Value;

    /// Checks it.
    ///
    /// # Errors
    ///
    /// All violations at once, warnings too, when at least one of them is an error. Warnings alone are no refusal: they are in
    /// [`Checked::warnings`].
    fn check(self, against: &Against<'_>) -> Result<Checked<Self>, Violations> {
        let warnings = Violations::sort_out(self.violations(against))?;
        Ok(Checked { draft: self, warnings })
    }
}

/// A draft that has passed its check. Only this can be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked<D> {
    draft: D,
    warnings: Vec<Violation>,
}

impl<D: Draft> Checked<D> {
    /// The draft, as it will be sent.
    pub const fn draft(&self) -> &D {
        &self.draft
    }

    /// What was found and does not stop it.
    pub fn warnings(&self) -> &[Violation] {
        &self.warnings
    }

    /// The same with another description. It stays checked, because no rule is about descriptions.
    #[must_use]
    pub fn described(self, text: String) -> Self {
        Self { draft: self.draft.described(text), warnings: self.warnings }
    }

    /// Gives the draft back, unchecked again.
    pub fn into_draft(self) -> D {
        self.draft
    }

    /// Whether the names of the stack are needed to send it: it says `all` somewhere.
    pub fn needs_names(&self) -> bool {
        let (branches, aliases) = self.draft.grants();
        *branches == Grant::All || *aliases == Grant::All
    }
}

/// The checks that both kinds of draft share.
pub(crate) struct Findings<'a> {
    pub(crate) against: &'a Against<'a>,
    pub(crate) list: Vec<Violation>,
}

impl<'a> Findings<'a> {
    pub(crate) const fn new(against: &'a Against<'a>) -> Self {
        Self { against, list: Vec::new() }
    }

    pub(crate) fn push(&mut self, rule: ViolationId, path: impl Into<String>, message: impl Into<String>) {
        self.list.push(Violation::new(rule, path, message));
    }

    pub(crate) fn name(&mut self, name: &str) {
        if name.trim().is_empty() {
            self.push(ViolationId::NameEmpty, "name", "the name is empty");
        }
        if name.chars().any(is_disruptive) {
            let message = format!("the name `{}` holds a control character", Plain(name));
            self.push(ViolationId::NameControlCharacter, "name", message);
        }
        let length = name.chars().count();
        // What the API accepts is more than what its form lets a person type; the harder limit is named.
        let broken = [LimitId::TokenNameAccepted, LimitId::TokenNameLength]
            .into_iter()
            .find(|id| self.against.profile.limit(*id).is_exceeded_by(length));
        if let Some(id) = broken {
            let says = self.against.profile.limit_sentence(id);
            let message = format!("the name has {length} characters; {says}");
            let found = Violation::new(ViolationId::NameTooLong, "name", message);
            self.list.push(found.at(self.against.profile.limit(id).level));
        }
        let taken = self.against.siblings.is_some_and(|siblings| siblings.names.contains(name));
        if taken && self.against.profile.switches.unique_names.value {
            self.push(
                ViolationId::NameTaken,
                "name",
                format!("the stack already has a token named `{name}`"),
            );
        }
    }

    pub(crate) fn room(&mut self, limit: LimitId, rule: ViolationId) {
        let (Purpose::Create, Some(siblings)) = (self.against.purpose, self.against.siblings) else { return };
        let row = self.against.profile.limit(limit);
        if row.at_limit == crate::profile::AtLimit::Refuse && row.is_exceeded_by(siblings.count as usize + 1)
        {
            let says = self.against.profile.limit_sentence(limit);
            let found = Violation::new(rule, "", format!("the stack already has {}; {says}", siblings.count));
            self.list.push(found.at(row.level));
        }
    }

    pub(crate) fn grants(&mut self, branches: &Grant, aliases: &Grant) {
        let names = self.against.names;
        let has_branches = names.is_none_or(|names| !names.branches.is_empty());
        // `all` stands for nothing on a stack that has none.
        let reaches = |grant: &Grant, existing: Option<&BTreeSet<String>>| match (grant, existing) {
            (Grant::All, Some(existing)) => !existing.is_empty(),
            (Grant::All, None) => true,
            (Grant::Only(names), _) => !names.is_empty(),
            (Grant::None, _) => false,
        };
        if has_branches
            && !reaches(branches, names.map(|names| &names.branches))
            && !reaches(aliases, names.map(|names| &names.aliases))
            && self.against.profile.switches.branch_scope_required.value
        {
            let message = if aliases.is_none() {
                "neither a branch nor a branch alias is named"
            } else {
                "no branch is named, and the stack has no branch alias"
            };
            self.push(ViolationId::BranchScopeMissing, "scope.branch_or_alias", message);
        }
        self.grant("branches", branches, names.map(|names| &names.branches), ViolationId::BranchesUnknown);
        self.grant("aliases", aliases, names.map(|names| &names.aliases), ViolationId::AliasesUnknown);
    }

    fn grant(
        &mut self,
        path: &str,
        grant: &Grant,
        existing: Option<&BTreeSet<String>>,
        unknown: ViolationId,
    ) {
        let Grant::Only(wanted) = grant else { return };
        for (index, name) in wanted.iter().enumerate() {
            let path = format!("scope.{path}[{index}]");
            if name == "*" {
                self.push(ViolationId::BranchesWildcard, path, "`*` would be read as a name");
            } else if let Some(existing) = existing.filter(|existing| !existing.contains(name)) {
                let what = if unknown == ViolationId::AliasesUnknown { "branch alias" } else { "branch" };
                self.list.push(unknown_name(unknown, path, what, name, existing));
            }
        }
    }
}

/// "no such name; the stack has …".
pub(crate) fn unknown_name(
    rule: ViolationId,
    path: String,
    what: &str,
    name: &str,
    existing: &BTreeSet<String>,
) -> Violation {
    let known = listed(name, existing.iter().map(String::as_str));
    let has = if known.is_empty() { "none".to_owned() } else { known };
    Violation::new(rule, path, format!("the stack has no {what} `{name}`; it has {has}"))
}
