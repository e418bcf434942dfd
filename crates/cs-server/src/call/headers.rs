//! Names of headers that are looked for in every request, read once.

use http::HeaderName;

pub(crate) static ACCESS_TOKEN: HeaderName = HeaderName::from_static("access_token");
pub(crate) static API_KEY: HeaderName = HeaderName::from_static("api_key");
pub(crate) static AUTHTOKEN: HeaderName = HeaderName::from_static("authtoken");
pub(crate) static BRANCH: HeaderName = HeaderName::from_static("branch");
pub(crate) static ENVIRONMENT: HeaderName = HeaderName::from_static("environment");
pub(crate) static LIVE_PREVIEW: HeaderName = HeaderName::from_static("live_preview");
pub(crate) static PREVIEW_TOKEN: HeaderName = HeaderName::from_static("preview_token");
