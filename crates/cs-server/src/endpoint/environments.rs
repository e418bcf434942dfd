//! Environments (OA3). Paths name them by name (guide-prov), roles by uid (CMA-doc, "Roles"), and the scopes of tokens by name (JS,
//! `test/sanity-check/api/token-test.js`).

use cs_model::Moment;
use cs_model::generated::{ErrorId, ModuleId};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{branches, list, tokens};
use crate::record::{EnvironmentRecord, Stamps};
use crate::refusal::{Problems, Stop, no_text};
use crate::reply::Reply;
use crate::roles::Sight;
use crate::service::Scene;
use crate::store::{StoreError, Tx, delete_all, get_json, keys, next_number, put_json, scan_json};

/// `GET /v3/environments`
pub(super) fn list(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let sight = Sight::of(scene, tx, ModuleId::Environment)?;
    let is_seen = |environment: &&EnvironmentRecord| {
        sight.as_ref().is_none_or(|sight| sight.sees(&environment.uid, None))
    };
    let all = all(tx, scene.api_key()?)?;
    let items = all.iter().filter(is_seen).map(|environment| json!(Shown::of(environment))).collect();
    Ok(Reply::ok(list::page(scene, "environments", items)?))
}

/// `GET /v3/environments/{environment_name}`
pub(super) fn get(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    Ok(Reply::ok(json!({ "environment": Shown::of(&named_in_path(scene, tx)?) })))
}

/// `POST /v3/environments`
pub(super) fn create(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let api_key = scene.api_key()?;
    let fields = Fields::read(&scene.call.object("environment")?, tx, api_key, None)?;
    let environment = EnvironmentRecord {
        uid: scene.draw.uid("environment"),
        name: fields.name.unwrap_or_default(),
        urls: fields.urls.unwrap_or_default(),
        deploy_content: fields.deploy_content.unwrap_or(false),
        version: 1,
        number: next_number(tx)?,
        stamps: Stamps::new(scene.actor_uid(), scene.now),
    };
    put(tx, api_key, &environment)?;
    let body =
        json!({ "notice": "Environment created successfully.", "environment": Shown::of(&environment) });
    Ok(Reply::created(body))
}

/// `PUT /v3/environments/{environment_name}`
pub(super) fn update(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let api_key = scene.api_key()?;
    let mut environment = named_in_path(scene, tx)?;
    let fields = Fields::read(&scene.call.object("environment")?, tx, api_key, Some(&environment.name))?;
    tx.delete(keys::env_name(api_key, &environment.name).as_bytes())?;
    environment.name = fields.name.unwrap_or(environment.name);
    environment.urls = fields.urls.unwrap_or(environment.urls);
    environment.deploy_content = fields.deploy_content.unwrap_or(environment.deploy_content);
    environment.version += 1;
    environment.stamps.touch(scene.actor_uid(), scene.now);
    put(tx, api_key, &environment)?;
    let body =
        json!({ "notice": "Environment updated successfully.", "environment": Shown::of(&environment) });
    Ok(Reply::ok(body))
}

/// `DELETE /v3/environments/{environment_name}`: what it shows goes with it. Tokens that name it lose it from their
/// scopes, and one that loses its last reads nothing. No page says that it is refused.
pub(super) fn delete(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let api_key = scene.api_key()?;
    let environment = named_in_path(scene, tx)?;
    tx.delete(keys::env_name(api_key, &environment.name).as_bytes())?;
    tx.delete(keys::env(api_key, &environment.uid).as_bytes())?;
    tokens::forget(tx, api_key, |entry| &mut entry.environments, &environment.uid)?;
    for branch in branches::all(tx, api_key)? {
        delete_all(tx, &keys::published_in(api_key, &branch.uid, &environment.uid, ""))?;
    }
    Ok(Reply::notice("Environment deleted successfully."))
}

