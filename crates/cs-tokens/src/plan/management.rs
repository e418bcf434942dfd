//! What becomes of a declared management token.

use cs_model::{Draft, Expiry, ExpiryState, ManagementToken, ManagementTokenDraft, Profile, TokenUid};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::client::recover::{self, Before};
use crate::declaration::{DeclaredExpiry, DeclaredManagement, Kind};
use crate::plan::{Action, Change, Inventory, Step, Work, diff, replacement};
use crate::sink::{Sink, Sinks};

/// A block with the token that it is about, and how far that is from what the block says.
#[derive(Debug)]
pub(crate) struct Fate<'a> {
    pub(crate) block: &'a DeclaredManagement,
    pub(crate) token: Option<&'a ManagementToken>,
    after: ManagementTokenDraft,
    changes: Vec<Change>,
    value: Value<'a>,
}

/// Whose value the sink holds.
#[derive(Debug)]
enum Value<'a> {
    /// The token's own.
    Current,
    /// That of a token made to replace it, before it was interrupted.
    Successor(&'a ManagementToken),
    /// None that is of use, and why.
    Lost(String),
}

impl<'a> Fate<'a> {
    /// Finds the token, by name; where several share it, the one whose value is in the sink.
    pub(crate) fn new(
        block: &'a DeclaredManagement,
        inventory: &'a Inventory,
        sinks: &Sinks,
        profile: &Profile,
        now: Timestamp,
    ) -> Self {
        let name = &block.draft.name;
        let held = block.sink.as_ref().and_then(|sink| sinks.held(sink));
        let owner = held.and_then(|held| held.owner.as_ref());
        let mut named: Vec<_> = inventory.management.iter().filter(|token| token.name == *name).collect();
        named.sort_by_key(|token| owner.is_none_or(|owner| owner.uid != token.uid));
        let token = named.first().copied();

        let successor = owner
            .filter(|owner| token.is_none_or(|token| token.uid != owner.uid))
            .and_then(|owner| inventory.management_by_uid(&owner.uid))
            .filter(|other| replacement::is_for(&other.name, name));
        let value = match (successor, block.sink.as_ref(), held, owner) {
            (Some(other), ..) => Value::Successor(other),
            (None, _, Some(_), Some(owner)) if token.is_some_and(|token| token.uid == owner.uid) => {
                Value::Current
            }
            (None, Some(sink), Some(_), Some(owner)) => Value::Lost(older(sink, &owner.uid)),
            (None, Some(sink), Some(_), None) => Value::Lost(unlabelled(sink)),
            (None, Some(_), None, _) if sinks.are_elsewhere() => Value::Current,
            (None, Some(sink), None, _) => {
                Value::Lost(format!("`{}` has no `{}`", sink.env_file, sink.variable))
            }
            (None, None, ..) => Value::Current,
        };

        let base = match &value {
            Value::Successor(other) => Some(*other),
            Value::Current | Value::Lost(_) => token,
        };
        let is_new = base.is_none() || matches!(value, Value::Lost(_));
        let before = base.map(ManagementToken::to_draft).unwrap_or_else(|| ManagementTokenDraft::new(name));
        let expired = base.is_some_and(|token| expired_since(token, profile, now).is_some());
        let after = desired(block, &before, is_new || expired, now);
        let changes = diff::management(&before, &after, &inventory.names);
        Self { block, token, after, changes, value }
    }

    /// Whether the token is made or changed: only then must its expiry lie ahead.
    pub(crate) fn is_touched(&self) -> bool {
        !(self.changes.is_empty() && matches!(self.value, Value::Current) && self.token.is_some())
    }

    /// The draft that will be sent, or would be.
    pub(crate) const fn draft(&self) -> &ManagementTokenDraft {
        &self.after
    }

    /// The uid that the token has and keeps.
    pub(crate) fn uid(&self) -> Option<&TokenUid> {
        match (&self.value, self.token) {
            (Value::Current, Some(token)) => Some(&token.uid),
            (Value::Successor(other), _) => Some(&other.uid),
            _ => None,
        }
    }

