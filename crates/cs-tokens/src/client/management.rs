//! Management tokens of one stack (seed 002, "Management Token Collection").

use cs_model::endpoint::GetManagementToken;
use cs_model::{
    Against, Checked, Draft, ExpiryState, ManagementToken, ManagementTokenDraft, Profile, Siblings, TokenUid,
};
use cs_transport::Transport;
use jiff::Timestamp;

use crate::Error;
use crate::client::StackClient;
use crate::client::pages::TokenPages;
use crate::client::recover::{self, Before, Management};

/// The management tokens of a stack; made by [`StackClient::management_tokens`].
#[derive(Debug)]
pub struct ManagementTokens<'a, T> {
    pub(crate) stack: StackClient<'a, T>,
}

impl<'a, T: Transport> ManagementTokens<'a, T> {
    /// All of them, page by page; never with their values (seed 002, "Get all management tokens").
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send).
    pub async fn list(&self) -> Result<Vec<ManagementToken>, Error> {
        self.pages().collect().await
    }

    /// The same, page by page.
    pub fn pages(&self) -> TokenPages<'a, T, ManagementToken> {
        TokenPages::new(self.stack.clone())
    }

    /// One of them; never with its value (seed 002, "Get a single management token").
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send).
    pub async fn get(&self, uid: &TokenUid) -> Result<ManagementToken, Error> {
        self.stack.send(&GetManagementToken::new(uid.clone())).await.map(|answer| answer.token)
    }

    /// Checks a draft for a new token: against the profile, the names of the stack, and the tokens that it has.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all violations at once, and those of [`Client::send`](crate::Client::send).
    pub async fn check(&self, draft: ManagementTokenDraft) -> Result<Checked<ManagementTokenDraft>, Error> {
        self.check_against(draft, None).await
    }

    /// Checks a draft that is to change a token.
    ///
    /// # Errors
    ///
    /// As [`ManagementTokens::check`].
    pub async fn check_update(
        &self,
        uid: &TokenUid,
        draft: ManagementTokenDraft,
    ) -> Result<Checked<ManagementTokenDraft>, Error> {
        self.check_against(draft, Some(uid)).await
    }

    /// Makes a token (seed 002, "Create management token"). What comes back holds its value, and nothing later does: keep it at once.
    ///
    /// When the answer is lost, so is the value: the token is looked for by the mark that this attempt wrote, deleted, and
    /// made anew.
    ///
    /// **Do not drop its future** before it is done, as a `timeout` or a `select!` does: it sends several requests, and stops
    /// between two of them. A token may be left then that works, bears the mark of the attempt (`[cs-tokens:` and more, at the
    /// end of its description), and whose value nobody has; no [`Recovery`](crate::Recovery) tells of it. Spawn it as a task
    /// of its own and await the handle of that. What bounds it is [`ClientBuilder::call_limit`](crate::ClientBuilder::call_limit)
    /// for each request and [`Attempts`](crate::Attempts) for all of them, which end in an error that says how things stand.
    /// [`blocking`](crate::blocking) has nothing to drop.
    ///
    /// # Errors
    ///
    /// [`Error::OutcomeUnknown`] when the answer was lost and nothing can be found out, [`Error::GaveUp`] when that happened
    /// each time and nothing is left, [`Error::NoValue`] when it lacks the value and the client makes no marks, and those of
    /// [`Client::send`](crate::Client::send).
    pub async fn create(&self, draft: &Checked<ManagementTokenDraft>) -> Result<ManagementToken, Error> {
        recover::create(Management, &self.stack, draft).await
    }

    /// Changes a token: the draft replaces what it was (seed 002, "Update management token"). Start from
    /// [`ManagementToken::to_draft`]. Its value stays, and the last write wins (studio-cma).
    ///
    /// When the answer is lost, the token is read: one that says what was sent is done, and one whose last change is older than
    /// the request is changed again. One that somebody changed since is left alone, so that their change is not undone.
    ///
    /// # Errors
    ///
    /// As [`ManagementTokens::create`]; [`Error::OutcomeUnknown`] also when the token was changed since, or within the two
    /// seconds before, to something else.
    pub async fn update(
        &self,
        uid: &TokenUid,
        draft: &Checked<ManagementTokenDraft>,
    ) -> Result<ManagementToken, Error> {
        recover::update(Management, &self.stack, uid, draft, || None).await
    }

    /// The same for a token that was like `before` when it was last read.
    pub(crate) async fn update_from(
        &self,
        uid: &TokenUid,
        before: &Before<ManagementTokenDraft>,
        draft: &Checked<ManagementTokenDraft>,
    ) -> Result<ManagementToken, Error> {
        recover::update(Management, &self.stack, uid, draft, || Some(before.clone())).await
    }

    /// Deletes a token (seed 002, "Delete management token"): what uses it stops working.
    ///
    /// # Errors
    ///
    /// As [`ManagementTokens::create`].
    pub async fn delete(&self, uid: &TokenUid) -> Result<(), Error> {
        recover::delete(Management, &self.stack, uid).await
    }

    async fn check_against(
        &self,
        draft: ManagementTokenDraft,
        updating: Option<&TokenUid>,
    ) -> Result<Checked<ManagementTokenDraft>, Error> {
        let names = self.stack.names().await?;
        let tokens = self.list().await?;
        let client = self.stack.client;
        let now = client.wire.now();
        let others: Vec<_> = tokens.iter().filter(|token| Some(&token.uid) != updating).collect();
        let siblings = siblings(others, &client.profile, now);
        let against = Against::new(&client.profile, now).names(&names).siblings(&siblings);
        let against = if updating.is_some() { against.updating() } else { against };
        draft.check(&against).map_err(Error::Invalid)
    }
}

/// The names that are taken, and how many tokens count against the limit.
pub(crate) fn siblings<'a>(
    tokens: impl IntoIterator<Item = &'a ManagementToken>,
    profile: &Profile,
    now: Timestamp,
) -> Siblings {
    let mut siblings = Siblings::default();
    for token in tokens {
        siblings.names.insert(token.name.clone());
        siblings.count += u32::from(counts(token, profile, now));
    }
    siblings
}

/// Whether a token takes a place under the limit.
pub(crate) fn counts(token: &ManagementToken, profile: &Profile, now: Timestamp) -> bool {
    let state = token.expiry().state(now, profile.switches.expiry_day.value, 0);
    profile.switches.expired_counts.value || !matches!(state, ExpiryState::Expired { .. })
}
