//! Lists in parts: `limit` and `skip`.

use std::borrow::Cow;

/// Which part of a list. Branches and aliases have both parameters in the API description (OA3); for tokens no page has them, and
/// tests of the vendor's clients send them (JS, `test/sanity-check/api/token-test.js`; NET,
/// `Contentstack016_DeliveryTokenTest.cs`). How many items come when neither is sent is not documented for these lists; where the
/// description gives a number, it is a hundred (OA3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// At most so many items.
    pub limit: Option<u32>,
    /// After so many items.
    pub skip: Option<u32>,
}

impl Page {
    /// The part of `limit` items after the first `skip`.
    #[must_use]
    pub const fn new(limit: u32, skip: u32) -> Self {
        Self { limit: Some(limit), skip: Some(skip) }
    }

    pub(crate) fn query(self) -> impl IntoIterator<Item = (&'static str, Cow<'static, str>)> {
        let pair = |name, value: Option<u32>| value.map(|value| (name, value.to_string().into()));
        pair("limit", self.limit).into_iter().chain(pair("skip", self.skip))
    }
}

/// A request for a list of which a part can be asked for.
macro_rules! paged {
    ($(#[$doc:meta])* $name:ident, $route:ident, $answer:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        #[non_exhaustive]
        pub struct $name {
            /// Which part of the list.
            pub page: $crate::endpoint::Page,
        }

        impl $name {
            /// A part of the list; what the API takes for the whole with [`Page::default`](crate::endpoint::Page::default).
            #[must_use]
            pub const fn new(page: $crate::endpoint::Page) -> Self {
                Self { page }
            }
        }

        impl $crate::endpoint::Endpoint for $name {
            const ROUTE: $crate::RouteId = $crate::generated::route::$route;
            type Answer = $answer;
            fn query(&self) -> impl IntoIterator<Item = (&'static str, std::borrow::Cow<'static, str>)> {
                self.page.query()
            }
        }
    };
}

pub(super) use paged;
