//! The answer to a request that is not carried out because a fault was planned for it: what the service itself would say.

use bytes::Bytes;
use cs_model::generated::{Action, ErrorId, LimitId, ModuleId};
use cs_model::{Profile, Route, RouteId};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::call::headers::{ACCESS_TOKEN, PREVIEW_TOKEN};
use crate::limiter::Allowance;
use crate::record::SecondFactor;
use crate::refusal::Refusal;
use crate::reply::Reply;

/// The answer with this status, of this row or of the one that such a request would get. With its `error_code`, for the log.
pub(crate) fn answer(
    profile: &Profile,
    status: u16,
    id: Option<ErrorId>,
    asked: (&Method, &HeaderMap, Option<RouteId>),
) -> (Response<Bytes>, Option<u64>) {
    let (method, headers, route) = asked;
    let reply = match id.or_else(|| usual(status, headers, route.map(RouteId::row))) {
        Some(id) => refusal(id).status(status).reply(),
        // No document tells of such a status.
        None => Reply::new(status, Value::Object(serde_json::Map::new())),
    };
    let code = reply.error_code();
    let mut response = reply.respond();
    if let Ok(status) = StatusCode::from_u16(status) {
        *response.status_mut() = status;
    }
    if status == StatusCode::TOO_MANY_REQUESTS.as_u16() {
        let limit = match (id, route) {
            (Some(ErrorId::StackRateLimited), _) => LimitId::StacksPerMinute,
            (_, Some(route)) => route.row().rate_limit(),
            (_, None) if method == Method::GET => LimitId::ReadsPerSecond,
            (_, None) => LimitId::WritesPerSecond,
        };
        if let Some(limit) = profile.limit(limit).value {
            Allowance::of(limit, limit, true).write(response.headers_mut());
        }
    }
    (response, code)
}

/// The rows of the error table whose answers have this number, where one is given, and may have this status, where one is given.
pub(crate) fn rows_with(status: Option<u16>, code: Option<u64>) -> impl Iterator<Item = ErrorId> {
    let fits = move |id: &ErrorId| {
        let row = id.row();
        status.is_none_or(|status| row.statuses.contains(&status))
            && code.is_none_or(|code| row.sent_code().map(u64::from) == Some(code))
    };
    ErrorId::ALL.into_iter().filter(fits)
}

fn refusal(id: ErrorId) -> Refusal {
    let refusal = Refusal::new(id);
    match id {
        ErrorId::TfaRequired | ErrorId::TfaWrong | ErrorId::TfaReused => {
            refusal.more("tfa_type", json!(SecondFactor::AUTHENTICATOR))
        }
        _ => refusal,
    }
}

/// What a request with such a credential, and to such a route, is most often told with this status.
fn usual(status: u16, headers: &HeaderMap, route: Option<&Route>) -> Option<ErrorId> {
    match status {
        401 => Some(unknown_credential(headers)),
        422 => Some(invalid(route)),
        _ => rows_with(Some(status), None).find(|id| id.row().statuses.first() == Some(&status)),
    }
}

fn unknown_credential(headers: &HeaderMap) -> ErrorId {
    let bearer = |value: &http::HeaderValue| value.as_bytes().starts_with(b"Bearer ");
    if let Some(value) = headers.get(AUTHORIZATION) {
        if bearer(value) { ErrorId::OauthTokenInvalid } else { ErrorId::ManagementTokenInvalid }
    } else if headers.contains_key(&PREVIEW_TOKEN) {
        ErrorId::PreviewTokenInvalid
    } else if headers.contains_key(&ACCESS_TOKEN) {
        ErrorId::DeliveryTokenInvalid
    } else {
        ErrorId::AuthtokenInvalid
    }
}

/// A login fails, what makes a token lacks a branch, and what names something names nothing.
fn invalid(route: Option<&Route>) -> ErrorId {
    match route.map(|route| (route.module, route.action)) {
        Some((ModuleId::UserSession, _)) => ErrorId::LoginFailed,
        Some((ModuleId::DeliveryToken | ModuleId::ManagementToken, Action::Create)) => {
            ErrorId::BranchScopeMissing
        }
        Some((ModuleId::DeliveryToken | ModuleId::ManagementToken | ModuleId::PreviewToken, _)) => {
            ErrorId::TokenNotFound
        }
        Some((ModuleId::Environment, _)) => ErrorId::EnvironmentNotFound,
        _ => ErrorId::EntryNotFound,
    }
}
