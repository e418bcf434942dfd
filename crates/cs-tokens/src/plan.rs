//! What has to be done so that a stack has the tokens that a file declares.
//!
//! A plan is a pure function of the file, the stack's tokens, the sinks, the profile and the time. It holds no secret and
//! serializes to JSON with a `schema` version.

mod build;
mod delivery;
mod diff;
mod files;
mod inventory;
mod management;
pub(crate) mod replacement;
mod room;
mod row;

use cs_model::{ApiKey, DeliveryTokenDraft, ManagementTokenDraft, Profile, TokenKind, TokenUid};
use jiff::Timestamp;
use serde::Serialize;

pub use self::diff::Change;
pub use self::inventory::Inventory;
pub use self::row::Row;

use crate::client::recover::Before;
use crate::declaration::{Declaration, Kind, Problem, Problems};
use crate::sink::{Sink, Sinks};

/// The version of the JSON form of a [`Plan`].
pub const PLAN_SCHEMA: u32 = 1;

/// How a plan is to be made.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct PlanOptions {
    /// Delete tokens that the file does not declare, instead of only reporting them.
    pub prune: bool,
}

impl PlanOptions {
    /// Tokens that the file does not declare are deleted.
    #[must_use]
    pub const fn prune(mut self) -> Self {
        self.prune = true;
        self
    }
}

/// What has to be done, step by step, in the order in which it is done.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Plan {
    /// [`PLAN_SCHEMA`].
    pub schema: u32,
    /// Which stack.
    pub stack: ApiKey,
    /// The profile that it was made by.
    pub profile: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Whether there is anything to do.
    pub has_changes: bool,
    /// The steps: first what is done, in its order; then what is only reported.
    pub steps: Vec<Step>,
    /// What was found in the file and does not stop it.
    pub warnings: Vec<Problem>,
    #[serde(skip)]
    pub(crate) rows: Vec<Row>,
}

/// One step of a plan.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// To which kind of token.
    pub kind: Kind,
    /// The token's name.
    pub name: String,
    /// Its uid, when it exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<TokenUid>,
    /// The fields that change, each exactly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Why, where the action alone does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Where values are written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sinks: Vec<Sink>,
    /// What else happens to files: values that are overwritten or removed, modes that change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Since when the token has been of no use, when it expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expired_since: Option<Timestamp>,
    #[serde(skip)]
    pub(crate) work: Work,
    /// Where values of the token stand that ends by this step; they are taken out after it.
    #[serde(skip)]
    pub(crate) stale: Vec<Sink>,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// Makes a token and writes its value.
    Create,
    /// Changes fields of a token; its value stays.
    Update,
    /// Writes a value that can be read again to a sink that lacks it: that of a delivery token (seed 002, "Get a single delivery token")
    /// or of its preview token.
    Deliver,
    /// Makes a management token anew, because its value cannot be read again (seed 002, "Get a single management token"), and deletes
    /// the old one.
    Replace,
    /// Makes the preview token of a delivery token.
    CreatePreview,
    /// Deletes the preview token of a delivery token.
    DeletePreview,
    /// Takes a file with values away from everybody but its owner: mode 0600.
    Protect,
    /// Deletes a token that the file does not declare.
    Delete,
    /// Reports a token that the file does not declare.
    Unmanaged,
    /// Nothing: the token is as declared.
    Unchanged,
}

