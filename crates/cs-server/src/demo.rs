//! The demo stack: what a newcomer's first commands work on.
//!
//! Its e-mail address and password are fixed and public, so a store that holds them is served on loopback only:
//! `http::serve` refuses any other address.

use bytes::Bytes;
use cs_model::generated::route;
use cs_model::{ApiKey, RouteId, Secret};
use http::Request;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::admin::{AdminError, NewUser};
use crate::hash::PasswordCost;
use crate::service::Service;
use crate::store::{Always, Mode, StoreError, exists, get_json, keys, put_json, run};

/// The owner's e-mail address. `.invalid` belongs to nobody (RFC 2606).
pub const EMAIL: &str = "owner@demo.invalid";
/// The owner's password: public, and no protection.
pub const PASSWORD: &str = "demo-password-for-loopback-only";
/// The name of the organization.
pub const ORGANIZATION: &str = "Demo organization";
/// The name of the stack.
pub const STACK: &str = "Demo stack";
/// Its branches, beside `main`.
pub const BRANCHES: [&str; 1] = ["development"];
/// Its branch aliases, each with its branch.
pub const ALIASES: [(&str, &str); 2] = [("deploy", "main"), ("release", "main")];
/// Its environments.
pub const ENVIRONMENTS: [&str; 2] = ["production", "staging"];

/// What the demo stack is called and who owns it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Demo {
    /// The organization.
    pub organization_uid: String,
    /// The owner of organization and stack.
    pub owner_uid: String,
    /// The stack.
    pub api_key: ApiKey,
    /// The owner's e-mail address: [`EMAIL`].
    pub email: String,
    /// The owner's password: [`PASSWORD`], public.
    pub password: String,
}

/// Makes the demo stack when it is missing, and what is missing of it.
///
/// # Errors
///
/// [`AdminError::DemoReachable`] when the service is being served to other machines; a failing store.
pub fn ensure(service: &Service, now: Timestamp) -> Result<Demo, AdminError> {
    if service.reach().is_wide() {
        return Err(AdminError::DemoReachable);
    }
    let known: Option<Demo> =
        run(service.store(), Mode::Read, |tx| Ok(Ok::<_, AdminError>(get_json(tx, keys::DEMO)?)))??;
    let demo = match known {
        Some(demo) => demo,
        None => make(service, now)?,
    };
    // Its password is public, so there is nothing to guess at, and nobody but us to unlock it.
    service.admin(now).unlock(&demo.owner_uid)?;
    fill(service, now, &demo)?;
    Ok(demo)
}

/// Whether the store holds the demo stack, or its owner only, left by a start that was cut off.
///
/// # Errors
///
/// A failing store.
pub fn is_held(service: &Service) -> Result<bool, StoreError> {
    run(service.store(), Mode::Read, |tx| {
        Ok(Always(exists(tx, keys::DEMO)? || exists(tx, &keys::user_email(EMAIL))?))
    })
    .map(|Always(held)| held)
}

/// Whether the credentials of this user are public. They open nothing while other machines can reach the service.
pub(crate) fn is_public(email: &str) -> bool {
    email.to_lowercase() == EMAIL
}

/// Makes a session for the owner: an authtoken.
///
/// # Errors
///
/// A failing store.
pub fn session(service: &Service, now: Timestamp, demo: &Demo) -> Result<Secret, AdminError> {
    service.admin(now).create_session(&demo.owner_uid)
}

fn make(service: &Service, now: Timestamp) -> Result<Demo, AdminError> {
    let admin = service.admin(now);
    let mut owner = NewUser::new(EMAIL, Secret::new(PASSWORD));
    "Demo".clone_into(&mut owner.first_name);
    "Owner".clone_into(&mut owner.last_name);
    let owner_uid = match admin.create_user_at(&owner, PasswordCost::Light) {
        // Left by a start that was cut off.
        Err(AdminError::EmailTaken(email)) => admin.find_user(&email)?,
        other => other?,
    };
    let organization_uid = admin.create_organization(ORGANIZATION, &owner_uid)?;
    let api_key = admin.create_stack(&organization_uid, STACK, &owner_uid)?;
    let demo =
        Demo { organization_uid, owner_uid, api_key, email: EMAIL.to_owned(), password: PASSWORD.to_owned() };
    admin.write(|tx| Ok(Ok(put_json(tx, keys::DEMO, &demo)?)))?;
    Ok(demo)
}

/// Makes branches, aliases and environments that are missing, by the requests that anybody would make.
fn fill(service: &Service, now: Timestamp, demo: &Demo) -> Result<(), AdminError> {
    let mut missing: Vec<(RouteId, Vec<&str>, Value)> = Vec::new();
    run(service.store(), Mode::Read, |tx| {
        missing.clear();
        let api_key = demo.api_key.as_str();
        for branch in BRANCHES {
            if tx.get(keys::branch(api_key, branch).as_bytes())?.is_none() {
                let body = json!({ "branch": { "uid": branch, "source": crate::record::MAIN_BRANCH } });
                missing.push((route::POST_STACKS_BRANCHES, vec![], body));
            }
        }
        for (alias, branch) in ALIASES {
            if tx.get(keys::alias(api_key, alias).as_bytes())?.is_none() {
                let body = json!({ "branch_alias": { "target_branch": branch } });
                missing.push((route::PUT_STACKS_BRANCH_ALIASES_BY_BRANCH_ALIAS_UID, vec![alias], body));
            }
        }
        for name in ENVIRONMENTS {
            if tx.get(keys::env_name(api_key, name).as_bytes())?.is_none() {
                let body = json!({ "environment": { "name": name } });
                missing.push((route::POST_ENVIRONMENTS, vec![], body));
            }
        }
        Ok(Ok::<_, AdminError>(()))
    })??;
    if missing.is_empty() {
        return Ok(());
    }
    let authtoken = session(service, now, demo)?;
    let outcome = missing.iter().try_for_each(|(id, arguments, body)| {
        let row = id.row();
        let what = format!("{} {}", row.method.as_str(), row.template);
        let path = row.path(arguments).map_err(|_| AdminError::Refused { what: what.clone(), status: 0 })?;
        let request = Request::builder()
            .method(row.method.as_str())
            .uri(path)
            .header("api_key", demo.api_key.as_str())
            .header("authtoken", authtoken.reveal())
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()))
            .map_err(|_| AdminError::Refused { what: what.clone(), status: 0 })?;
        let status = service.handle_uncounted(now, &request).status();
        if status.is_success() { Ok(()) } else { Err(AdminError::Refused { what, status: status.as_u16() }) }
    });
    service.admin(now).end_session(&authtoken)?;
    outcome
}
