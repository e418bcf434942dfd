//! Values of options: lists of names, scopes, dates and times.

use std::collections::BTreeMap;

use cs_model::{Access, Expiry, Module};
use jiff::Timestamp;

use crate::args::grants::{ModuleAccess, modules};

/// Names with commas between them. An empty text is an empty list, which is not the same as an option that is not given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names(pub(crate) Vec<String>);

/// Modules with their access, with commas between them: `entry:rw,content_type:r`. May be empty, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Modules(pub(crate) BTreeMap<Module, Access>);

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

impl std::str::FromStr for Names {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(parts(text).map(str::to_owned).collect()))
    }
}

impl std::str::FromStr for Modules {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let items = parts(text).map(str::parse).collect::<Result<Vec<ModuleAccess>, _>>()?;
        Ok(Self(modules(&items)))
    }
}

impl Names {
    /// The names of an option that may be repeated; `None` when it was not given.
    pub(crate) fn all(lists: &[Self]) -> Option<Vec<String>> {
        (!lists.is_empty()).then(|| lists.iter().flat_map(|list| list.0.iter().cloned()).collect())
    }
}

impl Modules {
    /// The modules of an option that may be repeated; `None` when it was not given. What is named twice adds up.
    pub(crate) fn all(lists: &[Self]) -> Option<BTreeMap<Module, Access>> {
        if lists.is_empty() {
            return None;
        }
        let mut all = BTreeMap::new();
        for (module, access) in lists.iter().flat_map(|list| &list.0) {
            all.entry(module.clone())
                .and_modify(|before: &mut Access| *before = before.union(*access))
                .or_insert(*access);
        }
        Some(all)
    }
}

/// A date, a time, or `never`.
pub(crate) fn expiry(text: &str) -> Result<Expiry, String> {
    if text == "never" {
        Ok(Expiry::Never)
    } else {
        text.parse().map_err(|error: cs_model::ExpiryError| error.to_string())
    }
}

/// A time, or a date for its first moment.
pub(crate) fn time(text: &str) -> Result<Timestamp, String> {
    let wrong = || format!("`{text}` is neither a time (2026-12-10T00:00:00Z) nor a date (2026-12-10)");
    match text.parse::<Expiry>() {
        Ok(expiry) => expiry.ends_at(cs_model::profile::DayEdge::Start).ok_or_else(wrong),
        Err(_) => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use cs_model::ModuleId;

    use super::*;

    #[test]
    fn lists_may_be_empty_and_have_blanks() {
        assert_eq!("".parse(), Ok(Names::default()));
        assert_eq!("main, development,".parse(), Ok(Names(vec!["main".into(), "development".into()])));
        assert_eq!(Names::all(&[]), None);
        assert_eq!(Names::all(&[Names::default()]), Some(Vec::new()));
    }

    #[test]
    fn scopes_add_up() {
        let lists: Vec<Modules> =
            ["entry:r, asset:w", "", "entry:w"].iter().map(|text| text.parse().unwrap()).collect();
        let scope = Modules::all(&lists).unwrap();
        assert_eq!(scope[&Module::Known(ModuleId::Entry)], Access::ReadWrite);
        assert_eq!(scope.len(), 2);
        assert!("entry".parse::<Modules>().unwrap_err().contains("entry:rw"));
    }
}
