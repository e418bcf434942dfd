//! The requests that we make and serve: each described once, without I/O.
//!
//! Method, path and the documents that show them are those of the route ([`Endpoint::ROUTE`], a row of
//! [`ROUTES`](crate::generated::ROUTES)). What is said here of a request beyond its route names its source.

mod body;
mod page;
mod session;
mod stack;
mod tokens;

use std::borrow::Cow;

use percent_encoding::AsciiSet;
use serde::de::DeserializeOwned;

pub use body::{Body, json_body};
pub use page::Page;
pub use session::{LogIn, LogOut, ReadUser, UserAnswer};
pub use stack::{
    BranchAliasesAnswer, BranchesAnswer, EnvironmentsAnswer, ListBranchAliases, ListBranches,
    ListEnvironments, ListStacks, StacksAnswer,
};
pub use tokens::{
    CreateDeliveryToken, CreateManagementToken, CreatePreviewToken, DeleteDeliveryToken,
    DeleteManagementToken, DeletePreviewToken, GetDeliveryToken, GetManagementToken, ListDeliveryTokens,
    ListManagementTokens, UpdateDeliveryToken, UpdateManagementToken,
};

use crate::RouteId;
use crate::facts::Route;

/// One kind of request: its route, its arguments, and the type of its answer.
///
/// The client turns it into HTTP and reads the answer; the service mounts the same route and gives the
/// same answer type. Neither is here.
///
/// ```
/// use cs_model::Endpoint;
/// use cs_model::endpoint::GetManagementToken;
/// let get = GetManagementToken::new("blt0123456789abcdef".parse()?);
/// let path = GetManagementToken::ROUTE.row().path(get.path_arguments().as_ref())?;
/// assert_eq!(path, "/v3/stacks/management_tokens/blt0123456789abcdef");
/// assert!(get.query().into_iter().next().is_none() && get.body().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Endpoint {
    /// The route.
    const ROUTE: RouteId;

    /// What a success looks like.
    type Answer: DeserializeOwned + Send;

    /// The values for the `{parameters}` of the path, in order. They come from checked types, so they cannot leave it.
    fn path_arguments(&self) -> impl AsRef<[&str]> {
        let none: [&str; 0] = [];
        none
    }

    /// The query, unencoded.
    fn query(&self) -> impl IntoIterator<Item = (&'static str, Cow<'static, str>)> {
        None
    }

    /// Headers of its own, besides those that every request carries.
    fn headers(&self) -> Vec<(&'static str, &str)> {
        Vec::new()
    }

    /// The body; `None` for none.
    fn body(&self) -> Option<Body> {
        None
    }
}

/// Why a path could not be filled: the arguments do not match the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path `{template}` does not take {given} arguments")]
pub struct PathError {
    /// The template.
    pub template: &'static str,
    /// How many arguments were given.
    pub given: usize,
}

impl Route {
    /// The path with its parameters filled in, each percent-encoded as one segment.
    ///
    /// # Errors
    ///
    /// [`PathError`] when the number of arguments is not that of the parameters.
    pub fn path(&self, arguments: &[&str]) -> Result<String, PathError> {
        let error = PathError { template: self.template, given: arguments.len() };
        let given: usize = arguments.iter().map(|argument| argument.len()).sum();
        // Room for a query, too.
        let mut path = String::with_capacity(self.template.len() + given + 32);
        let (mut rest, mut left) = (self.template, arguments.iter());
        while let Some((before, parameter)) = rest.split_once('{') {
            path.push_str(before);
            push_segment(&mut path, left.next().ok_or(error)?);
            rest = parameter.split_once('}').map_or("", |(_, after)| after);
        }
        path.push_str(rest);
        if left.next().is_some() { Err(error) } else { Ok(path) }
    }
}

/// Writes an argument as one segment of a path.
fn push_segment(path: &mut String, argument: &str) {
    // Unreserved in RFC 3986; uids and names of environments are made of these.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if argument.bytes().all(is_plain) {
        path.push_str(argument);
        return;
    }
    path.extend(percent_encoding::utf8_percent_encode(argument, NOT_PLAIN));
}

/// What is encoded in a path: everything but the unreserved characters that names use.
const NOT_PLAIN: &AsciiSet = &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

#[cfg(test)]
mod tests {
    use crate::generated::route;

    #[test]
    fn paths_take_their_arguments() {
        let row = route::DELETE_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID.row();
        assert_eq!(row.path(&["blt-1_a.b"]).unwrap(), "/v3/stacks/delivery_tokens/blt-1_a.b");
        assert_eq!(row.path(&["a/b ü"]).unwrap(), "/v3/stacks/delivery_tokens/a%2Fb%20%C3%BC");
        assert!(row.path(&[]).is_err());
        assert!(row.path(&["a", "b"]).is_err());
    }
}
