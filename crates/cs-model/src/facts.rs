//! The shapes of the generated tables: what a row of `xtask/spec` looks like in Rust.
//!
//! The rows themselves are in [`crate::generated`]. They are data: read them, print them, join them.

use crate::generated::{Action, ErrorId, ModuleId};

mod route;
mod source;

pub use route::{Api, Documented, Method, Route, RouteId};
pub use source::Source;

/// Who names a document of a collection: which of the two, its row in [`COLLECTIONS`](crate::generated::COLLECTIONS) says with
/// its sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the one side or the other")]
pub enum NamedBy {
    /// Whoever makes it, by a `uid` in the body.
    Given,
    /// The service, which draws a uid.
    Drawn,
}

/// Routes that list, make, show, change and delete documents of one kind: a row of `xtask/spec/collections.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collection {
    /// The path of the list: `/v3/content_types/{content_type_uid}/entries`.
    pub path: &'static str,
    /// How notices name a document.
    pub title: &'static str,
    /// The module of its routes.
    pub module: ModuleId,
    /// The envelope of a document.
    pub one: &'static str,
    /// The envelope of a list.
    pub many: &'static str,
    /// Whether a document is sent without an envelope.
    pub bare: bool,
    /// Who names a document.
    pub named: NamedBy,
    /// Fields that a new document must have.
    pub required: &'static [&'static str],
    /// Whether a document counts its changes in `_version`.
    pub versioned: bool,
    /// The HTTP status of a deletion: 200, or 204 without a body.
    pub deleted: u16,
    /// What is answered when there is no such document.
    pub not_found: ErrorId,
    /// What is answered when a body is not valid.
    pub invalid: ErrorId,
    /// The route that lists documents.
    pub list: Option<RouteId>,
    /// The route that makes one.
    pub create: Option<RouteId>,
    /// The route that shows one.
    pub read: Option<RouteId>,
    /// The route that changes one.
    pub update: Option<RouteId>,
    /// The route that deletes one.
    pub delete: Option<RouteId>,
    /// Where it comes from.
    pub sources: &'static [Source],
}

/// What a branch means to a module (branches-guide; global-modules).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reach {
    /// Content of one branch: a grant of the branch is needed.
    Branch,
    /// The same in all branches of the stack: tokens, environments, roles (branches-guide).
    Global,
    /// Not part of a stack: organizations, users, sessions.
    OutsideStack,
}

/// A module: a row of `xtask/spec/modules.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModuleRow {
    /// Its number.
    pub id: ModuleId,
    /// Its name in the spec, in scopes and on the command line: `content_type`.
    pub name: &'static str,
    /// The module whose scope entry grants it (`term` is granted by `taxonomy`, say); itself for most.
    pub granted_by: ModuleId,
    /// Whether a management token's scope may name it.
    pub management_scope: Documented,
    /// What a branch means to it.
    pub reach: Reach,
    /// What it is, in a sentence.
    pub says: &'static str,
    /// Where it comes from.
    pub sources: &'static [Source],
}

/// What an action needs: the right to read or the right to write, the two flags of an acl (seed 002, "Create management token").
/// Which one an action needs is a classification of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "an acl has these two flags")]
pub enum Needs {
    /// The `read` flag of an acl.
    Read,
    /// The `write` flag of an acl.
    Write,
}

/// An action: a row of `xtask/spec/modules.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActionRow {
    /// Its number.
    pub id: Action,
    /// Its name: `read`, `create`, `transition`.
    pub name: &'static str,
    /// The flag it needs.
    pub needs: Needs,
    /// What it is, in a sentence.
    pub says: &'static str,
}

/// One known error answer: a row of `xtask/spec/errors.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorRow {
    /// A stable name of our own: `api_key_unknown`.
    pub id: &'static str,
    /// HTTP statuses seen for it, from 400 to 599; the first is the one our service sends.
    pub statuses: &'static [u16],
    /// The vendor's number; `None` where the answer has none or nobody has written it down.
    pub code: Option<u32>,
    /// The number our service sends where nobody has written the vendor's down.
    pub service_code: Option<u32>,
    /// Whether status, number or key are a choice of this project, because no document tells.
    pub chosen: bool,
    /// The key in `errors` that tells it from others with the same number; empty when there is none.
    pub key: &'static str,
    /// The message our service sends. Clients must never branch on it.
    pub message: &'static str,
    /// What has happened.
    pub cause: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// Where it comes from.
    pub sources: &'static [Source],
}

/// A region with its hosts: a row of `xtask/spec/regions.toml` (regions-json). A stack answers on the hosts of its own region only
/// (probe).
///
/// ```
/// use cs_model::{Api, Region};
/// let region = Region::find("AWS-EU").unwrap();
/// assert_eq!(region.host(Api::Management), "eu-api.contentstack.com");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Region {
    /// Its name: `na`, `eu`, `azure-na`.
    pub id: &'static str,
    /// A name for people: `AWS Europe`.
    pub name: &'static str,
    /// Other spellings that tools accept.
    pub aliases: &'static [&'static str],
    /// Host of the management API, without scheme.
    pub management: &'static str,
    /// Host of the delivery API, without scheme, like all hosts here.
    pub delivery: &'static str,
    /// Host of the REST preview API, the only one that takes preview tokens (seed 002, "Preview Token Collection").
    pub preview: &'static str,
    /// Host of the GraphQL API.
    pub graphql: &'static str,
    /// Host of the GraphQL preview API.
    pub graphql_preview: &'static str,
    /// Host of the developer hub, where OAuth tokens are refreshed (guide-auth; JS, `lib/core/oauthHandler.js`).
    pub developer_hub: &'static str,
}

