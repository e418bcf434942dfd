//! One stack: the names that scopes use, and its tokens.

use cs_model::endpoint::{ListBranchAliases, ListBranches, ListEnvironments};
use cs_model::{ApiKey, Branch, BranchAlias, Checked, Draft, Endpoint, StackNames};
use cs_transport::Transport;
use jiff::Timestamp;

use crate::client::call;
use crate::client::message::Common;
use crate::client::pages::Pages;
use crate::client::{DeliveryTokens, ManagementTokens, PreviewTokens};
use crate::error::leaves_open;
use crate::{Client, Error};

/// A client's view of one stack; made by [`Client::stack`].
#[derive(Debug)]
pub struct StackClient<'a, T> {
    pub(crate) client: &'a Client<T>,
    pub(crate) api_key: ApiKey,
    common: Common,
}

// By hand: a derived `Clone` would ask for a transport that is `Clone`, and only a reference is kept.
impl<T> Clone for StackClient<'_, T> {
    fn clone(&self) -> Self {
        Self { client: self.client, api_key: self.api_key.clone(), common: self.common.clone() }
    }
}

impl<'a, T: Transport> StackClient<'a, T> {
    pub(crate) fn new(client: &'a Client<T>, api_key: ApiKey) -> Self {
        Self { client, api_key, common: Common::default() }
    }

    /// The API key of the stack.
    pub const fn api_key(&self) -> &ApiKey {
        &self.api_key
    }

    /// Its delivery tokens.
    pub fn delivery_tokens(&self) -> DeliveryTokens<'a, T> {
        DeliveryTokens { stack: self.clone() }
    }

    /// Its preview tokens, which belong to delivery tokens.
    pub fn preview_tokens(&self) -> PreviewTokens<'a, T> {
        PreviewTokens { stack: self.clone(), second: None }
    }

    /// Its management tokens.
    pub fn management_tokens(&self) -> ManagementTokens<'a, T> {
        ManagementTokens { stack: self.clone() }
    }

    /// The names of its environments, branches and aliases, by three requests (OA3). A stack without branches has none of the latter
    /// two.
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`].
    pub async fn names(&self) -> Result<StackNames, Error> {
        let mut pages = Pages::new();
        while pages
            .take(self.send(&ListEnvironments::new(pages.next())).await?.environments, |item| &item.name)
        {
        }
        let environments = pages.into_items();
        let branches = self.branches().await?;
        let aliases = if branches.is_empty() { Vec::new() } else { self.aliases().await? };
        let mut names = StackNames::default();
        names.environments.extend(environments.into_iter().map(|item| item.name));
        names.branches.extend(branches.into_iter().map(|item| item.uid));
        names.aliases.extend(aliases.iter().map(|item| item.name().to_owned()));
        Ok(names)
    }

    async fn branches(&self) -> Result<Vec<Branch>, Error> {
        let mut pages = Pages::new();
        loop {
            let answer = self.send(&ListBranches::new(pages.next())).await;
            let Some(answer) = where_there_are_branches(answer)? else { break };
            if !pages.take(answer.branches, |item| &item.uid) {
                break;
            }
        }
        Ok(pages.into_items())
    }

    async fn aliases(&self) -> Result<Vec<BranchAlias>, Error> {
        let mut pages = Pages::new();
        loop {
            let answer = self.send(&ListBranchAliases::new(pages.next())).await;
            let Some(answer) = where_there_are_branches(answer)? else { break };
            if !pages.take(answer.branch_aliases, BranchAlias::name) {
                break;
            }
        }
        Ok(pages.into_items())
    }

    /// Sends a request about this stack.
    // Not `async`: the future of the call is all there is to it.
    pub(crate) fn send<E: Endpoint + Sync>(
        &self,
        endpoint: &E,
    ) -> impl Future<Output = Result<E::Answer, Error>> + Send {
        let (client, about) = (self.client, Some(&self.api_key));
        call::send(client, about, endpoint, &client.held, None, Some(&self.common))
    }

    /// The same, with the date of the answer.
    pub(crate) async fn send_dated<E: Endpoint + Sync>(
        &self,
        endpoint: &E,
    ) -> Result<(E::Answer, Option<Timestamp>), Error> {
        let (client, about) = (self.client, Some(&self.api_key));
        call::send_dated(client, about, endpoint, Some(&self.common)).await
    }

    /// What `all` stands for in a draft: asked for only when the draft says so.
    pub(crate) async fn names_for<D: Draft>(&self, draft: &Checked<D>) -> Result<StackNames, Error> {
        if draft.needs_names() { self.names().await } else { Ok(StackNames::default()) }
    }
}

/// `None` where the stack's plan has no branches: no page says how the API answers then, so any refusal counts that is
/// not about the credential, the stack, the rate or the service.
fn where_there_are_branches<A>(answer: Result<A, Error>) -> Result<Option<A>, Error> {
    match answer {
        Err(Error::Refused { operation, answer }) => {
            let is_other = |id| matches!(id, "no_permission" | "branch_not_granted");
            let about_us = answer.is_authentication()
                || matches!(answer.status, 401 | 412 | 429)
                || leaves_open(answer.status)
                // The word of something on the way is none about the plan.
                || !answer.is_of_the_api()
                || answer.diagnosis().is_some_and(|row| is_other(row.id));
            if about_us { Err(Error::Refused { operation, answer }) } else { Ok(None) }
        }
        other => other.map(Some),
    }
}
