//! What is done by nobody's credential: making organizations, users, stacks and sessions.
//!
//! The API itself cannot make the first of these, and tests want users in every role.

mod accounts;
mod error;
mod oauth;
mod roles;
mod tokens;
mod writes;

use cs_model::{ApiKey, Moment, Secret};
use jiff::Timestamp;

use crate::endpoint::is_address;
use crate::hash::PasswordCost;
use crate::random::Draw;
use crate::record::{MemberRecord, OrganizationPlace, OrganizationRecord, Role, StackRecord, UserRecord};
use crate::service::Service;
use crate::store::{Mode, StoreError, Tx, exists, get_json, keys, put_json};
use crate::{hash, sessions};

pub use error::AdminError;
use writes::put_place;
pub(crate) use writes::{NewStack, put_member, put_role, put_stack};

/// A user to be made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewUser {
    /// The e-mail address, with which the user logs in.
    pub email: String,
    /// The password.
    pub password: Secret,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Whether the user comes through an identity provider, and so gets no authtoken (seed 001, "Authentication Tokens
    /// (Authtokens)").
    pub idp_login: bool,
}

impl NewUser {
    /// A user who logs in with an e-mail address and a password.
    pub fn new(email: impl Into<String>, password: Secret) -> Self {
        Self {
            email: email.into(),
            password,
            first_name: String::new(),
            last_name: String::new(),
            idp_login: false,
        }
    }
}

/// Makes things; from [`Service::admin`].
///
/// ```
/// use cs_model::Secret;
/// use cs_server::{NewUser, Options, OrganizationPlace, Role, Service, store::MemoryStore};
/// let service = Service::new(MemoryStore::new(), Options::default());
/// let admin = service.admin("2026-11-21T00:00:00Z".parse()?);
/// let owner = admin.create_user(&NewUser::new("owner@shop.example", Secret::new("correct horse")))?;
/// let editor = admin.create_user(&NewUser::new("editor@shop.example", Secret::new("battery staple")))?;
/// let organization = admin.create_organization("Shop", &owner)?;
/// let stack = admin.create_stack(&organization, "Web shop", &owner)?;
/// admin.set_place(&organization, &editor, OrganizationPlace::Member)?;
/// admin.set_role(&stack, &editor, Role::ContentManager)?;
/// let authtoken = admin.create_session(&editor)?;
/// assert!(authtoken.reveal().starts_with("blt"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Admin<'a> {
    service: &'a Service,
    now: Timestamp,
}

impl<'a> Admin<'a> {
    pub(crate) const fn new(service: &'a Service, now: Timestamp) -> Self {
        Self { service, now }
    }

    /// Makes a user; gives back the uid.
    ///
    /// # Errors
    ///
    /// [`AdminError::BadEmail`], [`AdminError::Blank`] for a password, [`AdminError::EmailTaken`], or a failing store.
    pub fn create_user(&self, new: &NewUser) -> Result<String, AdminError> {
        self.create_user_at(new, self.service.options().password_cost)
    }

    /// The same with another cost of the password.
    pub(crate) fn create_user_at(&self, new: &NewUser, cost: PasswordCost) -> Result<String, AdminError> {
        if !is_address(&new.email) {
            return Err(AdminError::BadEmail(new.email.clone()));
        }
        if new.password.reveal().is_empty() {
            return Err(AdminError::Blank("password"));
        }
        let draw = Draw::new()?;
        let password =
            cost.hash(self.service.passwords(), &new.password, &draw).ok_or(AdminError::Password)?;
        self.write(|tx| {
            if tx.get(keys::user_email(&new.email).as_bytes())?.is_some() {
                return Ok(Err(AdminError::EmailTaken(new.email.clone())));
            }
            let stamp = Moment::from_timestamp(self.now);
            let user = UserRecord {
                uid: draw.uid("user"),
                email: new.email.clone(),
                username: new.email.split('@').next().unwrap_or_default().to_owned(),
                first_name: new.first_name.clone(),
                last_name: new.last_name.clone(),
                password: password.clone(),
                idp_login: new.idp_login,
                failed_attempts: 0,
                invited: false,
                second_factor: None,
                profile: serde_json::Map::new(),
                created_at: stamp.clone(),
                updated_at: stamp,
            };
            put_json(tx, &keys::user(&user.uid), &user)?;
            put_json(tx, &keys::user_email(&user.email), &user.uid)?;
            Ok(Ok(user.uid))
        })
    }

