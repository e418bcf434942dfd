//! Scopes in answers.

use std::collections::BTreeMap;

use cs_model::profile::AnswerShape;
use serde_json::{Map, Value, json};

use super::super::environments;
use crate::record::{EnvironmentRecord, ScopeRecord};
use crate::refusal::Stop;
use crate::service::Scene;
use crate::store::Tx;

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
pub(in crate::endpoint) fn shape(
    scope: &[ScopeRecord],
    environments: &BTreeMap<String, EnvironmentRecord>,
    details: Details,
) -> Value {
    scope.iter().map(|entry| shape_entry(entry, environments, details)).collect()
}

fn shape_entry(
    entry: &ScopeRecord,
    environments: &BTreeMap<String, EnvironmentRecord>,
    details: Details,
) -> Value {
    let mut shown = Map::new();
    let mut acl = Map::new();
    for (name, flag) in [("read", entry.read), ("write", entry.write)] {
        if let Some(on) = flag {
            acl.insert(name.to_owned(), json!(on));
        }
    }
    shown.insert("module".to_owned(), json!(entry.module));
    shown.insert("acl".to_owned(), Value::Object(acl));
    if let Some(uids) = &entry.environments {
        let found = uids.iter().filter_map(|uid| environments.get(uid));
        let shape = |environment| {
            let mut shown = environments::shape(environment);
            if let (Details::WithoutServers, Value::Object(shown)) = (details, &mut shown) {
                shown.remove("deploy_content");
                shown.remove("servers");
            }
            shown
        };
        shown.insert("environments".to_owned(), found.map(shape).collect());
    }
    if let Some(branches) = &entry.branches {
        shown.insert("branches".to_owned(), json!(branches));
    }
    if let Some(aliases) = &entry.branch_aliases {
        shown.insert("branch_aliases".to_owned(), json!(aliases));
    }
    let has_metadata = match details {
        Details::All | Details::WithoutServers => true,
        Details::WithoutEnvironmentMetadata => entry.environments.is_none(),
        Details::WithoutMetadata => false,
    };
    if has_metadata {
        shown.insert("_metadata".to_owned(), json!({ "uid": entry.metadata_uid }));
    }
    Value::Object(shown)
}

/// The environments of a stack by uid, for [`shape`].
pub(in crate::endpoint) fn environments_by_uid(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
) -> Result<BTreeMap<String, EnvironmentRecord>, Stop> {
    let all = environments::all(tx, scene.api_key()?)?;
    Ok(all.into_iter().map(|environment| (environment.uid.clone(), environment)).collect())
}
