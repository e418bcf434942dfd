//! `POST /token`: an access token for a refresh token (guide-auth; JS, `lib/core/oauthHandler.js`).

use bytes::Bytes;
use cs_model::Profile;
use cs_model::generated::ErrorId;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use jiff::Timestamp;
use serde_json::json;

use super::{draw, end, put};
use crate::call::pairs;
use crate::hash;
use crate::random::Draw;
use crate::record::{OauthRecord, RefreshRecord};
use crate::refusal::{Problems, Refusal, Stop};
use crate::reply::Reply;
use crate::store::{Tx, get_json, keys};

/// The path at the developer hub, which has hosts and routes of its own.
const PATH: &str = "/token";

/// Whether a request is one for another access token.
pub(crate) fn is_refresh(request: &Request<Bytes>) -> bool {
    request.method() == Method::POST && request.uri().path() == PATH
}

/// Answers it. The refresh token changes each time; the access token before works no longer.
pub(crate) fn refresh(
    tx: &mut dyn Tx,
    profile: &Profile,
    values: &Draw,
    now: Timestamp,
    request: &Request<Bytes>,
) -> Result<Reply, Stop> {
    let value = asked_with(request)?;
    let invalid = || Stop::from(ErrorId::OauthRefreshInvalid);
    let refresh_hash = hash::of_value(&value);
    let known: RefreshRecord = get_json(tx, &keys::oauth_refresh(&refresh_hash))?.ok_or_else(invalid)?;
    let before: OauthRecord = get_json(tx, &keys::oauth(&known.access_hash))?.ok_or_else(invalid)?;
    tx.delete(keys::oauth_refresh(&refresh_hash).as_bytes())?;
    tx.delete(keys::oauth(&known.access_hash).as_bytes())?;
    let grant = draw(values, end(profile, now));
    put(tx, &grant, &before.uid, &before.user_uid, &before.org_uid, &before.scopes)?;
    Ok(Reply::ok(json!({
        "access_token": grant.access_token.reveal(),
        "refresh_token": grant.refresh_token.reveal(),
        "token_type": "Bearer",
        "expires_in": grant.expires_at.as_second() - now.as_second(),
        "organization_uid": before.org_uid,
        "user_uid": before.user_uid,
        "scope": before.scopes.join(" "),
    })))
}

/// The refresh token of a request. It is sent as a form, and `redirect_uri` is asked for.
fn asked_with(request: &Request<Bytes>) -> Result<String, Refusal> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let body = std::str::from_utf8(request.body()).ok();
    let form = body.filter(|_| kind.eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    let form = pairs(Some(form.ok_or_else(|| Refusal::new(ErrorId::BodyInvalid))?));
    let field = |name: &str| {
        let found = form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        found.filter(|value| !value.is_empty())
    };
    let mut problems = Problems::default();
    if field("grant_type").as_deref() != Some("refresh_token") {
        problems.at(ErrorId::FieldInvalid, "grant_type", "is none that is served: only `refresh_token` is");
    }
    for name in ["redirect_uri", "refresh_token"] {
        if field(name).is_none() {
            problems.at(ErrorId::FieldInvalid, name, "is required");
        }
    }
    problems.sort_out()?;
    Ok(field("refresh_token").unwrap_or_default())
}
