//! What is asked: with names, or with the numbers of a prepared principal.

use cs_model::Api;

use crate::{AliasId, BranchId, EnvironmentId, Prepared};

/// A request as a log line or a command line has it: method, path, names.
///
/// ```
/// use cs_policy::Request;
/// let mut request = Request::new("GET", "/v3/content_types/blog/entries");
/// request.branch = Some("development");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts, made by callers")]
pub struct Request<'a> {
    /// The API that it is sent to; each has hosts of its own.
    pub api: Api,
    /// The method, in upper case.
    pub method: &'a str,
    /// The path, with or without a query string. Nothing of a query is read: what it names goes into `environment`.
    pub path: &'a str,
    /// Whether it names another stack than the principal's.
    pub other_stack: bool,
    /// The branch that it names, in the `branch` header (CMA-doc, "Branches").
    pub branch: Option<&'a str>,
    /// The branch alias that it names, in the same header. With `branch`, that one is the branch behind the alias.
    pub alias: Option<&'a str>,
    /// The environment that it names, in the query (CDA-OA).
    pub environment: Option<&'a str>,
    /// Whether it is for drafts: content that is not published, which delivery tokens never read (seed 001, "Delivery Tokens").
    pub draft: bool,
    /// What of its body rules read.
    pub body: BodyFacts,
}

impl<'a> Request<'a> {
    /// A request to the management API in the principal's own stack that names nothing.
    #[must_use]
    pub const fn new(method: &'a str, path: &'a str) -> Self {
        Self {
            api: Api::Management,
            method,
            path,
            other_stack: false,
            branch: None,
            alias: None,
            environment: None,
            draft: false,
            body: BodyFacts::NONE,
        }
    }

    /// The same to another API.
    #[must_use]
    pub const fn on(mut self, api: Api) -> Self {
        self.api = api;
        self
    }

    /// Its facts with the numbers of this principal.
    #[must_use]
    pub fn context(&self, prepared: &Prepared) -> Context {
        let of = self.branch.map(|name| prepared.branch(name));
        let branch = match (self.alias, of) {
            (Some(alias), of) => NamedBranch::Alias { alias: prepared.alias(alias), of },
            (None, Some(branch)) => NamedBranch::Branch(branch),
            (None, None) => NamedBranch::NotNamed,
        };
        Context {
            other_stack: self.other_stack,
            branch,
            environment: self.environment.map(|name| prepared.environment(name)),
            draft: self.draft,
            body: self.body,
        }
    }
}

/// Everything about a request but its route, with numbers of one [`Prepared`] principal.
// What is rare stands side by side: see `is_plain`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts, made by callers")]
pub struct Context {
    /// What of its body rules read.
    pub body: BodyFacts,
    /// Whether it names another stack than the principal's.
    pub other_stack: bool,
    /// Whether it is for drafts.
    pub draft: bool,
    /// The branch or alias that it names.
    pub branch: NamedBranch,
    /// The environment that it names.
    pub environment: Option<EnvironmentId>,
}

impl Context {
    /// Whether it brings along nothing that is rare: it is for what is published, in the principal's own stack, in an
    /// environment that was granted, with nothing in its body that rules read.
    // The bytes stand side by side, so that they are read and compared as one number.
    #[inline(always)]
    pub(crate) fn is_plain(&self) -> bool {
        let body = u32::from_le_bytes([
            u8::from(self.body.stage_open_to_all),
            u8::from(self.body.user_named),
            u8::from(self.body.approvers_named),
            match self.body.publish_request {
                None => 0,
                Some(PublishAnswer::Accept) => 1,
                Some(PublishAnswer::Reject) => 2,
            },
        ]);
        let rest = u16::from_le_bytes([u8::from(self.other_stack), u8::from(self.draft)]);
        body == 0 && rest == 0 && self.environment.is_none_or(EnvironmentId::is_granted)
    }
}

/// How a request names its branch.
// With a tag of its own: found inside of the parts of `Alias`, it takes some instructions more to tell.
#[repr(u8)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a header names a branch, an alias, or is absent")]
pub enum NamedBranch {
    /// Not at all: it is for `main` (CMA-doc, "Branches"; graphql-doc).
    #[default]
    NotNamed,
    /// By its name.
    Branch(BranchId),
    /// By an alias.
    Alias {
        /// The alias.
        alias: AliasId,
        /// The branch behind it, when known.
        of: Option<BranchId>,
    },
}

/// The few facts of a request's body that rules read: they decide about workflow stages (CMA-doc, "Set entry workflow stage"),
/// answers to publish requests (seed 001, "Management Tokens") and publish rules (about-management-tokens).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts, made by callers")]
pub struct BodyFacts {
    /// The transition rule of the stage is open to all users and roles.
    pub stage_open_to_all: bool,
    /// The list that decides names the user or one of the user's roles: the access list of the stage, or, for an answer to
    /// a publish request, the approvers of its publish rule.
    pub user_named: bool,
    /// It names users or roles who must approve.
    pub approvers_named: bool,
    /// It answers a publish request.
    pub publish_request: Option<PublishAnswer>,
}

impl BodyFacts {
    /// Nothing that a rule reads.
    pub(crate) const NONE: Self =
        Self { stage_open_to_all: false, user_named: false, publish_request: None, approvers_named: false };
}

/// An answer to a request to publish or unpublish an entry, which no management token can give (seed 001, "Management Tokens").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "yes or no")]
#[repr(u8)]
pub enum PublishAnswer {
    /// Yes.
    Accept = 1,
    /// No.
    Reject,
}
