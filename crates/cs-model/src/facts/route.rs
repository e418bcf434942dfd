//! Routes, and what the documents say of them.

use super::Source;
use crate::generated::{Action, LimitId, ModuleId};

/// Which HTTP API of Contentstack a route belongs to. Each has hosts of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Api {
    /// The Content Management API (CMA), which takes authtokens, management tokens and OAuth tokens (seed 000, "Content Management API
    /// Authentication"; OA3).
    Management,
    /// The Content Delivery API (CDA): published content, by delivery token (seed 000, "Content Delivery API Authentication"; CDA-OA).
    Delivery,
    /// The REST preview hosts: drafts, by preview token (seed 002, "Preview Token Collection"; JS-delivery,
    /// `src/core/lib/utils.js`).
    Preview,
    /// Live preview as older SDKs did it: a management token on the management host (JS-delivery, `src/core/stack.js`).
    LegacyPreview,
    /// The GraphQL content delivery API, by delivery token (graphql-doc).
    GraphQl,
}

impl Api {
    /// All of them, in the order of the spec.
    pub const ALL: [Self; 5] =
        [Self::Management, Self::Delivery, Self::Preview, Self::LegacyPreview, Self::GraphQl];

    /// The name used in the spec and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Management => "management",
            Self::Delivery => "delivery",
            Self::Preview => "preview",
            Self::LegacyPreview => "legacy-preview",
            Self::GraphQl => "graphql",
        }
    }

    /// The API of this name, or of the short one that people use: `cma`, `cda`.
    ///
    /// ```
    /// use cs_model::Api;
    /// assert_eq!(Api::find("cda"), Api::find("delivery"));
    /// assert_eq!(Api::find("legacy-preview"), Some(Api::LegacyPreview));
    /// assert_eq!(Api::find("soap"), None);
    /// ```
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        match name {
            "cma" => Some(Self::Management),
            "cda" => Some(Self::Delivery),
            _ => Self::ALL.into_iter().find(|api| api.name() == name),
        }
    }
}

/// An HTTP method that the documents use (OA3; CDA-OA). No other is documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the documented APIs use these four and no other")]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
}

impl Method {
    /// The method as it stands in a request line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// Reads a method as it stands in a request line. Case matters, as in HTTP.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "GET" => Some(Self::Get),
            "POST" => Some(Self::Post),
            "PUT" => Some(Self::Put),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// What the documents say of something that may be said, denied or passed over in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a document says yes, says no, or is silent")]
pub enum Documented {
    /// Said.
    Yes,
    /// Left out of a list that is there, or denied.
    No,
    /// No document speaks of it; the route is known from a vendor's client only.
    Silent,
}

/// The place of a route in [`crate::generated::ROUTES`]. Small, `Copy`, and valid by construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteId(u16);

impl RouteId {
    /// The row with this number; `None` beyond the table.
    #[must_use]
    pub const fn new(index: u16) -> Option<Self> {
        if (index as usize) < crate::generated::ROUTES.len() { Some(Self(index)) } else { None }
    }

    /// For the generated constants, which number the rows they stand beside.
    pub(crate) const fn generated(index: u16) -> Self {
        Self(index)
    }

    /// The number of the row.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The row.
    #[must_use]
    pub const fn row(self) -> &'static Route {
        &crate::generated::ROUTES[self.0 as usize]
    }

    /// Every route, in the order of the table.
    pub fn all() -> impl ExactSizeIterator<Item = Self> + Clone {
        (0..crate::generated::ROUTES.len()).map(|index| Self(index as u16))
    }
}

/// One documented route: a row of `xtask/spec/routes.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// Which API serves it.
    pub api: Api,
    /// Its method.
    pub method: Method,
    /// Its path with `{parameter}` segments, without a trailing slash: `/v3/stacks/delivery_tokens/{token_uid}`.
    pub template: &'static str,
    /// The module it works on.
    pub module: ModuleId,
    /// What it does there.
    pub action: Action,
    /// Whether it wants an `api_key` header (or path segment).
    pub api_key: Documented,
    /// Whether an authtoken is a documented credential.
    pub authtoken: Documented,
    /// Whether a management token is a documented credential.
    pub management_token: Documented,
    /// Whether the delivery API's `access_token` header (delivery or legacy access token) is a documented credential.
    pub delivery_token: Documented,
    /// Whether a preview token is a documented credential.
    pub preview_token: Documented,
    /// The OAuth scope that the documents name for it; empty when they name none.
    pub oauth_scope: &'static str,
    /// Whether a `branch` header is documented.
    pub branch_header: Documented,
    /// Whether an `environment` query parameter is documented.
    pub environment: Documented,
    /// A `GET` that changes state.
    pub state_change: bool,
    /// What is odd about it, in a sentence; empty for most.
    pub note: &'static str,
    /// Where it comes from.
    pub sources: &'static [Source],
}

impl Route {
    /// Which of the limits for the rate counts a request to it: every `GET` is a read, also one that changes something; of the others,
    /// bulk requests have a limit of their own (CMA-doc, "Rate limiting"; limitations).
    ///
    /// ```
    /// use cs_model::generated::route;
    /// use cs_model::LimitId;
    /// assert_eq!(route::POST_BULK_PUBLISH.row().rate_limit(), LimitId::BulkPerSecond);
    /// assert_eq!(route::POST_STACKS_DELIVERY_TOKENS.row().rate_limit(), LimitId::WritesPerSecond);
    /// ```
    #[must_use]
    pub const fn rate_limit(&self) -> LimitId {
        match (self.method, self.module) {
            (Method::Get, _) => LimitId::ReadsPerSecond,
            (_, ModuleId::Bulk) => LimitId::BulkPerSecond,
            _ => LimitId::WritesPerSecond,
        }
    }
}
