//! Scopes in answers (seed 002, "Get all delivery tokens"; seed 002, "Get all management tokens").

use std::collections::BTreeMap;
use std::sync::Arc;

use cs_model::profile::AnswerShape;
use serde::Serialize;

use super::super::environments;
use crate::record::{EnvironmentRecord, ScopeRecord};
use crate::refusal::Stop;
use crate::service::Scene;
use crate::store::{Tx, get_known, keys};

/// How much a scope shows. The vendor's clients see all of it; the samples of the reference page leave out some, and not
/// the same everywhere (seed 002).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::endpoint) enum Details {
    /// Everything.
    All,
    /// As the samples of reading and changing a delivery token: `_metadata` on branches and aliases only.
    WithoutEnvironmentMetadata,
    /// As the samples of making a delivery or preview token: environments without what concerns publishing to servers.
    WithoutServers,
    /// As the samples of management tokens: no `_metadata`.
    WithoutMetadata,
}

impl Details {
    /// `documented` where the profile wants the shape of the reference page.
    pub(in crate::endpoint) fn of(scene: &Scene<'_>, documented: Self) -> Self {
        match scene.profile.switches.answer_shape.value {
            AnswerShape::Live => Self::All,
            AnswerShape::Documented => documented,
        }
    }
}

/// A scope as answers show it, with environments as whole objects.
pub(in crate::endpoint) fn shape<'a>(
    scope: &'a [ScopeRecord],
    environments: &'a Environments,
    details: Details,
) -> Vec<Shown<'a>> {
    scope.iter().map(|entry| Shown::of(entry, environments, details)).collect()
}

/// One entry of a scope as answers show it.
#[derive(Serialize)]
pub(in crate::endpoint) struct Shown<'a> {
    module: &'a str,
    acl: Acl,
    #[serde(skip_serializing_if = "Option::is_none")]
    environments: Option<Vec<environments::Shown<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branches: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch_aliases: Option<&'a [String]>,
    #[serde(rename = "_metadata", skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata<'a>>,
}

#[derive(Serialize)]
struct Acl {
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    write: Option<bool>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    uid: &'a str,
}

impl<'a> Shown<'a> {
    fn of(entry: &'a ScopeRecord, environments: &'a Environments, details: Details) -> Self {
        let shape = |environment| match details {
            Details::WithoutServers => environments::Shown::of(environment).without_servers(),
            _ => environments::Shown::of(environment),
        };
        let found = |uids: &'a Vec<String>| {
            uids.iter()
                .filter_map(|uid| environments.get(uid))
                .map(|environment| shape(environment))
                .collect()
        };
        let has_metadata = match details {
            Details::All | Details::WithoutServers => true,
            Details::WithoutEnvironmentMetadata => entry.environments.is_none(),
            Details::WithoutMetadata => false,
        };
        Self {
            module: &entry.module,
            acl: Acl { read: entry.read, write: entry.write },
            environments: entry.environments.as_ref().map(found),
            branches: entry.branches.as_deref(),
            branch_aliases: entry.branch_aliases.as_deref(),
            metadata: has_metadata.then_some(Metadata { uid: &entry.metadata_uid }),
        }
    }
}

/// Environments by uid, for [`shape`].
pub(in crate::endpoint) type Environments = BTreeMap<String, Arc<EnvironmentRecord>>;

/// All environments of a stack.
pub(in crate::endpoint) fn environments_by_uid(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
) -> Result<Environments, Stop> {
    let all = environments::all(tx, scene.api_key()?)?;
    Ok(all.into_iter().map(|environment| (environment.uid.clone(), Arc::new(environment))).collect())
}

/// Those that a scope names.
pub(in crate::endpoint) fn environments_of(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    scope: &[ScopeRecord],
) -> Result<Environments, Stop> {
    let api_key = scene.api_key()?;
    let mut found = Environments::new();
    for uid in scope.iter().filter_map(|entry| entry.environments.as_ref()).flatten() {
        if let Some(environment) = get_known(tx, &keys::env(api_key, uid))? {
            found.insert(uid.clone(), environment);
        }
    }
    Ok(found)
}
