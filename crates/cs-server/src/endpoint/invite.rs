//! Inviting by e-mail address (OA3): whoever has no account gets one that waits to be activated.

use cs_model::{Moment, Secret};
use serde_json::Map;

use crate::admin::put_member;
use crate::events::{self, EventKind};
use crate::record::{InvitationRecord, Mailed, MemberRecord, OrganizationPlace, UserRecord};
use crate::refusal::Stop;
use crate::service::Scene;
use crate::store::{Tx, get_json, keys, next_number, put_json};

use super::user;

/// No address is longer (RFC 5321).
const LONGEST: usize = 254;

/// Whether an invitation can go there.
pub(crate) fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    text.len() <= LONGEST
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
        && parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
}

/// The user with this address, who is a member of the organization from now on: with this place when given, else as before.
pub(crate) fn to_organization(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    organization: &str,
    email: &str,
    place: Option<OrganizationPlace>,
) -> Result<UserRecord, Stop> {
    let stamp = Moment::from_timestamp(scene.now);
    let user = match user::by_email(tx, email)? {
        Some(user) => user,
        None => make(scene, tx, email, &stamp)?,
    };
    let before: Option<MemberRecord> = get_json(tx, &keys::member(organization, &user.uid))?;
    let is_new = before.is_none();
    let mut member = before.unwrap_or_default();
    if is_new {
        member.invitation = Some(InvitationRecord {
            uid: scene.draw.uid(&format!("invitation {email}")),
            invited_by: scene.actor_uid().to_owned(),
            invited_at: stamp,
            number: next_number(tx)?,
        });
    }
    // The owner stays the owner: there is one, until the ownership is transferred.
    if let Some(place) = place.filter(|_| member.place != OrganizationPlace::Owner) {
        member.place = place;
    }
    put_member(tx, organization, &user.uid, &member)?;
    Ok(user)
}

fn make(scene: &Scene<'_>, tx: &mut dyn Tx, email: &str, stamp: &Moment) -> Result<UserRecord, Stop> {
    let user = UserRecord {
        uid: scene.draw.uid(&format!("user {}", email.to_lowercase())),
        email: email.to_owned(),
        username: email.split('@').next().unwrap_or_default().to_owned(),
        first_name: String::new(),
        last_name: String::new(),
        // No hash, so no password fits it.
        password: Secret::new(String::new()),
        idp_login: false,
        failed_attempts: 0,
        invited: true,
        second_factor: None,
        profile: Map::new(),
        created_at: stamp.clone(),
        updated_at: stamp.clone(),
    };
    put_json(tx, &keys::user(&user.uid), &user)?;
    put_json(tx, &keys::user_email(&user.email), &user.uid)?;
    let mail = EventKind::Mail { purpose: Mailed::Activation, user_uid: user.uid.clone(), api_key: None };
    events::record(tx, scene.now, mail)?;
    Ok(user)
}
