//! Lists in parts.

/// Which part of a list: the API honours both, though no page documents them for tokens, and lists at most a hundred
/// items when neither is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// At most so many.
    pub limit: Option<u32>,
    /// After so many.
    pub skip: Option<u32>,
}

impl Page {
    /// The part of `limit` items after the first `skip`.
    #[must_use]
    pub const fn new(limit: u32, skip: u32) -> Self {
        Self { limit: Some(limit), skip: Some(skip) }
    }

    pub(crate) fn query(self) -> Vec<(&'static str, String)> {
        let pair = |name, value: Option<u32>| value.map(|value| (name, value.to_string()));
        pair("limit", self.limit).into_iter().chain(pair("skip", self.skip)).collect()
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
            fn query(&self) -> Vec<(&'static str, String)> {
                self.page.query()
            }
        }
    };
}

pub(super) use paged;
