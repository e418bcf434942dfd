//! Scopes on the command line: branches, aliases, modules.

use std::collections::BTreeMap;

use clap::Args;
use cs_model::{Access, Grant, Module};

/// Branches and aliases that a token reaches.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ReachArgs {
    /// Branches that it reaches: repeat, or separate with commas
    ///
    /// With an empty text (`--branches ''`) its entry for branches has an empty list, and it reaches no branch.
    #[arg(
        long = "branch",
        visible_alias = "branches",
        value_name = "NAME",
        value_delimiter = ',',
        help_heading = "Scope"
    )]
    pub(crate) branches: Vec<String>,

    /// All branches that exist: their names are sent, and one that comes later is not among them
    #[arg(long, help_heading = "Scope", conflicts_with = "branches")]
    pub(crate) all_branches: bool,

    /// Branch aliases that it reaches: repeat, or separate with commas
    ///
    /// With an empty text (`--aliases ''`) its entry for aliases has an empty list.
    #[arg(
        long = "alias",
        visible_alias = "aliases",
        value_name = "NAME",
        value_delimiter = ',',
        help_heading = "Scope"
    )]
    pub(crate) aliases: Vec<String>,

    /// All branch aliases that exist: their names are sent, and one that comes later is not among them
    #[arg(long, help_heading = "Scope", conflicts_with = "aliases")]
    pub(crate) all_aliases: bool,
}

impl ReachArgs {
    /// The branches.
    pub(crate) fn branches(&self) -> Grant {
        grant(self.all_branches, &self.branches)
    }

    /// The aliases.
    pub(crate) fn aliases(&self) -> Grant {
        grant(self.all_aliases, &self.aliases)
    }

    /// Whether nothing is named.
    pub(crate) const fn is_empty(&self) -> bool {
        self.branches.is_empty() && !self.all_branches && self.aliases.is_empty() && !self.all_aliases
    }

    /// Puts what is named in the place of what was; the rest stays.
    pub(crate) fn change(&self, branches: &mut Grant, aliases: &mut Grant) {
        for (named, grant) in [(self.branches(), branches), (self.aliases(), aliases)] {
            if !named.is_none() {
                *grant = named;
            }
        }
    }
}

/// All, or those named. An empty text names none: alone it is an entry with an empty list, which is not the same as no
/// entry.
fn grant(all: bool, names: &[String]) -> Grant {
    match names {
        _ if all => Grant::All,
        [] => Grant::None,
        names => Grant::Only(names.iter().filter(|name| !name.is_empty()).cloned().collect()),
    }
}

/// One module with its access: `entry:rw`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModuleAccess {
    pub(crate) module: Module,
    pub(crate) access: Access,
}

impl std::str::FromStr for ModuleAccess {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err(
                "an empty text names no module: write one with its access, such as `entry:r`".to_owned()
            );
        }
        let (module, access) = text.rsplit_once(':').ok_or_else(|| {
            format!("`{text}` lacks its access: write `{text}:r`, `{text}:w` or `{text}:rw`")
        })?;
        if module.is_empty() {
            return Err(format!("`{text}` names no module"));
        }
        let (module, access) = (module.trim(), access.trim());
        let access = access.parse().map_err(|error: cs_model::AccessError| error.to_string())?;
        Ok(Self { module: Module::from(module), access })
    }
}

/// The modules of a scope; what is named twice adds up.
pub(crate) fn modules(items: &[ModuleAccess]) -> BTreeMap<Module, Access> {
    let mut modules = BTreeMap::new();
    for item in items {
        modules
            .entry(item.module.clone())
            .and_modify(|before: &mut Access| *before = before.union(item.access))
            .or_insert(item.access);
    }
    modules
}

#[cfg(test)]
mod tests {
    use cs_model::ModuleId;

    use super::*;

    #[test]
    fn an_empty_text_is_an_entry_with_an_empty_list() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(grant(false, &[]), Grant::None);
        assert_eq!(grant(false, &names(&[""])), Grant::Only(names(&[]).into_iter().collect()));
        assert_eq!(grant(false, &names(&["main", ""])), Grant::only(["main"]));
        assert_eq!(grant(true, &[]), Grant::All);
    }

    #[test]
    fn modules_are_read_and_add_up() {
        let items: Vec<ModuleAccess> =
            ["entry:r", "entry:w", "$all:r"].iter().map(|text| text.parse().unwrap()).collect();
        let scope = modules(&items);
        assert_eq!(scope[&Module::Known(ModuleId::Entry)], Access::ReadWrite);
        assert_eq!(scope[&Module::All], Access::Read);
        for bad in ["entry", ":rw", "entry:x", ""] {
            assert!(bad.parse::<ModuleAccess>().is_err(), "{bad:?} passed");
        }
    }
}