    /// The uid of the user with this e-mail address.
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`] when there is none, or a failing store.
    pub fn find_user(&self, email: &str) -> Result<String, AdminError> {
        crate::store::run(self.service.store(), Mode::Read, |tx| {
            Ok(get_json(tx, &keys::user_email(email))?.ok_or_else(|| unknown("user", email)))
        })?
    }

    /// Makes an organization; gives back its uid.
    ///
    /// # Errors
    ///
    /// [`AdminError::Blank`] for a name; [`AdminError::Unknown`] when there is no such user; a failing store.
    pub fn create_organization(&self, name: &str, owner_uid: &str) -> Result<String, AdminError> {
        named(name)?;
        let draw = Draw::new()?;
        self.write(|tx| {
            if !exists(tx, &keys::user(owner_uid))? {
                return Ok(Err(unknown("user", owner_uid)));
            }
            let uid = draw.uid("organization");
            let stamp = Moment::from_timestamp(self.now);
            let organization = OrganizationRecord {
                uid: uid.clone(),
                name: name.to_owned(),
                owner_uid: owner_uid.to_owned(),
                created_at: stamp.clone(),
                updated_at: stamp,
                sso: false,
                strict_mode: false,
                stacks_made: None,
                transfer: None,
            };
            put_json(tx, &keys::org(&uid), &organization)?;
            let owner = MemberRecord { place: OrganizationPlace::Owner, ..MemberRecord::default() };
            put_member(tx, &uid, owner_uid, &owner)?;
            Ok(Ok(uid))
        })
    }

    /// Makes a user a member of an organization, or changes the place in it. An organization has one owner: who was it
    /// before is an admin after, which is a choice of ours.
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`]; [`AdminError::OwnerNeeded`] when the owner is to be something else; a failing store.
    pub fn set_place(
        &self,
        organization: &str,
        user: &str,
        place: OrganizationPlace,
    ) -> Result<(), AdminError> {
        self.write(|tx| {
            let Some(mut record) = get_json::<OrganizationRecord>(tx, &keys::org(organization))? else {
                return Ok(Err(unknown("organization", organization)));
            };
            if !exists(tx, &keys::user(user))? {
                return Ok(Err(unknown("user", user)));
            }
            match (place, record.owner_uid == user) {
                (OrganizationPlace::Owner, false) => {
                    let before = std::mem::replace(&mut record.owner_uid, user.to_owned());
                    record.updated_at = Moment::from_timestamp(self.now);
                    put_json(tx, &keys::org(organization), &record)?;
                    put_place(tx, organization, &before, OrganizationPlace::Admin)?;
                }
                (OrganizationPlace::Owner, true) | (_, false) => {}
                (_, true) => return Ok(Err(owner_needed("organization", organization))),
            }
            put_place(tx, organization, user, place)?;
            Ok(Ok(()))
        })
    }

    /// Turns single sign-on of an organization on or off, and its strict mode (sso-rest).
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`], or a failing store.
    pub fn set_single_sign_on(
        &self,
        organization: &str,
        sso: bool,
        strict_mode: bool,
    ) -> Result<(), AdminError> {
        self.write(|tx| {
            let Some(mut record) = get_json::<OrganizationRecord>(tx, &keys::org(organization))? else {
                return Ok(Err(unknown("organization", organization)));
            };
            (record.sso, record.strict_mode) = (sso, strict_mode);
            put_json(tx, &keys::org(organization), &record)?;
            Ok(Ok(()))
        })
    }

    /// Says of a member of an organization whether single sign-on may be gone around: "access without SSO" (sso-rest).
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`] also when the user is no member; a failing store.
    pub fn set_access_without_sso(
        &self,
        organization: &str,
        user: &str,
        allowed: bool,
    ) -> Result<(), AdminError> {
        self.write(|tx| {
            let member: Option<MemberRecord> = get_json(tx, &keys::member(organization, user))?;
            let Some(mut member) = member else { return Ok(Err(unknown("member", user))) };
            member.access_without_sso = allowed;
            put_member(tx, organization, user, &member)?;
            Ok(Ok(()))
        })
    }

    /// Makes a stack with the branch `main`; its owner becomes a member of the organization. Gives back its API key.
    ///
    /// # Errors
    ///
    /// [`AdminError::Blank`] for a name; [`AdminError::Unknown`]; a failing store.
    pub fn create_stack(
        &self,
        organization: &str,
        name: &str,
        owner_uid: &str,
    ) -> Result<ApiKey, AdminError> {
        self.create_stack_of(organization, name, owner_uid, self.now)
    }

    /// The same as if it had been made at another time: a stack that is old enough has a legacy access token
    /// (seed 001, "Access Tokens").
    ///
    /// # Errors
    ///
    /// [`AdminError::Blank`] for a name; [`AdminError::Unknown`]; a failing store.
    pub fn create_stack_of(
        &self,
        organization: &str,
        name: &str,
        owner_uid: &str,
        created: Timestamp,
    ) -> Result<ApiKey, AdminError> {
        named(name)?;
        let draw = Draw::new()?;
        let api_key = self.write(|tx| {
            for (what, uid, key) in [
                ("organization", organization, keys::org(organization)),
                ("user", owner_uid, keys::user(owner_uid)),
            ] {
                if !exists(tx, &key)? {
                    return Ok(Err(unknown(what, uid)));
                }
            }
            let profile = &self.service.options().profile;
            let new =
                NewStack { name, description: "", master_locale: "en-us", organization, owner_uid, profile };
            Ok(Ok(put_stack(tx, &draw, created, &new)?.api_key))
        })?;
        // What `Draw` makes is always an API key.
        ApiKey::new(&api_key).map_err(|_| unknown("stack", &api_key))
    }

    /// Gives a user a role in a stack in place of any before, and makes the user a member of its organization. A stack has
    /// one owner: who was it before is an admin after.
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`]; [`AdminError::OwnerNeeded`] when the owner is to be something else; a failing store.
    pub fn set_role(&self, api_key: &ApiKey, user: &str, role: Role) -> Result<(), AdminError> {
        self.write(|tx| {
            let Some(mut stack) = get_json::<StackRecord>(tx, &keys::stack(api_key.as_str()))? else {
                return Ok(Err(unknown("stack", api_key.as_str())));
            };
            if !exists(tx, &keys::user(user))? {
                return Ok(Err(unknown("user", user)));
            }
            match (role, stack.owner_uid == user) {
                (Role::Owner, false) => {
                    let before = std::mem::replace(&mut stack.owner_uid, user.to_owned());
                    stack.updated_at = Moment::from_timestamp(self.now);
                    put_json(tx, &keys::stack(api_key.as_str()), &stack)?;
                    put_role(tx, &stack, &before, Role::Admin)?;
                }
                (Role::Owner, true) | (_, false) => {}
                (_, true) => return Ok(Err(owner_needed("stack", api_key.as_str()))),
            }
            put_role(tx, &stack, user, role)?;
            Ok(Ok(()))
        })
    }

    /// Makes a session for a user, as a login would: beyond the limit the oldest one ends (seed 001, "Authentication Tokens
    /// (Authtokens)").
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`], or a failing store.
    pub fn create_session(&self, user: &str) -> Result<Secret, AdminError> {
        let draw = Draw::new()?;
        let value = draw.authtoken();
        self.write(|tx| {
            if !exists(tx, &keys::user(user))? {
                return Ok(Err(unknown("user", user)));
            }
            sessions::start(
                tx,
                &self.service.options().profile,
                user,
                &hash::of_value(value.reveal()),
                self.now,
            )?;
            Ok(Ok(()))
        })?;
        Ok(value)
    }

    /// Ends a session.
    ///
    /// # Errors
    ///
    /// A failing store.
    pub fn end_session(&self, authtoken: &Secret) -> Result<(), AdminError> {
        let hash = hash::of_value(authtoken.reveal());
        self.write(|tx| Ok(Ok(sessions::end(tx, &hash)?)))
    }

    pub(crate) fn write<T>(
        &self,
        work: impl FnMut(&mut dyn Tx) -> Result<Result<T, AdminError>, StoreError>,
    ) -> Result<T, AdminError> {
        crate::store::run(self.service.store(), Mode::Write, work)?
    }
}

/// Sees to it that a name says something, as the API does.
fn named(name: &str) -> Result<(), AdminError> {
    if name.trim().is_empty() { Err(AdminError::Blank("name")) } else { Ok(()) }
}

fn owner_needed(what: &'static str, uid: &str) -> AdminError {
    AdminError::OwnerNeeded { what, uid: uid.to_owned() }
}

fn not_due(what: &'static str, uid: &str, state: &'static str) -> AdminError {
    AdminError::NotDue { what, uid: uid.to_owned(), state }
}

fn unknown(what: &'static str, uid: &str) -> AdminError {
    AdminError::Unknown { what, uid: uid.to_owned() }
}
