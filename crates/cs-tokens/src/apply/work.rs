//! Carrying out one step.

use cs_model::endpoint::{CreateDeliveryToken, CreateManagementToken, GetDeliveryToken};
use cs_model::{
    Against, Checked, DeliveryToken, DeliveryTokenDraft, Draft, Endpoint, LimitId, ManagementToken,
    ManagementTokenDraft, Secret, TokenKind, TokenUid,
};
use cs_transport::Transport;

use crate::apply::{ApplyError, Made};
use crate::client::recover::{self, Before, Management};
use crate::plan::{Step, Work, replacement};
use crate::sink::{Claim, Sink, Sinks};
use crate::{Error, Operation, StackClient};

/// Does it; gives back the uid of the token that it made, if it made one.
pub(crate) async fn carry_out<T: Transport>(
    stack: &StackClient<'_, T>,
    step: &Step,
    sinks: &Sinks,
) -> Result<Option<TokenUid>, ApplyError> {
    let run = Run { stack, sinks, name: &step.name };
    let made = run.work(&step.work).await?;
    if let Some((uid, _)) = step.work.ends() {
        for sink in &step.stale {
            sinks.withdraw(sink, uid).map_err(ApplyError::sink)?;
        }
    }
    Ok(made)
}

/// One step being carried out.
struct Run<'a, T> {
    stack: &'a StackClient<'a, T>,
    sinks: &'a Sinks,
    name: &'a str,
}