impl Region {
    /// Finds a region by its id or one of its aliases, in any case of letters.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        crate::generated::REGIONS.iter().find(|region| {
            region.id.eq_ignore_ascii_case(name)
                || region.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
        })
    }

    /// The host that serves this API in this region, without scheme and port. Previews of older clients are on that of the
    /// management API (JS-delivery, `src/core/stack.js`).
    #[must_use]
    pub const fn host(&self, api: Api) -> &'static str {
        match api {
            Api::Management | Api::LegacyPreview => self.management,
            Api::Delivery => self.delivery,
            Api::Preview => self.preview,
            Api::GraphQl => self.graphql,
        }
    }
}

/// A disagreement of the documents: a row of `xtask/spec/contradictions.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contradiction {
    /// A stable name: `preview_route_management_token`.
    pub id: &'static str,
    /// The question on which they disagree.
    pub question: &'static str,
    /// Each answer, with who gives it.
    pub claims: &'static [Claim],
}

/// One answer to a question on which documents disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The answer, in our words.
    pub says: &'static str,
    /// Who gives it.
    pub source: Source,
}

/// Something a check can find wrong: a row of `xtask/spec/violations.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ViolationRow {
    /// Its number.
    pub id: crate::generated::ViolationId,
    /// Its stable name: `environments.too_many`.
    pub name: &'static str,
    /// How it is reported when no profile decides.
    pub level: crate::profile::Level,
    /// What is wrong, in a sentence.
    pub says: &'static str,
    /// What to do about it.
    pub fix: &'static str,
    /// Where the rule comes from.
    pub sources: &'static [Source],
}

/// A limit: a row of `xtask/spec/limits.toml`. Its number is in the [profiles](crate::profile).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitRow {
    /// Its number.
    pub id: crate::generated::LimitId,
    /// Its name: `delivery_tokens_per_stack`.
    pub name: &'static str,
    /// What it limits, in a sentence.
    pub says: &'static str,
    /// What it comes to, with `{}` for the number: `at most {} delivery tokens per stack`.
    pub shown: &'static str,
    /// When the service holds to it.
    pub served: Served,
}

/// When the service holds to a limit for which the profile has a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Served {
    /// Always.
    Always,
    /// While it counts requests by time.
    PerTime,
    /// When the profile has checks report it as an error.
    Errors,
    /// Unless the profile reads this contradiction as allowed.
    Unless(crate::generated::ContradictionId),
}

/// A switch: a row of `xtask/spec/limits.toml`. What it is set to is in the [profiles](crate::profile).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SwitchRow {
    /// Its name: `answer_shape`.
    pub name: &'static str,
    /// What it decides, in a sentence.
    pub says: &'static str,
    /// What it can be set to.
    pub values: &'static [&'static str],
}

/// How much weight a document has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SourceKind {
    /// One of the five pages that this project starts from; the default profile believes these.
    Seed,
    /// Another page or file of the vendor.
    Vendor,
    /// Code, recorded answers or tests of a client that the vendor publishes.
    VendorClient,
    /// Measurements and notes of others: indications, no contract.
    ThirdParty,
    /// A choice of this project, where no document answers.
    Choice,
}

/// A document that facts come from: a row of `xtask/spec/sources.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceDocument {
    /// Its id, as in [`Source::document`]: `seed 001`, `OA3`.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Where it is; empty when it has no address.
    pub url: &'static str,
    /// Its date, as far as it is known (`2026`, `2026-03`, `2026-03-25`); empty when it shows none.
    pub date: &'static str,
    /// How much weight it has.
    pub kind: SourceKind,
    /// What it is, in a sentence.
    pub says: &'static str,
}

impl ErrorId {
    /// Its row in the table of errors.
    #[must_use]
    pub const fn row(self) -> &'static ErrorRow {
        &crate::generated::ERRORS[self as usize]
    }
}

impl ErrorRow {
    /// The number in the answers of our service: the vendor's, else our choice.
    #[must_use]
    pub const fn sent_code(&self) -> Option<u32> {
        match self.code {
            Some(code) => Some(code),
            None => self.service_code,
        }
    }

    /// The status of the answers of our service.
    #[must_use]
    pub const fn sent_status(&self) -> u16 {
        match self.statuses {
            [first, ..] => *first,
            [] => 500,
        }
    }
}

impl crate::generated::ContradictionId {
    /// Its row in the table of contradictions.
    #[must_use]
    pub const fn row(self) -> &'static Contradiction {
        &crate::generated::CONTRADICTIONS[self as usize]
    }

    /// Its name: `preview_route_management_token`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().id
    }

    /// The contradiction of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|id| id.name() == name)
    }
}

impl crate::generated::LimitId {
    /// Its row in the table of limits.
    #[must_use]
    pub const fn row(self) -> &'static LimitRow {
        &crate::generated::LIMITS[self as usize]
    }

    /// What it comes to with this number: `at most 20 delivery tokens per stack`.
    #[must_use]
    pub fn shown(self, number: u32) -> String {
        self.row().shown.replacen("{}", &number.to_string(), 1)
    }

    /// Its name: `delivery_tokens_per_stack`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The limit of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|id| id.name() == name)
    }
}
