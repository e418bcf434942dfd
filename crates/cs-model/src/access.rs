//! What a scope entry grants: read, write, or both.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Extra;
use crate::facts::Needs;
use crate::one_pass::one_pass;

/// The rights of one scope entry.
///
/// Write does not imply read: "read-only or write-only" are both choices when a management token is made
/// (seed 001, "Management Tokens").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "an acl has two flags, and none of both grants nothing")]
pub enum Access {
    /// `{"read": true}`
    Read,
    /// `{"write": true}`
    Write,
    /// `{"read": true, "write": true}`
    ReadWrite,
}

impl Access {
    /// From the two flags; `None` when neither is set.
    #[must_use]
    pub const fn from_flags(read: bool, write: bool) -> Option<Self> {
        match (read, write) {
            (true, false) => Some(Self::Read),
            (false, true) => Some(Self::Write),
            (true, true) => Some(Self::ReadWrite),
            (false, false) => None,
        }
    }

    /// Whether it holds the right to read.
    #[must_use]
    pub const fn reads(self) -> bool {
        matches!(self, Self::Read | Self::ReadWrite)
    }

    /// Whether it holds the right to write.
    #[must_use]
    pub const fn writes(self) -> bool {
        matches!(self, Self::Write | Self::ReadWrite)
    }

    /// Whether it holds what an action needs.
    #[must_use]
    pub const fn covers(self, needs: Needs) -> bool {
        match needs {
            Needs::Read => self.reads(),
            Needs::Write => self.writes(),
        }
    }

    /// The rights of both together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        match Self::from_flags(self.reads() || other.reads(), self.writes() || other.writes()) {
            Some(access) => access,
            // Both hold a right, so neither flag pair can be empty.
            None => self,
        }
    }

    /// The short form of scopes on the command line and in files, which is ours: `r`, `w`, `rw`.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::Read => "r",
            Self::Write => "w",
            Self::ReadWrite => "rw",
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::ReadWrite => "read-write",
        })
    }
}

/// A text that names no access.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an access: write `r`, `w`, `rw`, `read`, `write` or `read-write`")]
pub struct AccessError(pub String);

impl std::str::FromStr for Access {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, AccessError> {
        match text {
            "r" | "read" => Ok(Self::Read),
            "w" | "write" => Ok(Self::Write),
            "rw" | "wr" | "read-write" | "read+write" => Ok(Self::ReadWrite),
            _ => Err(AccessError(text.to_owned())),
        }
    }
}

/// A flag of an acl as it was written: live clients send the texts `"true"` and `"false"` too (NET, `Models/Token`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flag {
    /// `true` or `false`.
    Bool(bool),
    /// A text.
    Text(Box<str>),
    /// `null`.
    Null,
}

impl Flag {
    /// Whether it grants: `true` and `"true"` do, every other text does not.
    #[must_use]
    pub fn is_on(&self) -> bool {
        match self {
            Self::Bool(on) => *on,
            Self::Text(text) => &**text == "true",
            Self::Null => false,
        }
    }
}

impl Serialize for Flag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(on) => serializer.serialize_bool(*on),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Null => serializer.serialize_none(),
        }
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Flag;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true or false")
            }
            fn visit_bool<E>(self, on: bool) -> Result<Flag, E> {
                Ok(Flag::Bool(on))
            }
            fn visit_str<E>(self, text: &str) -> Result<Flag, E> {
                Ok(Flag::Text(text.into()))
            }
            fn visit_unit<E>(self) -> Result<Flag, E> {
                Ok(Flag::Null)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// An `acl` object as answers carry it (seed 002, "Get all management tokens").
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Acl {
    /// `read`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<Flag>,
    /// `write`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write: Option<Flag>,
    /// Other flags, such as the `create` and `publish` of roles (JAVA, `mockrole/updateRole.json`).
    #[serde(flatten)]
    pub extra: Extra,
}

// A `null` is another thing than a missing field.
one_pass!(Acl { "read" => read: or_default by Some, "write" => write: or_default by Some });

impl Acl {
    /// The rights that the two flags give; `None` when they give none.
    #[must_use]
    pub fn access(&self) -> Option<Access> {
        let on = |flag: &Option<Flag>| flag.as_ref().is_some_and(Flag::is_on);
        Access::from_flags(on(&self.read), on(&self.write))
    }
}

impl From<Access> for Acl {
    fn from(access: Access) -> Self {
        let flag = |on: bool| on.then_some(Flag::Bool(true));
        Self { read: flag(access.reads()), write: flag(access.writes()), extra: Extra::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_does_not_imply_read() {
        assert!(!Access::Write.covers(Needs::Read));
        assert!(!Access::Read.covers(Needs::Write));
        assert_eq!(Access::Read.union(Access::Write), Access::ReadWrite);
    }

    #[test]
    fn flags_survive_as_written() {
        for text in [r#"{"read":true}"#, r#"{"read":"true","write":"false"}"#, r#"{"read":null}"#, r#"{}"#] {
            let acl: Acl = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&acl).unwrap(), text);
        }
        let acl: Acl = serde_json::from_str(r#"{"read":"true","write":"no"}"#).unwrap();
        assert_eq!(acl.access(), Some(Access::Read));
    }

    #[test]
    fn names_round_trip() {
        for access in [Access::Read, Access::Write, Access::ReadWrite] {
            assert_eq!(access.short().parse::<Access>().unwrap(), access);
            assert_eq!(access.to_string().parse::<Access>().unwrap(), access);
        }
        assert!("x".parse::<Access>().is_err());
    }
}
