//! What the policy is told of a request.

use cs_model::generated::{Action, ErrorId, ModuleId};
use cs_model::{Api, Documented};
use cs_policy::{BodyFacts, Context, NamedBranch, Prepared};

use super::{Actor, Named, body_facts};
use crate::call::Call;
use crate::content;
use crate::record::{EnvironmentRecord, StackRecord};
use crate::refusal::Stop;
use crate::store::{Tx, get_json, keys};

/// What a request asks for, beside its route.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) branch: Option<Named>,
    pub(super) environment: Option<EnvironmentRecord>,
    /// The environment as it is named, also when there is none of this name.
    named_environment: Option<String>,
    pub(super) draft: bool,
    /// Whether an OAuth token is sent to another organization than its own.
    pub(super) other_organization: bool,
    body: BodyFacts,
}

impl Asked {
    pub(super) fn read(
        tx: &mut dyn Tx,
        call: &Call<'_>,
        actor: &Actor,
        stack: Option<&StackRecord>,
        branch: Option<Named>,
        organization: Option<&str>,
    ) -> Result<Self, Stop> {
        let row = call.route.row();
        let body = if row.action == Action::Transition || row.module == ModuleId::PublishRule {
            body_facts::read(tx, call, actor, stack)?
        } else {
            BodyFacts::default()
        };
        let other_organization = match actor {
            Actor::Oauth { token, .. } => organization.is_some_and(|named| named != token.org_uid),
            _ => false,
        };
        let asked = Self { branch, other_organization, body, ..Self::default() };
        match (row.api, stack) {
            (Api::Management, _) | (_, None) => Ok(asked),
            (_, Some(stack)) => asked.of_content(tx, call, actor, stack),
        }
    }

    /// The environment, and whether drafts are asked for: on the hosts for drafts always; on the delivery API by a legacy
    /// access token that names no environment, which reads drafts "irrespective of the environment" (seed 001, "Access
    /// Tokens").
    fn of_content(
        mut self,
        tx: &mut dyn Tx,
        call: &Call<'_>,
        actor: &Actor,
        stack: &StackRecord,
    ) -> Result<Self, Stop> {
        let row = call.route.row();
        let named = call.parameter("environment").map(str::to_owned);
        let uid = match &named {
            Some(name) => get_json(tx, &keys::env_name(&stack.api_key, name))?,
            None => content::environment_of_cursor(call),
        };
        if let Some(uid) = &uid {
            self.environment = get_json(tx, &keys::env(&stack.api_key, uid))?;
        }
        let named = named.or(self.environment.as_ref().map(|environment| environment.name.clone())).or(uid);
        self.draft = match row.api {
            Api::Preview | Api::LegacyPreview => true,
            Api::GraphQl => call.is_to_draft_host,
            _ => {
                let of_environment = row.environment == Documented::Yes;
                matches!(actor, Actor::Access) && of_environment && named.is_none()
            }
        };
        let needed = row.environment == Documented::Yes && !matches!(actor, Actor::Access);
        if needed && named.is_none() && matches!(actor, Actor::Delivery(_)) {
            return Err(ErrorId::EnvironmentMissing.into());
        }
        if row.api == Api::Preview && matches!(actor, Actor::Preview(_)) && !names_session(call) {
            return Err(ErrorId::LivePreviewMissing.into());
        }
        self.named_environment = named;
        Ok(self)
    }

    /// The same in the numbers of a principal.
    pub(super) fn context(&self, prepared: &Prepared) -> Context {
        let branch = match &self.branch {
            None => NamedBranch::NotNamed,
            Some(Named::Branch(name)) => NamedBranch::Branch(prepared.branch(name)),
            Some(Named::Alias { alias, of }) => {
                NamedBranch::Alias { alias: prepared.alias(alias), of: Some(prepared.branch(of)) }
            }
        };
        Context {
            other_stack: self.other_organization,
            branch,
            environment: self.named_environment.as_deref().map(|name| prepared.environment(name)),
            draft: self.draft,
            body: self.body,
        }
    }
}

/// Whether the hash of a preview session is there: in a header, as the vendor's client sends it, or in the query.
fn names_session(call: &Call<'_>) -> bool {
    let in_header = call.header("live_preview").is_some_and(|hash| !hash.trim().is_empty());
    in_header || call.parameter("live_preview").is_some_and(|hash| !hash.trim().is_empty())
}
