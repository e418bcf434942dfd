//! Carrying out one step.

use cs_model::endpoint::{CreateDeliveryToken, CreateManagementToken};
use cs_model::{
    Against, Checked, DeliveryTokenDraft, Draft, Endpoint, LimitId, ManagementToken, ManagementTokenDraft,
    Secret, TokenUid,
};
use cs_transport::Transport;

use crate::apply::ApplyError;
use crate::plan::{Step, Work, replacement};
use crate::sink::{Owner, Sink, Sinks};
use crate::{Error, Operation, StackClient};

/// Does it; gives back the uid of the token that it made, if it made one.
pub(crate) async fn carry_out<T: Transport>(
    stack: &StackClient<'_, T>,
    step: &Step,
    sinks: &Sinks,
) -> Result<Option<TokenUid>, ApplyError> {
    let run = Run { stack, sinks, name: &step.name };
    match &step.work {
        Work::Nothing => {}
        Work::CreateDelivery { draft, sink, preview } => {
            return run.create_delivery(draft, sink, preview.as_ref()).await.map(Some);
        }
        Work::UpdateDelivery { uid, draft } => {
            let draft = run.checked(draft, true)?;
            stack.delivery_tokens().update(uid, &draft).await?;
        }
        Work::Deliver { uid, value, preview } => run.deliver(uid, value.as_ref(), preview.as_ref()).await?,
        Work::CreatePreview { uid, sink } => run.create_preview(uid, sink).await?,
        Work::DeletePreview { uid } => stack.preview_tokens().delete(uid).await?,
        Work::DeleteDelivery { uid } => stack.delivery_tokens().delete(uid).await?,
        Work::CreateManagement { draft, sink } => return run.create_management(draft, sink).await.map(Some),
        Work::UpdateManagement { uid, draft } => run.update_management(uid, draft).await?,
        Work::Replace { old, draft, sink, old_first: true } => {
            stack.management_tokens().delete(old).await?;
            return run.create_management(draft, sink).await.map(Some);
        }
        Work::Replace { old, draft, sink, old_first: false } => {
            return run.replace(old, draft, sink).await.map(Some);
        }
        Work::FinishReplace { old, new, draft } => {
            if let Some(old) = old {
                stack.management_tokens().delete(old).await?;
            }
            run.update_management(new, draft).await?;
            return Ok(Some(new.clone()));
        }
        Work::DeleteManagement { uid } => stack.management_tokens().delete(uid).await?,
    }
    Ok(None)
}

/// One step being carried out.
struct Run<'a, T> {
    stack: &'a StackClient<'a, T>,
    sinks: &'a Sinks,
    name: &'a str,
}

