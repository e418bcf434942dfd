//! The words that stand for a choice in the files, and their variants in the crates.

use serde::Deserialize;

/// An enum whose words are its variants in lower case with hyphens, unless a name is given.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub(crate) enum $name { $($(#[$inner])* $variant),+ }

        impl $name {
            /// The name of the variant, which is that in the crates, too.
            pub(crate) fn variant(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),+ }
            }
        }
    };
}

words! {
    /// What a document says of something.
    Documented { Yes, No, Silent }
}

words! {
    /// What a branch means to a module.
    Reach { Branch, Global, OutsideStack }
}

words! {
    /// The flag of an acl that an action takes.
    Needs { Read, Write }
}

words! {
    /// An API, in the order in which its routes stand in the table.
    Api { Management, Delivery, Preview, LegacyPreview, #[serde(rename = "graphql")] GraphQl }
}

words! {
    /// A method, in the order in which those of one path stand in the table.
    Method {
        #[serde(rename = "GET")] Get,
        #[serde(rename = "POST")] Post,
        #[serde(rename = "PUT")] Put,
        #[serde(rename = "DELETE")] Delete,
    }
}

words! {
    /// Who names a document of a collection.
    NamedBy { Given, Drawn }
}

words! {
    /// What happens to one more than a limit allows.
    AtLimit { Refuse, EvictOldest }
}

words! {
    /// How a check reports a finding.
    Level { Error, Warning }
}

words! {
    /// How a client reads a contradiction.
    ClientReading { Allow, Warn, Deny, Unsettled }
}

words! {
    /// How the service reads it.
    ServiceReading { Allow, Deny }
}

words! {
    /// How much weight a document has.
    SourceKind {
        /// One of the five pages that the project starts from.
        Seed,
        /// Another page or file of the vendor.
        Vendor,
        /// Code or tests of a client that the vendor publishes.
        VendorClient,
        /// Measurements and notes of others.
        ThirdParty,
        /// A choice of this project, where no document answers.
        Choice,
    }
}

impl Documented {
    /// For keys that are left out when the answer is no.
    pub(crate) fn no() -> Self {
        Self::No
    }
}

impl Api {
    pub(crate) const ALL: [Self; 5] =
        [Self::Management, Self::Delivery, Self::Preview, Self::LegacyPreview, Self::GraphQl];
}