/// All environments of a stack, oldest first.
pub(super) fn all(tx: &mut dyn Tx, api_key: &str) -> Result<Vec<EnvironmentRecord>, StoreError> {
    let rows: Vec<(String, EnvironmentRecord)> = scan_json(tx, &keys::envs(api_key))?;
    let mut environments: Vec<_> = rows.into_iter().map(|(_, environment)| environment).collect();
    environments.sort_by_key(|environment| environment.number);
    Ok(environments)
}

/// An environment as answers show it, also inside scopes of delivery tokens (seed 002, "Get all delivery tokens").
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    deploy_content: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    servers: Option<[(); 0]>,
    urls: &'a [Value],
    name: &'a str,
    app_user_object_uid: &'static str,
    uid: &'a str,
    created_by: &'a str,
    updated_by: &'a str,
    created_at: &'a Moment,
    updated_at: &'a Moment,
    #[serde(rename = "ACL")]
    acl: [(); 0],
    #[serde(rename = "_version")]
    version: u64,
    tags: [(); 0],
}

impl<'a> Shown<'a> {
    pub(super) fn of(environment: &'a EnvironmentRecord) -> Self {
        Self {
            deploy_content: Some(environment.deploy_content),
            servers: Some([]),
            urls: &environment.urls,
            name: &environment.name,
            app_user_object_uid: "system",
            uid: &environment.uid,
            created_by: &environment.stamps.created_by,
            updated_by: &environment.stamps.updated_by,
            created_at: &environment.stamps.created_at,
            updated_at: &environment.stamps.updated_at,
            acl: [],
            version: environment.version,
            tags: [],
        }
    }

    /// Without what concerns publishing to servers.
    pub(super) const fn without_servers(mut self) -> Self {
        (self.deploy_content, self.servers) = (None, None);
        self
    }
}

fn named_in_path(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<EnvironmentRecord, Stop> {
    let api_key = scene.api_key()?;
    let uid: Option<String> = get_json(tx, &keys::env_name(api_key, scene.call.argument(0)))?;
    let found = match uid {
        Some(uid) => get_json(tx, &keys::env(api_key, &uid))?,
        None => None,
    };
    found.ok_or_else(|| ErrorId::EnvironmentNotFound.into())
}

fn put(tx: &mut dyn Tx, api_key: &str, environment: &EnvironmentRecord) -> Result<(), StoreError> {
    put_json(tx, &keys::env(api_key, &environment.uid), environment)?;
    put_json(tx, &keys::env_name(api_key, &environment.name), &environment.uid)
}

/// What a body says.
struct Fields {
    name: Option<String>,
    urls: Option<Vec<Value>>,
    deploy_content: Option<bool>,
}

impl Fields {
    /// Reads a body. `before` is the name of the environment to be changed; without one, a name is required.
    fn read(
        body: &Map<String, Value>,
        tx: &mut dyn Tx,
        api_key: &str,
        before: Option<&str>,
    ) -> Result<Self, Stop> {
        let mut problems = Problems::default();
        let mut wrong = |key: &str, says: &str| problems.at(ErrorId::FieldInvalid, key, says);
        let name = match body.get("name") {
            // A slash could not stand in the path that names it.
            Some(Value::String(name)) if !name.trim().is_empty() && !name.contains('/') => Some(name.clone()),
            None if before.is_some() => None,
            Some(Value::String(name)) if !name.trim().is_empty() => {
                wrong("name", "is not valid");
                None
            }
            other => {
                wrong("name", no_text(other));
                None
            }
        };
        if let Some(name) = name.as_deref().filter(|name| Some(*name) != before)
            && tx.get(keys::env_name(api_key, name).as_bytes())?.is_some()
        {
            wrong("name", "is not unique");
        }
        let urls = match body.get("urls") {
            Some(Value::Array(urls)) if urls.iter().all(Value::is_object) => Some(urls.clone()),
            None | Some(Value::Null) => None,
            Some(_) => {
                wrong("urls", "is not a list of objects");
                None
            }
        };
        let deploy_content = tokens::flag(body.get("deploy_content")).unwrap_or_else(|()| {
            wrong("deploy_content", "is neither true nor false");
            None
        });
        problems.sort_out()?;
        Ok(Self { name, urls, deploy_content })
    }
}
