//! Who is in a team, and which roles its users have in stacks (OA3; JS): both stand in the document of the team.

use cs_model::Moment;
use cs_model::generated::ErrorId;
use serde_json::{Map, Value, json};

use super::body::Body;
use super::collection::{Place, at};
use super::document::{self, Document};
use super::handlers;
use crate::endpoint::list::cut;
use crate::endpoint::{invite, user};
use crate::record::UserRecord;
use crate::refusal::{Problems, Stop};
use crate::reply::Reply;
use crate::roles;
use crate::service::Scene;
use crate::store::{StoreError, Tx, exists, get_json, keys};

const TEAMS: &str = "/v3/organizations/{organization_uid}/teams";
const USERS: &str = "users";
const MAPPINGS: &str = "stackRoleMapping";

/// `GET .../teams/{team_uid}/users`: their uids, or what others see of them.
pub(super) fn users(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let team = Team::named(scene, tx)?;
    let mut shown = Vec::new();
    for uid in team.users() {
        // Who has left the organization is in none of its teams.
        if !exists(tx, &keys::member(team.organization, &uid))? {
            continue;
        }
        let record: Option<UserRecord> = get_json(tx, &keys::user(&uid))?;
        let details = record.filter(|_| scene.call.flag("includeUserDetails"));
        shown.push(details.map_or_else(|| json!(uid), |record| user::shape_for_others(&record)));
    }
    Ok(Reply::ok(cut(scene.call, USERS, shown)?))
}

/// `POST .../teams/{team_uid}/users`: users by their addresses. Who is not in the organization is invited.
pub(super) fn add_users(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let mut team = Team::named(scene, tx)?;
    let body = scene.call.body()?;
    let mut problems = Problems::default();
    let emails = texts(body.get("emails")).filter(|emails| !emails.is_empty());
    if emails.is_none() {
        problems.at(ErrorId::FieldInvalid, "emails", "is not a list of addresses");
    }
    let emails = emails.unwrap_or_default();
    for email in emails.iter().filter(|email| !invite::is_address(email)) {
        problems.at(ErrorId::FieldInvalid, "emails", format!("`{email}` is not an address"));
    }
    problems.sort_out()?;
    let mut users = team.users();
    for email in emails {
        let user = invite::to_organization(scene, tx, team.organization, &email, None)?;
        if !users.contains(&user.uid) {
            users.push(user.uid);
        }
    }
    team.write(scene, tx, USERS, &json!(users))?;
    Ok(Reply::created(json!({ "notice": "Users added to the team successfully.", USERS: users })))
}

/// `DELETE .../teams/{team_uid}/users/{user_uid}`: the user stays in the organization.
pub(super) fn remove_user(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let mut team = Team::named(scene, tx)?;
    let (before, uid) = (team.users(), scene.call.argument(2));
    let users: Vec<&String> = before.iter().filter(|user| *user != uid).collect();
    if users.len() == before.len() {
        return Err(ErrorId::UserUnknown.into());
    }
    team.write(scene, tx, USERS, &json!(users))?;
    Ok(Reply::empty(team.place.collection.deleted))
}

/// `GET .../teams/{team_uid}/stack_role_mappings`
pub(super) fn mappings(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let team = Team::named(scene, tx)?;
    let mut shown = Vec::new();
    for mapping in team.mappings() {
        // A stack that is gone has no roles.
        if exists(tx, &keys::org_stack(team.organization, stack_of(&mapping)))? {
            shown.push(mapping);
        }
    }
    Ok(Reply::ok(cut(scene.call, "stackRoleMappings", shown)?))
}

