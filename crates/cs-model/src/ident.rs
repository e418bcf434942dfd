//! Names that stand in paths and headers: checked once, so that nothing can escape from them.
//!
//! Most uids in samples are `blt` and 16 hexadecimal digits (seed 002), but some are not, so that shape is not asked for. The check
//! is ours.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text cannot be an identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentError {
    /// Nothing there: a request would reach the collection instead of one item.
    #[error("the {what} is empty")]
    Empty {
        /// Which kind of identifier.
        what: &'static str,
    },
    /// `.` or `..`: a request would leave its path.
    #[error("`{text}` cannot be the {what}: it would leave the path")]
    Dots {
        /// Which kind of identifier.
        what: &'static str,
        /// The text.
        text: String,
    },
    /// Longer than anything the API makes.
    #[error("the {what} has more than {most} characters")]
    TooLong {
        /// Which kind of identifier.
        what: &'static str,
        /// How many it may have.
        most: usize,
    },
    /// A character that is not a letter, a digit, `_`, `-`, `.` or `$`.
    #[error("`{text}` cannot be the {what}: use letters, digits, `_`, `-` and `.` only")]
    Character {
        /// Which kind of identifier.
        what: &'static str,
        /// The text.
        text: String,
    },
}

/// More than any uid of the API has (19 to 26), and short enough for any header.
const MOST: usize = 128;

fn check(what: &'static str, text: &str) -> Result<(), IdentError> {
    if text.is_empty() {
        return Err(IdentError::Empty { what });
    }
    if text.len() > MOST {
        return Err(IdentError::TooLong { what, most: MOST });
    }
    if text == "." || text == ".." {
        return Err(IdentError::Dots { what, text: text.to_owned() });
    }
    if !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')) {
        return Err(IdentError::Character { what, text: text.to_owned() });
    }
    Ok(())
}

macro_rules! ident {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        ///
        /// Letters, digits, `_`, `-` and `.`, at most 128; never empty, `.` or `..`, so it can stand in a
        /// path or a header as it is.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Checks a text.
            ///
            /// # Errors
            ///
            /// [`IdentError`] when it is empty, too long, `.`, `..`, or holds another character.
            pub fn new(text: impl AsRef<str>) -> Result<Self, IdentError> {
                let text = text.as_ref();
                check($what, text)?;
                Ok(Self(text.into()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdentError;
            fn from_str(text: &str) -> Result<Self, IdentError> {
                Self::new(text)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::one_pass::text(deserializer, |text| Self::new(text))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

ident!(
    /// The uid of a token: public, it names a token and cannot authorise anything (seed 002, "Get a single delivery token").
    TokenUid, "token uid");
ident!(
    /// A stack's API key: names the stack in every request, in the `api_key` header (seed 000, "Method 1: API Key + Authtoken"). It
    /// opens nothing without a token.
    ApiKey, "API key");
ident!(
    /// The uid of an organization, as it stands in the `organization_uid` header and in paths (OA3; CMA-doc, "Get a single stack").
    OrganizationUid, "organization uid");
ident!(
    /// The uid of a branch or of a branch alias, as it stands in the `branch` header (CMA-doc, "Branches"; graphql-doc). That of a
    /// branch has at most [`LimitId::BranchUidLength`](crate::LimitId::BranchUidLength) characters.
    BranchUid, "branch uid");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_from_a_path() {
        for bad in ["", ".", "..", "a/b", "%2e%2e", "a b", "a?b", "a#b", "a\nb", "ü", "a\\b"] {
            assert!(TokenUid::new(bad).is_err(), "{bad:?} passed");
        }
        assert!(TokenUid::new("x".repeat(129)).is_err());
    }

    #[test]
    fn uids_of_the_documents_pass() {
        for good in ["blt8041e844c449278a", "bltds822f23g4d28hg2", "bltdce123123d321f3", "a..b", "main"] {
            assert_eq!(TokenUid::new(good).unwrap().as_str(), good);
        }
    }
}
