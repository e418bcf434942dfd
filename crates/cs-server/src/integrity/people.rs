//! Organizations, users, and what they are let in with.

use super::rows::Check;
use crate::record::{
    MailedRecord, MemberRecord, OauthRecord, OrganizationPlace, OrganizationRecord, RefreshRecord, Roles,
    SessionRecord, UserRecord,
};
use crate::store::keys;

pub(super) fn organization(check: &mut Check<'_>, key: &str, uid: &str) {
    let Some(organization) = check.read::<OrganizationRecord>(key) else { return };
    check.same(key, "uid", &organization.uid, uid);
    let owner = &organization.owner_uid;
    check.needs(key, &keys::user(owner), "user");
    let place = check.other::<MemberRecord>(&keys::member(uid, owner)).map(|member| member.place);
    if place != Some(OrganizationPlace::Owner) {
        check.fault(key, "has an owner who is no member of it with that place");
    }
}

pub(super) fn member(check: &mut Check<'_>, key: &str, org: &str, user: &str) {
    if let Some(invitation) = check.read::<MemberRecord>(key).and_then(|member| member.invitation) {
        check.number(invitation.number);
    }
    check.needs(key, &keys::org(org), "organization");
    check.needs(key, &keys::user(user), "user");
    check.needs(key, &keys::user_org(user, org), "twin");
}

pub(super) fn user(check: &mut Check<'_>, key: &str, uid: &str) {
    let Some(user) = check.read::<UserRecord>(key) else { return };
    check.same(key, "uid", &user.uid, uid);
    check.needs_text(key, &keys::user_email(&user.email), uid, "address");
}

pub(super) fn email(check: &mut Check<'_>, key: &str) {
    let Some(uid) = check.read::<String>(key) else { return };
    let user: Option<UserRecord> = check.other(&keys::user(&uid));
    if user.is_none_or(|user| keys::user_email(&user.email) != key) {
        check.fault(key, "leads to no user with this address");
    }
}

pub(super) fn mailed(check: &mut Check<'_>, key: &str) {
    let Some(mailed) = check.read::<MailedRecord>(key) else { return };
    check.needs(key, &keys::user(&mailed.user_uid), "user");
}

pub(super) fn roles(check: &mut Check<'_>, key: &str, user: &str, api_key: &str) {
    check.needs(key, &keys::user(user), "user");
    check.needs(key, &keys::stack(api_key), "stack");
    for uid in check.read::<Roles>(key).unwrap_or_default().custom {
        check.needs(key, &keys::role(api_key, &uid), "role");
    }
}

pub(super) fn session(check: &mut Check<'_>, key: &str, hash: &str) {
    let Some(session) = check.read::<SessionRecord>(key) else { return };
    check.number(session.number);
    check.needs(key, &keys::user(&session.user_uid), "user");
    check.needs_text(key, &keys::user_session(&session.user_uid, session.number), hash, "twin");
}

pub(super) fn user_session(check: &mut Check<'_>, key: &str, user: &str) {
    let Some(hash) = check.read::<String>(key) else { return };
    let session: Option<SessionRecord> = check.other(&keys::session(&hash));
    let is_twin =
        |session: &SessionRecord| session.user_uid == user && keys::user_session(user, session.number) == key;
    if !session.as_ref().is_some_and(is_twin) {
        check.fault(key, "leads to no session of this user and number");
    }
}

pub(super) fn oauth(check: &mut Check<'_>, key: &str, hash: &str) {
    let Some(grant) = check.read::<OauthRecord>(key) else { return };
    check.needs(key, &keys::user(&grant.user_uid), "user");
    check.needs(key, &keys::org(&grant.org_uid), "organization");
    let twin: Option<RefreshRecord> = check.other(&keys::oauth_refresh(&grant.refresh_hash));
    if twin.is_none_or(|twin| twin.access_hash != hash) {
        check.fault(key, "has no refresh token that leads to it");
    }
}

pub(super) fn oauth_refresh(check: &mut Check<'_>, key: &str, hash: &str) {
    let Some(refresh) = check.read::<RefreshRecord>(key) else { return };
    let twin: Option<OauthRecord> = check.other(&keys::oauth(&refresh.access_hash));
    if twin.is_none_or(|twin| twin.refresh_hash != hash) {
        check.fault(key, "leads to no grant that it renews");
    }
}
