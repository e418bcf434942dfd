//! Users, organizations, stacks, and what they are let in with.

use bytes::Bytes;
use cs_model::{ApiKey, Secret};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::Shared;
use super::answer::{Answer, Problem, read};
use crate::admin::{Admin, NewUser};
use crate::record::{OrganizationPlace, Role};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
    email: String,
    password: Secret,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    #[serde(default)]
    idp_login: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Organization {
    name: String,
    owner_uid: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    place: OrganizationPlace,
    #[serde(default)]
    access_without_sso: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SingleSignOn {
    enabled: bool,
    #[serde(default)]
    strict_mode: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stack {
    organization_uid: String,
    name: String,
    owner_uid: String,
    #[serde(default)]
    created_at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Roles {
    #[serde(default)]
    role: Option<Role>,
    /// Such as were made by `POST /v3/roles`.
    #[serde(default)]
    role_uids: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    user_uid: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ended {
    authtoken: Secret,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Oauth {
    user_uid: String,
    organization_uid: String,
    scopes: Vec<String>,
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

impl Shared {
    pub(super) fn admin(&self) -> Admin<'_> {
        self.service.admin(self.clock.now())
    }

    pub(super) fn create_user(&self, body: &Bytes) -> Result<Answer, Problem> {
        let user: User = read(body)?;
        let mut new = NewUser::new(user.email, user.password);
        (new.first_name, new.last_name) = (user.first_name, user.last_name);
        new.idp_login = user.idp_login;
        Ok(Answer::created(json!({ "uid": self.admin().create_user(&new)? })))
    }

    pub(super) fn create_organization(&self, body: &Bytes) -> Result<Answer, Problem> {
        let new: Organization = read(body)?;
        let uid = self.admin().create_organization(&new.name, &new.owner_uid)?;
        Ok(Answer::created(json!({ "uid": uid })))
    }

    pub(super) fn set_place(&self, organization: &str, user: &str, body: &Bytes) -> Result<Answer, Problem> {
        let Place { place, access_without_sso } = read(body)?;
        self.admin().set_place(organization, user, place)?;
        if let Some(allowed) = access_without_sso {
            self.admin().set_access_without_sso(organization, user, allowed)?;
        }
        Ok(Answer::ok(json!({ "organization_uid": organization, "user_uid": user, "place": place })))
    }

    pub(super) fn set_single_sign_on(&self, organization: &str, body: &Bytes) -> Result<Answer, Problem> {
        let SingleSignOn { enabled, strict_mode } = read(body)?;
        self.admin().set_single_sign_on(organization, enabled, strict_mode)?;
        Ok(Answer::ok(
            json!({ "organization_uid": organization, "enabled": enabled, "strict_mode": strict_mode }),
        ))
    }

    pub(super) fn create_stack(&self, body: &Bytes) -> Result<Answer, Problem> {
        let new: Stack = read(body)?;
        let created = new.created_at.unwrap_or_else(|| self.clock.now());
        let api_key =
            self.admin().create_stack_of(&new.organization_uid, &new.name, &new.owner_uid, created)?;
        Ok(Answer::created(json!({ "api_key": api_key })))
    }

    pub(super) fn set_role(&self, api_key: &str, user: &str, body: &Bytes) -> Result<Answer, Problem> {
        let Roles { role, role_uids } = read(body)?;
        match role {
            Some(role) if role_uids.is_empty() => self.admin().set_role(&stack(api_key)?, user, role)?,
            None if !role_uids.is_empty() => self.admin().set_roles(&stack(api_key)?, user, &role_uids)?,
            _ => return Err(Problem::new(400, "give either `role` or `role_uids`")),
        }
        Ok(Answer::ok(json!({ "api_key": api_key, "user_uid": user, "role": role, "role_uids": role_uids })))
    }

    pub(super) fn reset_access_token(&self, api_key: &str, body: &Bytes) -> Result<Answer, Problem> {
        let Whose { user_uid } = read(body)?;
        let value = self.admin().reset_access_token(&stack(api_key)?, &user_uid)?;
        Ok(Answer::ok(json!({ "access_token": value.reveal() })))
    }

    pub(super) fn create_session(&self, body: &Bytes) -> Result<Answer, Problem> {
        let Whose { user_uid } = read(body)?;
        let authtoken = self.admin().create_session(&user_uid)?;
        Ok(Answer::created(json!({ "authtoken": authtoken.reveal() })))
    }

    pub(super) fn end_session(&self, body: &Bytes) -> Result<Answer, Problem> {
        let Ended { authtoken } = read(body)?;
        self.admin().end_session(&authtoken)?;
        Ok(Answer::ok(json!({})))
    }

    pub(super) fn create_oauth_token(&self, body: &Bytes) -> Result<Answer, Problem> {
        let new: Oauth = read(body)?;
        let grant = self.admin().create_oauth_token(
            &new.user_uid,
            &new.organization_uid,
            &new.scopes,
            new.expires_at,
        )?;
        Ok(Answer::created(json!({
            "access_token": grant.access_token.reveal(),
            "refresh_token": grant.refresh_token.reveal(),
            "expires_at": grant.expires_at,
        })))
    }

    /// What was recorded, behind the number that is named.
    pub(super) fn events(&self, query: Option<&str>) -> Result<Answer, Problem> {
        let after = query.unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("after="));
        let after = match after.map(str::parse) {
            None => 0,
            Some(Ok(number)) => number,
            Some(Err(_)) => return Err(Problem::new(400, "`after` is the number of an event")),
        };
        Answer::shown(&json!({ "events": self.admin().events(after)? }))
    }
}

pub(super) fn stack(api_key: &str) -> Result<ApiKey, Problem> {
    ApiKey::new(api_key).map_err(|_| Problem::new(404, format!("there is no stack `{api_key}`")))
}
