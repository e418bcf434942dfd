//! Options that take one of some words.

use clap::ValueEnum;
use cs_model::Api;
use cs_policy::{Kind, PublishAnswer};

macro_rules! choice {
    ($(#[doc = $doc:literal])+ $name:ident -> $target:ty { $($(#[$item:meta])* $variant:ident => $value:expr,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
        pub(crate) enum $name {
            $($(#[$item])* $variant,)+
        }

        impl From<$name> for $target {
            fn from(choice: $name) -> Self {
                match choice {
                    $($name::$variant => $value,)+
                }
            }
        }
    };
}

choice!(
    /// Kinds of credential.
    KindArg -> Kind {
        /// A delivery token
        Delivery => Kind::Delivery,
        /// A preview token
        Preview => Kind::Preview,
        /// A management token
        Management => Kind::Management,
        /// A user's authtoken
        Authtoken => Kind::Authtoken,
        /// The legacy access token of a stack
        Access => Kind::Access,
        /// An OAuth token
        Oauth => Kind::OAuth,
        /// No credential
        Anonymous => Kind::Anonymous,
    }
);

/// Roles in a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleArg {
    /// The owner
    Owner,
    /// An admin
    Admin,
    /// A developer
    Developer,
    /// A content manager
    ContentManager,
    /// A role with the rules of --role-rules
    Custom,
    /// No role: the user is no member of the stack
    None,
}

choice!(
    /// APIs.
    ApiArg -> Api {
        /// The Content Management API
        #[value(alias = "cma")]
        Management => Api::Management,
        /// The Content Delivery API
        #[value(alias = "cda")]
        Delivery => Api::Delivery,
        /// The REST preview API
        Preview => Api::Preview,
        /// Live preview as older SDKs did it
        LegacyPreview => Api::LegacyPreview,
        /// The GraphQL API
        Graphql => Api::GraphQl,
    }
);

choice!(
    /// Answers to a publish request.
    PublishArg -> PublishAnswer {
        Accept => PublishAnswer::Accept,
        Reject => PublishAnswer::Reject,
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_has_the_names_that_files_take() {
        for choice in ApiArg::value_variants() {
            let value = choice.to_possible_value().unwrap();
            for name in value.get_name_and_aliases() {
                assert_eq!(Api::find(name), Some((*choice).into()), "{name}");
            }
        }
        for api in Api::ALL {
            assert_eq!(ApiArg::from_str(api.name(), false).map(Api::from), Ok(api));
        }
    }
}