impl<T: Transport> Run<'_, T> {
    async fn work(&self, work: &Work) -> Result<Option<TokenUid>, ApplyError> {
        let stack = self.stack;
        match work {
            Work::Nothing => {}
            Work::CreateDelivery { draft, sink, preview } => {
                return self.create_delivery(draft, sink, preview.as_ref()).await.map(Some);
            }
            Work::UpdateDelivery { uid, before, draft } => {
                let draft = self.checked(draft, true)?;
                stack.delivery_tokens().update_from(uid, before, &draft).await?;
            }
            Work::Deliver { uid, value, preview } => {
                self.deliver(uid, value.as_ref(), preview.as_ref()).await?;
            }
            Work::CreatePreview { uid, sink } => self.create_preview(uid, sink).await?,
            Work::DeletePreview { uid } => stack.preview_tokens().delete(uid).await?,
            Work::DeleteDelivery { uid } => stack.delivery_tokens().delete(uid).await?,
            Work::CreateManagement { draft, sink } => {
                return self.create_management(draft, sink).await.map(Some);
            }
            Work::UpdateManagement { uid, before, draft } => {
                let draft = self.checked(draft, true)?;
                stack.management_tokens().update_from(uid, before, &draft).await?;
            }
            Work::Replace { old, draft, sink, old_first: true } => {
                self.is_as_planned(sink)?;
                // A draft that is refused leaves the old token alone.
                self.checked(draft, false)?;
                stack.management_tokens().delete(old).await?;
                return self.create_management(draft, sink).await.map(Some);
            }
            Work::Replace { old, draft, sink, old_first: false } => {
                return self.replace(old, draft, sink).await.map(Some);
            }
            Work::FinishReplace { old, new, draft } => {
                let draft = self.checked(draft, true)?;
                self.take_over(old.as_ref(), new, &draft).await?;
                return Ok(Some(new.clone()));
            }
            Work::DeleteManagement { uid } => stack.management_tokens().delete(uid).await?,
            Work::Protect { sink } => self.sinks.protect(sink).map_err(ApplyError::sink)?,
        }
        Ok(None)
    }

    /// The draft, checked by the client's own profile and clock: the plan may be old.
    fn checked<D: Draft>(&self, draft: &D, is_update: bool) -> Result<Checked<D>, Error> {
        let client = self.stack.client;
        let against = Against::new(&client.profile, client.wire.now());
        let against = if is_update { against.updating() } else { against };
        draft.clone().check(&against).map_err(Error::Invalid)
    }

    /// Insists that a sink is as it was when the plan was made: better before a token is made for it than after.
    fn is_as_planned(&self, sink: &Sink) -> Result<(), ApplyError> {
        self.sinks.is_as_read(sink).map_err(ApplyError::sink)
    }

    fn write(&self, sink: &Sink, value: &Secret, kind: TokenKind, uid: &TokenUid) -> Result<(), ApplyError> {
        let claim = Claim { stack: &self.stack.api_key, kind, name: self.name, uid: Some(uid) };
        self.sinks.write(sink, value, &claim.owner(uid)).map_err(ApplyError::sink)
    }

    /// Says what became of a token whose step failed after it was made. Where it is deleted again, its values go with it;
    /// where it stays, they do too, because the next plan goes on from there.
    fn made_in_vain(
        &self,
        error: ApplyError,
        made: Made,
        undone: Result<(), Error>,
        written: &[&Sink],
    ) -> ApplyError {
        let stays = |sink: &&Sink| undone.is_err() || self.sinks.withdraw(sink, &made.uid).is_err();
        let left = written.iter().copied().filter(stays).cloned().collect();
        error.after(made, undone, left)
    }

    async fn create_delivery(
        &self,
        draft: &DeliveryTokenDraft,
        sink: &Sink,
        preview: Option<&Sink>,
    ) -> Result<TokenUid, ApplyError> {
        for sink in [sink].into_iter().chain(preview) {
            self.is_as_planned(sink)?;
        }
        let tokens = self.stack.delivery_tokens();
        let draft = self.checked(draft, false)?;
        let token = match preview {
            Some(_) => tokens.create_with_preview(&draft).await?,
            None => tokens.create(&draft).await?,
        };
        let mut written = Vec::new();
        match self.keep_delivery(&token, sink, preview, &mut written).await {
            Ok(()) => Ok(token.uid),
            Err(error) => {
                let undone = tokens.delete(&token.uid).await;
                Err(self.made_in_vain(error, Made::new(TokenKind::Delivery, &token.uid), undone, &written))
            }
        }
    }

    /// Writes the values of a token that was just made; notes in `written` which sinks have them.
    async fn keep_delivery<'s>(
        &self,
        token: &DeliveryToken,
        sink: &'s Sink,
        preview: Option<&'s Sink>,
        written: &mut Vec<&'s Sink>,
    ) -> Result<(), ApplyError> {
        let value =
            token.token.as_ref().ok_or_else(|| no_value::<CreateDeliveryToken>("value of the token"))?;
        self.write(sink, value, TokenKind::Delivery, &token.uid)?;
        written.push(sink);
        let Some(sink) = preview else { return Ok(()) };
        // Where the answer shows no preview token, none was made with it.
        let value = match &token.preview_token {
            Some(value) => value.clone(),
            None => self.stack.preview_tokens().create(&token.uid).await?.value,
        };
        self.write(sink, &value, TokenKind::Preview, &token.uid)?;
        written.push(sink);
        Ok(())
    }

    async fn deliver(
        &self,
        uid: &TokenUid,
        value: Option<&Sink>,
        preview: Option<&Sink>,
    ) -> Result<(), ApplyError> {
        let token = self.stack.delivery_tokens().get(uid).await?;
        for (sink, secret, kind) in
            [(value, &token.token, TokenKind::Delivery), (preview, &token.preview_token, TokenKind::Preview)]
        {
            match (sink, secret) {
                (Some(sink), Some(secret)) => self.write(sink, secret, kind, uid)?,
                (Some(_), None) if kind == TokenKind::Preview => {
                    return Err(no_value::<GetDeliveryToken>("preview token").into());
                }
                (Some(_), None) => return Err(no_value::<GetDeliveryToken>("value of the token").into()),
                (None, _) => {}
            }
        }
        Ok(())
    }

    async fn create_preview(&self, uid: &TokenUid, sink: &Sink) -> Result<(), ApplyError> {
        self.is_as_planned(sink)?;
        let there = self.stack.delivery_tokens().get(uid).await?.preview_token;
        if let Some(value) = there {
            // Made since the plan, by somebody who keeps its value, too: another one would take its place.
            return self.write(sink, &value, TokenKind::Preview, uid);
        }
        let token = recover::create_preview(self.stack, uid, None).await?;
        match self.write(sink, &token.value, TokenKind::Preview, uid) {
            Ok(()) => Ok(()),
            Err(error) => {
                let undone = self.stack.preview_tokens().delete(uid).await;
                Err(self.made_in_vain(error, Made::new(TokenKind::Preview, uid), undone, &[]))
            }
        }
    }

    async fn create_management(
        &self,
        draft: &ManagementTokenDraft,
        sink: &Sink,
    ) -> Result<TokenUid, ApplyError> {
        self.is_as_planned(sink)?;
        let token = self.make_management(draft).await?;
        self.keep_management(&token, sink).await?;
        Ok(token.uid)
    }

    /// The new token lives beside the old one until its value is in the sink.
    async fn replace(
        &self,
        old: &TokenUid,
        draft: &ManagementTokenDraft,
        sink: &Sink,
    ) -> Result<TokenUid, ApplyError> {
        self.is_as_planned(sink)?;
        let renamed = self.checked(draft, true)?;
        let mut temporary = draft.clone();
        let limit = self.stack.client.profile.limit(LimitId::TokenNameLength);
        temporary.name = replacement::temporary_name(&draft.name, limit, fastrand::u32(..));
        let token = self.make_management(&temporary).await?;
        self.keep_management(&token, sink).await?;
        match self.take_over(Some(old), &token.uid, &renamed).await {
            Ok(()) => Ok(token.uid),
            Err(error) => {
                let made = Made::new(TokenKind::Management, &token.uid);
                Err(ApplyError::Unfinished { source: Box::new(error), made, sink: sink.clone() })
            }
        }
    }

    /// A new token takes the place and the name of an old one, if that is still there.
    async fn take_over(
        &self,
        old: Option<&TokenUid>,
        new: &TokenUid,
        draft: &Checked<ManagementTokenDraft>,
    ) -> Result<(), Error> {
        let tokens = self.stack.management_tokens();
        // Somebody may have tidied it away: without it, the old one is all that there is.
        let found = tokens.get(new).await?;
        if let Some(old) = old {
            tokens.delete(old).await?;
        }
        tokens.update_from(new, &Before::of::<Management>(&found), draft).await.map(drop)
    }

    async fn make_management(&self, draft: &ManagementTokenDraft) -> Result<ManagementToken, Error> {
        let draft = self.checked(draft, false)?;
        self.stack.management_tokens().create(&draft).await
    }

    /// Writes the value of a token that was just made; without it the token is of no use to anybody.
    async fn keep_management(&self, token: &ManagementToken, sink: &Sink) -> Result<(), ApplyError> {
        let written = match &token.token {
            Some(value) => self.write(sink, value, TokenKind::Management, &token.uid),
            None => Err(no_value::<CreateManagementToken>("value of the token").into()),
        };
        match written {
            Ok(()) => Ok(()),
            Err(error) => {
                let undone = self.stack.management_tokens().delete(&token.uid).await;
                Err(self.made_in_vain(error, Made::new(TokenKind::Management, &token.uid), undone, &[]))
            }
        }
    }
}

fn no_value<E: Endpoint>(what: &'static str) -> Error {
    Error::NoValue { operation: Operation(E::ROUTE), what }
}
