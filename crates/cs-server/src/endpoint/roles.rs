//! Roles of a stack (CMA-doc, "Roles"; OA3): those of the system, which stay as they are, and those that are made.

mod rules;

use cs_model::generated::ErrorId;
use serde_json::{Map, Value, json};

use super::list;
use crate::record::{Role, RoleRecord, Roles, StackRecord, Stamps};
use crate::refusal::{Problems, Stop, no_text};
use crate::reply::Reply;
use crate::roles::{self, Found};
use crate::service::Scene;
use crate::store::{StoreError, Tx, get_json, keys, next_number, put_json, scan_json};

/// `GET /v3/roles`: the three of the system that can be given, and those that were made. Clients tell the latter
/// from the former by name.
pub(super) fn list(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let stack = scene.stack()?;
    let users = roles::users(tx, stack)?;
    let mut items: Vec<Value> =
        roles::GIVEN.into_iter().map(|role| system_shape(stack, role, &users)).collect();
    let with_rules = scene.call.flag("include_rules");
    items.extend(all(tx, &stack.api_key)?.iter().map(|role| shape(stack, role, &users, with_rules)));
    Ok(Reply::ok(list::page(scene, "roles", items)?))
}

/// `GET /v3/roles/{role_uid}`: with its rules, which an update sends back.
pub(super) fn get(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let stack = scene.stack()?;
    let users = roles::users(tx, stack)?;
    let shown = match named_in_path(scene, tx)? {
        Found::System(role) => system_shape(stack, role, &users),
        Found::Custom(role) => shape(stack, &role, &users, true),
    };
    Ok(Reply::ok(json!({ "role": shown })))
}

/// `POST /v3/roles`
pub(super) fn create(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let stack = scene.stack()?;
    let fields = Fields::read(scene, tx, None)?;
    let role = RoleRecord {
        uid: scene.draw.uid("role"),
        name: fields.name,
        description: fields.description,
        rules: fields.rules,
        number: next_number(tx)?,
        stamps: Stamps::new(scene.actor_uid(), scene.now),
    };
    put(tx, &stack.api_key, &role)?;
    let body = json!({ "notice": "The role created successfully.", "role": shape(stack, &role, &[], true) });
    Ok(Reply::created(body))
}

/// `PUT /v3/roles/{role_uid}`
pub(super) fn update(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let stack = scene.stack()?;
    let mut role = custom_in_path(scene, tx)?;
    let fields = Fields::read(scene, tx, Some(&role))?;
    tx.delete(keys::role_name(&stack.api_key, &role.name).as_bytes())?;
    role.name = fields.name;
    role.description = fields.description;
    role.rules = fields.rules;
    role.stamps.touch(scene.actor_uid(), scene.now);
    put(tx, &stack.api_key, &role)?;
    let users = roles::users(tx, stack)?;
    let shown = shape(stack, &role, &users, true);
    Ok(Reply::ok(json!({ "notice": "The role updated successfully.", "role": shown })))
}

/// `DELETE /v3/roles/{role_uid}`: users lose it, and who had no other is no user of the stack any longer.
pub(super) fn delete(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let stack = scene.stack()?;
    let role = custom_in_path(scene, tx)?;
    for (user, mut held) in roles::users(tx, stack)? {
        let before = held.custom.len();
        held.custom.retain(|uid| *uid != role.uid);
        let key = keys::user_stack(&user, &stack.api_key);
        if held.is_empty() {
            tx.delete(key.as_bytes())?;
        } else if held.custom.len() != before {
            put_json(tx, &key, &held)?;
        }
    }
    tx.delete(keys::role_name(&stack.api_key, &role.name).as_bytes())?;
    tx.delete(keys::role(&stack.api_key, &role.uid).as_bytes())?;
    Ok(Reply::notice("The role deleted successfully."))
}

/// All roles that were made in a stack, oldest first.
fn all(tx: &mut dyn Tx, api_key: &str) -> Result<Vec<RoleRecord>, StoreError> {
    let rows: Vec<(String, RoleRecord)> = scan_json(tx, &keys::roles(api_key))?;
    let mut roles: Vec<_> = rows.into_iter().map(|(_, role)| role).collect();
    roles.sort_by_key(|role| role.number);
    Ok(roles)
}