/// `POST .../teams/{team_uid}/stack_role_mappings`: for a stack that the team has no roles in.
pub(super) fn add_mapping(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let mut team = Team::named(scene, tx)?;
    let body = scene.call.body()?;
    let mut problems = Problems::default();
    let mapping = mapping(tx, team.organization, &body, "", &mut problems)?;
    let mut all = team.mappings();
    if all.iter().any(|known| stack_of(known) == stack_of(&mapping)) {
        problems.at(ErrorId::FieldInvalid, "stackApiKey", "is that of a stack in which the team has roles");
    }
    problems.sort_out()?;
    all.push(mapping.clone());
    team.write(scene, tx, MAPPINGS, &json!(all))?;
    Ok(Reply::created(json!({ "notice": "Stack role mapping added successfully.", MAPPINGS: mapping })))
}

/// `POST .../teams/{team_uid}/stack_role_mappings/{stack_api_key}`, or `PUT`, as the profile reads it: other roles in the stack.
pub(super) fn update_mapping(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let mut team = Team::named(scene, tx)?;
    let mut body = scene.call.body()?;
    let mut all = team.mappings();
    let api_key = scene.call.argument(2);
    let Some(known) = all.iter_mut().find(|known| stack_of(known) == api_key) else {
        return Err(team.place.collection.not_found.into());
    };
    body.insert("stackApiKey".to_owned(), json!(api_key));
    let mut problems = Problems::default();
    let mapping = mapping(tx, team.organization, &body, "", &mut problems)?;
    problems.sort_out()?;
    known.clone_from(&mapping);
    team.write(scene, tx, MAPPINGS, &json!(all))?;
    Ok(Reply::ok(json!({ "notice": "Stack role mapping updated successfully.", MAPPINGS: mapping })))
}

/// `DELETE .../teams/{team_uid}/stack_role_mappings/{stack_api_key}`
pub(super) fn remove_mapping(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let mut team = Team::named(scene, tx)?;
    let before = team.mappings();
    let kept: Vec<&Value> = before.iter().filter(|known| stack_of(known) != scene.call.argument(2)).collect();
    if kept.len() == before.len() {
        return Err(team.place.collection.not_found.into());
    }
    team.write(scene, tx, MAPPINGS, &json!(kept))?;
    Ok(Reply::empty(team.place.collection.deleted))
}

/// Checks users and roles in the body of a team.
pub(super) fn check(
    tx: &mut dyn Tx,
    organization: &str,
    body: &Body,
    problems: &mut Problems,
) -> Result<(), StoreError> {
    match body.fields.get(USERS) {
        None | Some(Value::Null) => {}
        Some(Value::Array(users)) => {
            for user in users {
                let known = match named_by(user) {
                    Some(Named::Email(email)) => invite::is_address(email),
                    Some(Named::Uid(uid)) => exists(tx, &keys::member(organization, uid))?,
                    None => false,
                };
                if !known {
                    problems.at(ErrorId::FieldInvalid, USERS, "names nobody by address or uid");
                }
            }
        }
        Some(_) => problems.at(ErrorId::FieldInvalid, USERS, "is not a list"),
    }
    match body.fields.get(MAPPINGS) {
        None | Some(Value::Null) => {}
        Some(Value::Array(all)) => {
            let mut stacks = Vec::new();
            for one in all {
                let empty = Map::new();
                let fields = one.as_object().unwrap_or(&empty);
                let one = mapping(tx, organization, fields, "stackRoleMapping.", problems)?;
                if stacks.contains(&one["stackApiKey"]) {
                    problems.at(ErrorId::FieldInvalid, MAPPINGS, "names a stack twice");
                }
                stacks.push(one["stackApiKey"].clone());
            }
        }
        Some(_) => problems.at(ErrorId::FieldInvalid, MAPPINGS, "is not a list"),
    }
    Ok(())
}

