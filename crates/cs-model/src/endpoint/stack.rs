//! Stacks and the names that scopes use.

use serde::Serialize;

use super::{Endpoint, Page};
use crate::generated::route;
use crate::one_pass::one_pass;
use crate::{Branch, BranchAlias, Environment, Extra, OrganizationUid, RouteId, Stack};

/// `GET /v3/stacks`: the stacks that the user can see.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ListStacks {
    /// Only those of this organization. A header, not a query; needed on organizations with single sign-on, where the
    /// list is empty without it.
    pub organization_uid: Option<OrganizationUid>,
}

impl ListStacks {
    /// All stacks, or those of one organization.
    #[must_use]
    pub const fn new(organization_uid: Option<OrganizationUid>) -> Self {
        Self { organization_uid }
    }
}

impl Endpoint for ListStacks {
    const ROUTE: RouteId = route::GET_STACKS;
    type Answer = StacksAnswer;
    fn headers(&self) -> Vec<(&'static str, &str)> {
        self.organization_uid.iter().map(|uid| ("organization_uid", uid.as_str())).collect()
    }
}

macro_rules! names {
    ($(#[$doc:meta])* $name:ident, $route:ident, $answer:ident, $(#[$answer_doc:meta])* $field:ident: $item:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        #[non_exhaustive]
        pub struct $name {
            /// Which part of the list.
            pub page: Page,
        }

        impl $name {
            /// A part of the list; what the API takes for the whole with [`Page::default`].
            #[must_use]
            pub const fn new(page: Page) -> Self {
                Self { page }
            }
        }

        impl Endpoint for $name {
            const ROUTE: RouteId = route::$route;
            type Answer = $answer;
            fn query(&self) -> Vec<(&'static str, String)> {
                self.page.query()
            }
        }

        names!($answer, $(#[$answer_doc])* $field: $item);
    };
    ($answer:ident, $(#[$doc:meta])* $field:ident: $item:ty) => {
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
    };
}

names!(StacksAnswer,
    /// The answer to [`ListStacks`].
    stacks: Stack);
one_pass!(StacksAnswer { "stacks" => stacks: needed });
names!(
    /// `GET /v3/environments`
    ListEnvironments, GET_ENVIRONMENTS, EnvironmentsAnswer,
    /// The answer to [`ListEnvironments`].
    environments: Environment);
one_pass!(EnvironmentsAnswer { "environments" => environments: needed });
names!(
    /// `GET /v3/stacks/branches`
    ListBranches, GET_STACKS_BRANCHES, BranchesAnswer,
    /// The answer to [`ListBranches`].
    branches: Branch);
one_pass!(BranchesAnswer { "branches" => branches: needed });
names!(
    /// `GET /v3/stacks/branch_aliases`
    ListBranchAliases, GET_STACKS_BRANCH_ALIASES, BranchAliasesAnswer,
    /// The answer to [`ListBranchAliases`].
    branch_aliases: BranchAlias);
one_pass!(BranchAliasesAnswer { "branch_aliases" => branch_aliases: needed });
