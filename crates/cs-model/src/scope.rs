//! Scopes as the API answers them (seed 002, "Delivery Token Collection"; seed 002, "Management Token Collection").

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::generated::ModuleId;
use crate::one_pass::one_pass;
use crate::{Access, Acl, Environment, Extra, Module};

/// One entry of a token's `scope`: a module, what may be done with it, and the names it is limited to.
///
/// ```
/// use cs_model::{Access, ModuleId, ScopeEntry};
/// let content = ScopeEntry::module(ModuleId::Entry.into(), Access::ReadWrite);
/// let branches = ScopeEntry::branches(["main"]);
/// assert_eq!(content.access(), Some(Access::ReadWrite));
/// assert_eq!(serde_json::to_string(&branches)?, r#"{"module":"branch","acl":{"read":true},"branches":["main"]}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScopeEntry {
    /// The module.
    pub module: Module,
    /// The rights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl: Option<Acl>,
    /// Environments, when the module is `environment`: names when sent (JS, `test/sanity-check/api/token-test.js`), objects when
    /// answered (seed 002, "Get all delivery tokens").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environments: Option<Vec<EnvironmentRef>>,
    /// Uids of branches, when the module is `branch` (seed 002, "Create management token").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branches: Option<Vec<String>>,
    /// Uids of branch aliases, when the module is `branch_alias` (seed 002, "Create management token").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch_aliases: Option<Vec<String>>,
    /// The rest, `_metadata` for one.
    #[serde(flatten)]
    pub extra: Extra,
}

one_pass!(ScopeEntry {
    "module" => module: needed,
    "acl" => acl: or_default,
    "environments" => environments: or_default,
    "branches" => branches: or_default,
    "branch_aliases" => branch_aliases: or_default,
});

impl ScopeEntry {
    /// A plain grant of a module.
    #[must_use]
    pub fn module(module: Module, access: Access) -> Self {
        Self {
            module,
            acl: Some(access.into()),
            environments: None,
            branches: None,
            branch_aliases: None,
            extra: Extra::default(),
        }
    }

    /// The entry that limits a token to environments, by name; reading, as in all of these three.
    #[must_use]
    pub fn environments<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut entry = Self::module(Module::Known(ModuleId::Environment), Access::Read);
        entry.environments =
            Some(names.into_iter().map(|name| EnvironmentRef::Name(name.to_owned())).collect());
        entry
    }

    /// The entry that limits a token to branches.
    #[must_use]
    pub fn branches<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut entry = Self::module(Module::Known(ModuleId::Branch), Access::Read);
        entry.branches = Some(names.into_iter().map(str::to_owned).collect());
        entry
    }

    /// The entry that limits a token to branch aliases.
    #[must_use]
    pub fn branch_aliases<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut entry = Self::module(Module::Known(ModuleId::BranchAlias), Access::Read);
        entry.branch_aliases = Some(names.into_iter().map(str::to_owned).collect());
        entry
    }

    /// The rights it grants; `None` when its acl is missing or grants nothing.
    #[must_use]
    pub fn access(&self) -> Option<Access> {
        self.acl.as_ref().and_then(Acl::access)
    }

    /// Whether it says nothing but its module, plain rights, and the server's `_metadata`: then a draft can say the same.
    pub(crate) fn is_plain(&self) -> bool {
        let acl_is_plain =
            self.acl.as_ref().is_some_and(|acl| acl.extra.is_empty() && acl.access().is_some());
        acl_is_plain && self.extra.0.keys().all(|key| key == "_metadata")
    }

    /// Whether it is plain and grants reading only, as the entries for environments, branches and aliases do.
    pub(crate) fn is_plain_read(&self) -> bool {
        self.is_plain() && self.access() == Some(Access::Read)
    }
}

/// Reads a scope that is `null` as one without entries.
pub(crate) fn null_is_empty(scope: Option<Vec<ScopeEntry>>) -> Vec<ScopeEntry> {
    scope.unwrap_or_default()
}

/// An environment in a scope: its name in what is sent, the whole object in what is answered. Sending the object back is refused
/// (JS, `test/sanity-check/api/token-test.js`).
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a name or an object")]
pub enum EnvironmentRef {
    /// A name.
    Name(String),
    /// The object.
    Object(Environment),
}

impl EnvironmentRef {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Name(name) => name,
            Self::Object(environment) => &environment.name,
        }
    }
}

impl Serialize for EnvironmentRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => serializer.serialize_str(name),
            Self::Object(environment) => environment.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for EnvironmentRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = EnvironmentRef;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an environment or its name")
            }
            fn visit_str<E>(self, name: &str) -> Result<EnvironmentRef, E> {
                Ok(EnvironmentRef::Name(name.to_owned()))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<EnvironmentRef, A::Error> {
                Environment::deserialize(de::value::MapAccessDeserializer::new(map))
                    .map(EnvironmentRef::Object)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