/// Puts uids in the place of users that the body of a team names by their addresses; who is not in the organization is
/// invited.
pub(super) fn settle(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    organization: &str,
    body: &mut Body,
) -> Result<(), Stop> {
    let Some(Value::Array(named)) = body.fields.get(USERS) else { return Ok(()) };
    let mut users: Vec<String> = Vec::new();
    for user in named {
        let uid = match named_by(user) {
            Some(Named::Email(email)) => invite::to_organization(scene, tx, organization, email, None)?.uid,
            Some(Named::Uid(uid)) => uid.to_owned(),
            None => continue,
        };
        if !users.contains(&uid) {
            users.push(uid);
        }
    }
    body.fields.insert(USERS.to_owned(), json!(users));
    Ok(())
}

/// How a user is named.
enum Named<'a> {
    Uid(&'a str),
    Email(&'a str),
}

/// A uid, or an object with one, or with an address.
fn named_by(user: &Value) -> Option<Named<'_>> {
    let field = |name: &str| user.get(name).and_then(Value::as_str);
    let uid = user.as_str().or_else(|| field("uid")).map(Named::Uid);
    uid.or_else(|| field("email").map(Named::Email))
}

/// Roles in a stack, as a body says them: those of a stack of the organization.
fn mapping(
    tx: &mut dyn Tx,
    organization: &str,
    fields: &Map<String, Value>,
    within: &str,
    problems: &mut Problems,
) -> Result<Value, StoreError> {
    let api_key = fields.get("stackApiKey").and_then(Value::as_str).unwrap_or_default();
    let is_known = !api_key.is_empty() && exists(tx, &keys::org_stack(organization, api_key))?;
    if !is_known {
        let key = format!("{within}stackApiKey");
        problems.at(ErrorId::FieldInvalid, &key, "is that of no stack of the organization");
    }
    let key = format!("{within}roles");
    let uids = texts(fields.get("roles"));
    if uids.is_none() {
        problems.at(ErrorId::FieldInvalid, &key, "is not a list of uids of roles");
    }
    let uids = uids.unwrap_or_default();
    if is_known {
        for uid in &uids {
            if roles::find(tx, api_key, uid)?.is_none() {
                problems.at(ErrorId::FieldInvalid, &key, format!("`{uid}` is no role of the stack"));
            }
        }
    }
    Ok(json!({ "stackApiKey": api_key, "roles": uids }))
}

fn stack_of(mapping: &Value) -> &str {
    mapping["stackApiKey"].as_str().unwrap_or_default()
}

fn texts(value: Option<&Value>) -> Option<Vec<String>> {
    value?.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

/// The team that the path names.
struct Team<'a> {
    organization: &'a str,
    place: Place<'a>,
    uid: &'a str,
    document: Document,
}

impl<'a> Team<'a> {
    fn named(scene: &'a Scene<'_>, tx: &mut dyn Tx) -> Result<Self, Stop> {
        let collection = at(TEAMS).ok_or(Stop::from(ErrorId::RouteUnknown))?;
        let place = handlers::place_in(scene, tx, collection)?;
        let (organization, uid) = (scene.call.argument(0), scene.call.argument(1));
        let document = document::get(tx, &place, uid)?.ok_or(Stop::from(collection.not_found))?;
        Ok(Self { organization, place, uid, document })
    }

    fn list(&self, name: &str) -> Vec<Value> {
        let list = self.document.only_form().and_then(|form| form.get(name)?.as_array());
        list.cloned().unwrap_or_default()
    }

    fn users(&self) -> Vec<String> {
        self.list(USERS).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    fn mappings(&self) -> Vec<Value> {
        self.list(MAPPINGS)
    }

    fn write(&mut self, scene: &Scene<'_>, tx: &mut dyn Tx, name: &str, value: &Value) -> Result<(), Stop> {
        for form in self.document.forms.values_mut() {
            form.insert(name.to_owned(), value.clone());
            form.insert("updated_at".to_owned(), json!(Moment::from_timestamp(scene.now)));
            form.insert("updated_by".to_owned(), json!(scene.actor_uid()));
        }
        Ok(document::put(tx, &self.place, self.uid, &self.document)?)
    }
}