    /// The step that makes the token what the block says.
    pub(crate) fn step(&self, profile: &Profile, now: Timestamp) -> Option<Step> {
        // Without a sink there is an error, and no plan.
        let sink = self.block.sink.as_ref()?;
        let draft = self.after.clone();
        let uid = self.token.map(|token| &token.uid);
        let step = |action, work| Step::new(action, Kind::Management, self.after.name(), uid, work);
        let mut step = match (&self.value, self.token) {
            (Value::Successor(new), old) => {
                let old = old.map(|token| token.uid.clone());
                let work = Work::FinishReplace { old, new: new.uid.clone(), draft };
                let mut step = step(Action::Replace, work);
                step.why = Some(format!(
                    "an earlier replacement was interrupted; `{}` already holds the value of {}",
                    sink.env_file, new.uid
                ));
                step
            }
            (Value::Current | Value::Lost(_), None) => {
                step(Action::Create, Work::CreateManagement { draft, sink: sink.clone() })
            }
            (Value::Current, Some(_)) if self.changes.is_empty() => step(Action::Unchanged, Work::Nothing),
            (Value::Current, Some(token)) => {
                let (uid, before) = (token.uid.clone(), Before::of::<recover::Management>(token));
                step(Action::Update, Work::UpdateManagement { uid, before, draft })
            }
            (Value::Lost(why), Some(token)) => {
                let work =
                    Work::Replace { old: token.uid.clone(), draft, sink: sink.clone(), old_first: false };
                let mut step = step(Action::Replace, work);
                step.why =
                    Some(format!("{why}, and the API never shows the value of a management token again"));
                step
            }
        };
        // What goes on with an interrupted replacement writes nothing: the value is there.
        if matches!(step.work, Work::CreateManagement { .. } | Work::Replace { .. }) {
            step.sinks.push(sink.clone());
        }
        step.changes = self.changes.clone();
        step.expired_since = self.token.and_then(|token| expired_since(token, profile, now));
        if step.expired_since.is_some()
            && step.action == Action::Update
            && matches!(self.block.expires, DeclaredExpiry::In { .. })
        {
            step.why = Some("it has expired, so `expires_in` counts again from today".to_owned());
        }
        if step.expired_since.is_some() && step.action == Action::Unchanged {
            step.why =
                Some("it is as declared, but it has expired: declare a later expiry to renew it".to_owned());
        }
        Some(step)
    }
}

fn older(sink: &Sink, uid: &TokenUid) -> String {
    format!("`{}` in `{}` holds the value of another token, {uid}", sink.variable, sink.env_file)
}

fn unlabelled(sink: &Sink) -> String {
    format!("nothing says whose value `{}` in `{}` holds", sink.variable, sink.env_file)
}

/// Since when a token has been expired.
pub(crate) fn expired_since(token: &ManagementToken, profile: &Profile, now: Timestamp) -> Option<Timestamp> {
    match token.expiry().state(now, profile.switches.expiry_day.value, 0) {
        ExpiryState::Expired { ended } => Some(ended),
        _ => None,
    }
}

/// The token as it is, with everything that the file says about it.
fn desired(
    block: &DeclaredManagement,
    before: &ManagementTokenDraft,
    starts_anew: bool,
    now: Timestamp,
) -> ManagementTokenDraft {
    let mut after = block.draft.clone();
    after.extra = before.extra.clone();
    after.expiry = match &block.expires {
        // Resolved once, when the token is made: from then on any expiry will do, until it has come.
        DeclaredExpiry::In { .. } if !starts_anew && before.expiry != Expiry::Never => before.expiry.clone(),
        DeclaredExpiry::On(declared) if is_same_day(declared, &before.expiry) => before.expiry.clone(),
        other => other.resolve(now),
    };
    after
}

/// Whether a declared date came back as the midnight that it begins with.
fn is_same_day(declared: &Expiry, found: &Expiry) -> bool {
    match (declared, found) {
        (Expiry::On(date), Expiry::At(time, _)) => {
            date.to_zoned(TimeZone::UTC).is_ok_and(|midnight| midnight.timestamp() == *time)
        }
        _ => false,
    }
}