impl Action {
    /// Its name: `create_preview`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Deliver => "deliver",
            Self::Replace => "replace",
            Self::CreatePreview => "create_preview",
            Self::DeletePreview => "delete_preview",
            Self::Protect => "protect",
            Self::Delete => "delete",
            Self::Unmanaged => "unmanaged",
            Self::Unchanged => "unchanged",
        }
    }

    /// Whether it does anything.
    #[must_use]
    pub const fn is_change(self) -> bool {
        !matches!(self, Self::Unmanaged | Self::Unchanged)
    }

    /// Whether a token, or the value that it had, stops working by it.
    #[must_use]
    pub const fn is_destructive(self) -> bool {
        matches!(self, Self::Replace | Self::DeletePreview | Self::Delete)
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// What carrying a step out takes. Drafts are checked again when they are sent.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    Nothing,
    CreateDelivery { draft: DeliveryTokenDraft, sink: Sink, preview: Option<Sink> },
    UpdateDelivery { uid: TokenUid, before: Before<DeliveryTokenDraft>, draft: DeliveryTokenDraft },
    Deliver { uid: TokenUid, value: Option<Sink>, preview: Option<Sink> },
    CreatePreview { uid: TokenUid, sink: Sink },
    DeletePreview { uid: TokenUid },
    DeleteDelivery { uid: TokenUid },
    CreateManagement { draft: ManagementTokenDraft, sink: Sink },
    UpdateManagement { uid: TokenUid, before: Before<ManagementTokenDraft>, draft: ManagementTokenDraft },
    Replace { old: TokenUid, draft: ManagementTokenDraft, sink: Sink, old_first: bool },
    FinishReplace { old: Option<TokenUid>, new: TokenUid, draft: ManagementTokenDraft },
    DeleteManagement { uid: TokenUid },
    Protect { sink: Sink },
}

impl Work {
    /// The token whose values are of no use after this, and which kinds of value those are.
    pub(crate) const fn ends(&self) -> Option<(&TokenUid, &'static [TokenKind])> {
        match self {
            Self::DeletePreview { uid } => Some((uid, &[TokenKind::Preview])),
            Self::DeleteDelivery { uid } => Some((uid, &[TokenKind::Delivery, TokenKind::Preview])),
            Self::DeleteManagement { uid }
            | Self::Replace { old: uid, .. }
            | Self::FinishReplace { old: Some(uid), .. } => Some((uid, &[TokenKind::Management])),
            _ => None,
        }
    }
}

impl Step {
    /// Whether it is about a token that an interrupted replacement left: nobody has its value.
    #[must_use]
    pub fn is_about_leftover(&self) -> bool {
        let is_other = matches!(self.action, Action::Unmanaged | Action::Delete);
        is_other && self.kind == Kind::Management && replacement::is_temporary(&self.name)
    }

    pub(crate) fn new(action: Action, kind: Kind, name: &str, uid: Option<&TokenUid>, work: Work) -> Self {
        Self {
            action,
            kind,
            name: name.to_owned(),
            uid: uid.cloned(),
            changes: Vec::new(),
            why: None,
            sinks: Vec::new(),
            notes: Vec::new(),
            expired_since: None,
            work,
            stale: Vec::new(),
        }
    }
}

impl Plan {
    /// Compares what a file declares with what a stack has.
    ///
    /// ```
    /// use cs_model::{Profile, StackNames};
    /// use cs_tokens::{Declaration, Inventory, Plan, PlanOptions, Sinks};
    /// let declaration = Declaration::parse("shop.toml", "
    ///     [[delivery]]
    ///     name = 'shop'
    ///     environments = ['production']
    ///     branches = ['main']
    ///     sink = { env_file = '.env', variable = 'DELIVERY_TOKEN' }
    /// ")?;
    /// let stack = Inventory::new("blt0123456789abcdef".parse()?, StackNames::new(["production"], ["main"], []));
    /// let (sinks, now) = (Sinks::elsewhere(&declaration), "2026-11-21T00:00:00Z".parse()?);
    /// let plan = Plan::new(&declaration, &stack, &sinks, &Profile::seeds(), now, PlanOptions::default())?;
    /// let steps: Vec<_> = plan.changes().map(|step| (step.action.name(), &*step.name)).collect();
    /// assert_eq!(steps, [("create", "shop")]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the file, its sinks, and what it asks for, at once: its text, names that the stack lacks, limits
    /// that it would go beyond, files that cannot be written.
    pub fn new(
        declaration: &Declaration,
        inventory: &Inventory,
        sinks: &Sinks,
        profile: &Profile,
        now: Timestamp,
        options: PlanOptions,
    ) -> Result<Self, Problems> {
        build::plan(declaration, inventory, sinks, profile, now, options)
    }

    /// How many steps do this.
    #[must_use]
    pub fn count(&self, action: Action) -> usize {
        self.steps.iter().filter(|step| step.action == action).count()
    }

    /// The steps that do something, in their order.
    pub fn changes(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.action.is_change())
    }

    /// The declared tokens as they will be, in the order of the file.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
}