fn named_in_path(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Found, Stop> {
    let found = roles::find(tx, scene.api_key()?, scene.call.argument(0))?;
    found.ok_or_else(|| ErrorId::RoleNotFound.into())
}

fn custom_in_path(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<RoleRecord, Stop> {
    match named_in_path(scene, tx)? {
        Found::System(_) => Err(ErrorId::SystemRole.into()),
        Found::Custom(role) => Ok(*role),
    }
}

fn put(tx: &mut dyn Tx, api_key: &str, role: &RoleRecord) -> Result<(), StoreError> {
    put_json(tx, &keys::role(api_key, &role.uid), role)?;
    put_json(tx, &keys::role_name(api_key, &role.name), &role.uid)
}

fn system_shape(stack: &StackRecord, role: Role, users: &[(String, Roles)]) -> Value {
    let holders = users.iter().filter(|(_, held)| held.roles.contains(&role));
    json!({
        "uid": roles::system_uid(&stack.api_key, role),
        "name": role.name(),
        "description": description(role),
        "org_uid": stack.org_uid,
        "api_key": stack.api_key,
        "created_by": stack.owner_uid,
        "updated_by": stack.owner_uid,
        "created_at": stack.created_at,
        "updated_at": stack.created_at,
        "users": holders.map(|(uid, _)| uid).collect::<Vec<_>>(),
        "roles": [],
        "owner": stack.owner_uid,
        "admin": role == Role::Admin,
        "default": true,
        "SYS_ACL": {},
    })
}

fn shape(stack: &StackRecord, role: &RoleRecord, users: &[(String, Roles)], with_rules: bool) -> Value {
    let holders = users.iter().filter(|(_, held)| held.custom.contains(&role.uid));
    let mut shown = json!({
        "uid": role.uid,
        "name": role.name,
        "description": role.description,
        "org_uid": stack.org_uid,
        "api_key": stack.api_key,
        "created_by": role.stamps.created_by,
        "updated_by": role.stamps.updated_by,
        "created_at": role.stamps.created_at,
        "updated_at": role.stamps.updated_at,
        "users": holders.map(|(uid, _)| uid).collect::<Vec<_>>(),
        "roles": [],
        "owner": stack.owner_uid,
        "SYS_ACL": {},
    });
    if with_rules {
        shown["rules"] = json!(role.rules);
    }
    shown
}

/// What a role of the system may, in a sentence (seed 004, "How is it different from Authtoken"; types-of-roles).
const fn description(role: Role) -> &'static str {
    match role {
        Role::Owner => "Does everything, deletes the stack and hands it on.",
        Role::Admin => "Does everything but deleting the stack or handing it on.",
        Role::Developer => {
            "Manages content types, languages, environments and delivery tokens, and invites users."
        }
        Role::ContentManager => "Manages entries and assets.",
    }
}

/// What a body says.
struct Fields {
    name: String,
    description: String,
    rules: Vec<Value>,
}

impl Fields {
    /// Reads a body. `before` is the role to be changed: without one, name and rules are required.
    fn read(scene: &Scene<'_>, tx: &mut dyn Tx, before: Option<&RoleRecord>) -> Result<Self, Stop> {
        let stack = scene.stack()?;
        let body: Map<String, Value> = scene.call.object("role")?;
        let mut problems = Problems::default();
        let name = match (body.get("name"), before) {
            (Some(Value::String(name)), _) if !name.trim().is_empty() => name.clone(),
            (None, Some(before)) => before.name.clone(),
            (other, _) => {
                problems.at(ErrorId::FieldInvalid, "name", no_text(other));
                String::new()
            }
        };
        let holder: Option<String> = get_json(tx, &keys::role_name(&stack.api_key, &name))?;
        let is_system = Role::ALL.iter().any(|role| role.name().eq_ignore_ascii_case(name.trim()));
        let is_taken = holder.is_some_and(|uid| before.is_none_or(|before| before.uid != uid));
        if is_system || is_taken {
            problems.at(ErrorId::FieldInvalid, "name", "is not unique");
        }
        let description = match body.get("description") {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) => String::new(),
            None => before.map(|before| before.description.clone()).unwrap_or_default(),
            Some(_) => {
                problems.at(ErrorId::FieldInvalid, "description", "is not a text");
                String::new()
            }
        };
        let rules = match (body.get("rules"), before) {
            (Some(value), _) => {
                let names = scene.profile.switches.module_names.value;
                rules::read(tx, stack, value, names, &mut problems)?
            }
            (None, Some(before)) => before.rules.clone(),
            (None, None) => {
                problems.at(ErrorId::FieldInvalid, "rules", "is required");
                Vec::new()
            }
        };
        problems.sort_out()?;
        Ok(Self { name, description, rules })
    }
}