impl<T: Transport> Run<'_, T> {
    /// The draft, checked by the client's own profile and clock: the plan may be old.
    fn checked<D: Draft>(&self, draft: &D, is_update: bool) -> Result<Checked<D>, Error> {
        let client = self.stack.client;
        let against = Against::new(&client.profile, client.transport.now());
        let against = if is_update { against.updating() } else { against };
        draft.clone().check(&against).map_err(Error::Invalid)
    }

    fn write(
        &self,
        sink: &Sink,
        value: &Secret,
        kind: &'static str,
        uid: &TokenUid,
    ) -> Result<(), ApplyError> {
        let owner = Owner { kind, name: self.name.to_owned(), uid: uid.clone() };
        let written = self.sinks.write(sink, value, &owner);
        written.map_err(|source| ApplyError::Sink { source, made: None, undo: None })
    }

    async fn create_delivery(
        &self,
        draft: &DeliveryTokenDraft,
        sink: &Sink,
        preview: Option<&Sink>,
    ) -> Result<TokenUid, ApplyError> {
        let tokens = self.stack.delivery_tokens();
        let draft = self.checked(draft, false)?;
        let token = match preview {
            Some(_) => tokens.create_with_preview(&draft).await?,
            None => tokens.create(&draft).await?,
        };
        let mut written = match &token.token {
            Some(value) => self.write(sink, value, "delivery token", &token.uid),
            None => Err(no_value::<CreateDeliveryToken>("value of the token").into()),
        };
        if let (Ok(()), Some(sink)) = (&written, preview) {
            // Where the answer shows no preview token, none was made with it.
            let value = match &token.preview_token {
                Some(value) => Ok(value.clone()),
                None => self.stack.preview_tokens().create(&token.uid).await.map(|preview| preview.value),
            };
            written = match value {
                Ok(value) => self.write(sink, &value, "preview token", &token.uid),
                Err(error) => Err(error.into()),
            };
        }
        match written {
            Ok(()) => Ok(token.uid),
            Err(error) => Err(made_in_vain(error, &token.uid, tokens.delete(&token.uid).await)),
        }
    }

    async fn deliver(
        &self,
        uid: &TokenUid,
        value: Option<&Sink>,
        preview: Option<&Sink>,
    ) -> Result<(), ApplyError> {
        let token = self.stack.delivery_tokens().get(uid).await?;
        for (sink, secret, kind) in
            [(value, &token.token, "delivery token"), (preview, &token.preview_token, "preview token")]
        {
            match (sink, secret) {
                (Some(sink), Some(secret)) => self.write(sink, secret, kind, uid)?,
                (Some(_), None) => return Err(no_value::<cs_model::endpoint::GetDeliveryToken>(kind).into()),
                (None, _) => {}
            }
        }
        Ok(())
    }

    async fn create_preview(&self, uid: &TokenUid, sink: &Sink) -> Result<(), ApplyError> {
        let tokens = self.stack.preview_tokens();
        let token = tokens.create(uid).await?;
        match self.write(sink, &token.value, "preview token", uid) {
            Ok(()) => Ok(()),
            Err(error) => Err(made_in_vain(error, uid, tokens.delete(uid).await)),
        }
    }

    async fn create_management(
        &self,
        draft: &ManagementTokenDraft,
        sink: &Sink,
    ) -> Result<TokenUid, ApplyError> {
        let token = self.make_management(draft).await?;
        self.keep_management(token, sink).await
    }

    /// The new token lives beside the old one until its value is in the sink.
    async fn replace(
        &self,
        old: &TokenUid,
        draft: &ManagementTokenDraft,
        sink: &Sink,
    ) -> Result<TokenUid, ApplyError> {
        let mut temporary = draft.clone();
        let limit = self.stack.client.profile.limit(LimitId::TokenNameLength);
        temporary.name = replacement::temporary_name(&draft.name, limit, fastrand::u32(..));
        let token = self.make_management(&temporary).await?;
        let uid = self.keep_management(token, sink).await?;
        self.stack.management_tokens().delete(old).await?;
        self.update_management(&uid, draft).await?;
        Ok(uid)
    }

    async fn make_management(&self, draft: &ManagementTokenDraft) -> Result<ManagementToken, Error> {
        let draft = self.checked(draft, false)?;
        let names = self.stack.names_for(&draft).await?;
        self.stack.send(&CreateManagementToken::new(&draft, &names)).await.map(|answer| answer.token)
    }

    /// Writes the value of a token that was just made; without it the token is of no use to anybody.
    async fn keep_management(&self, token: ManagementToken, sink: &Sink) -> Result<TokenUid, ApplyError> {
        let written = match &token.token {
            Some(value) => self.write(sink, value, "management token", &token.uid),
            None => Err(no_value::<CreateManagementToken>("value of the token").into()),
        };
        match written {
            Ok(()) => Ok(token.uid),
            Err(error) => {
                let undone = self.stack.management_tokens().delete(&token.uid).await;
                Err(made_in_vain(error, &token.uid, undone))
            }
        }
    }

    async fn update_management(&self, uid: &TokenUid, draft: &ManagementTokenDraft) -> Result<(), Error> {
        let draft = self.checked(draft, true)?;
        self.stack.management_tokens().update(uid, &draft).await.map(|_| ())
    }
}

/// Says in the error what became of the token.
fn made_in_vain(error: ApplyError, uid: &TokenUid, undone: Result<(), Error>) -> ApplyError {
    match error {
        ApplyError::Sink { source, .. } => {
            ApplyError::Sink { source, made: Some(uid.clone()), undo: undone.err().map(Box::new) }
        }
        other => other,
    }
}

fn no_value<E: Endpoint>(what: &'static str) -> Error {
    Error::NoValue { operation: Operation(E::ROUTE), what }
}
