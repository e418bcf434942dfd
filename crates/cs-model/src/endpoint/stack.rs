//! Stacks and the names that scopes use (OA3).

use std::borrow::Cow;

use serde::Serialize;

use super::page::paged;
use super::{Endpoint, Page};
use crate::generated::route;
use crate::one_pass::one_pass;
use crate::{Branch, BranchAlias, Environment, Extra, OrganizationUid, RouteId, Stack};

/// `GET /v3/stacks`: the stacks that the user can see.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ListStacks {
    /// Only those of this organization. A header, not a query; needed on organizations with single sign-on, where the
    /// list is empty without it (CMA-doc, "Get a single stack"; faq, 06/02).
    pub organization_uid: Option<OrganizationUid>,
    /// Which part of the list. No page documents it for this route; for the stacks of an organization it is there (OA3).
    pub page: Page,
}

impl ListStacks {
    /// A part of all stacks, or of those of one organization; what the API takes for the whole with [`Page::default`].
    #[must_use]
    pub const fn new(organization_uid: Option<OrganizationUid>, page: Page) -> Self {
        Self { organization_uid, page }
    }
}

impl Endpoint for ListStacks {
    const ROUTE: RouteId = route::GET_STACKS;
    type Answer = StacksAnswer;
    fn headers(&self) -> Vec<(&'static str, &str)> {
        self.organization_uid.iter().map(|uid| ("organization_uid", uid.as_str())).collect()
    }
    fn query(&self) -> impl IntoIterator<Item = (&'static str, Cow<'static, str>)> {
        self.page.query()
    }
}

/// The answer to a list: the items, and the rest.
macro_rules! items {
    ($(#[$doc:meta])* $answer:ident, $key:literal => $field:ident: $item:ty) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize)]
        #[non_exhaustive]
        pub struct $answer {
            /// The items.
            pub $field: Vec<$item>,
            /// The rest.
            #[serde(flatten)]
            pub extra: Extra,
        }

        one_pass!($answer { $key => $field: needed });
    };
}

items!(
    /// The answer to [`ListStacks`].
    StacksAnswer, "stacks" => stacks: Stack);

paged!(
    /// `GET /v3/environments`: the environments of a stack, which are the same in all its branches (branches-guide).
    ListEnvironments, GET_ENVIRONMENTS, EnvironmentsAnswer);
items!(
    /// The answer to [`ListEnvironments`].
    EnvironmentsAnswer, "environments" => environments: Environment);

paged!(
    /// `GET /v3/stacks/branches`: the branches of a stack.
    ListBranches, GET_STACKS_BRANCHES, BranchesAnswer);
items!(
    /// The answer to [`ListBranches`].
    BranchesAnswer, "branches" => branches: Branch);

paged!(
    /// `GET /v3/stacks/branch_aliases`: the aliases of a stack's branches.
    ListBranchAliases, GET_STACKS_BRANCH_ALIASES, BranchAliasesAnswer);
items!(
    /// The answer to [`ListBranchAliases`].
    BranchAliasesAnswer, "branch_aliases" => branch_aliases: BranchAlias);
