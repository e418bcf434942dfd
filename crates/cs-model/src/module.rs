//! Module names in scopes: an open set. The vendor publishes no list; where each name is from stands in [`ModuleId`].

use std::convert::Infallible;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::facts::{ActionRow, ModuleRow};
use crate::generated::{ACTIONS, Action, MODULES, ModuleId};

impl ModuleId {
    /// Its row in the module table.
    #[must_use]
    pub const fn row(self) -> &'static ModuleRow {
        &MODULES[self as usize]
    }

    /// Its name, as in scopes: `content_type`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The module of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        MODULES.iter().find(|row| row.name == name).map(|row| row.id)
    }
}

impl fmt::Display for ModuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Action {
    /// Its row in the action table.
    #[must_use]
    pub const fn row(self) -> &'static ActionRow {
        &ACTIONS[self as usize]
    }

    /// Its name: `read`, `create`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The action of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        ACTIONS.iter().find(|row| row.name == name).map(|row| row.id)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a scope entry names: a known module, every module (`$all`), or a name that we do not know.
///
/// The set is open because no document lists it whole; unknown names survive a round trip.
///
/// ```
/// use cs_model::{Module, ModuleId};
/// assert_eq!(Module::from("content_type"), Module::Known(ModuleId::ContentType));
/// assert_eq!(Module::from("$all"), Module::All);
/// assert_eq!(Module::from("brand_new").to_string(), "brand_new");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Module {
    /// `$all`: every module that can be granted (seed 002, "Get all management tokens"; CLIP,
    /// `contentstack-bootstrap/src/bootstrap/utils.ts`).
    All,
    /// A module of the table.
    Known(ModuleId),
    /// A name that the table does not have.
    Other(Box<str>),
}

impl Module {
    /// The name as it stands in a scope.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::All => "$all",
            Self::Known(id) => id.name(),
            Self::Other(name) => name,
        }
    }

    /// The module of the table, if it is one.
    #[must_use]
    pub const fn known(&self) -> Option<ModuleId> {
        match self {
            Self::Known(id) => Some(*id),
            _ => None,
        }
    }
}

impl From<&str> for Module {
    fn from(name: &str) -> Self {
        match name {
            "$all" => Self::All,
            other => ModuleId::find(other).map_or_else(|| Self::Other(other.into()), Self::Known),
        }
    }
}

impl From<ModuleId> for Module {
    fn from(id: ModuleId) -> Self {
        Self::Known(id)
    }
}

impl fmt::Display for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Module {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Module {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::one_pass::text(deserializer, |name| Ok::<_, Infallible>(Self::from(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_the_order_of_their_numbers() {
        for id in ModuleId::ALL {
            assert_eq!(id.row().id, id);
            assert_eq!(ModuleId::find(id.name()), Some(id));
        }
        for id in Action::ALL {
            assert_eq!(id.row().id, id);
            assert_eq!(Action::find(id.name()), Some(id));
        }
    }
}
