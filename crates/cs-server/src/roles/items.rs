//! Which single items a request is about: rules of roles may name some of a module only.

use std::collections::BTreeMap;

use cs_model::facts::Needs;
use cs_model::generated::{Action, ModuleId};

use super::sight::Wanted;
use crate::call::Call;
use crate::content;
use crate::endpoint::locales;
use crate::record::StackRecord;
use crate::store::{StoreError, Tx, get_json, keys};

/// The lists by which rules name items.
pub(super) const LISTS: [&str; 9] = [
    "content_type",
    "content_types",
    "entries",
    "assets",
    "folders",
    "environments",
    "locales",
    "taxonomies",
    "terms",
];

/// What a request asks for, in the words of rules.
#[derive(Clone, Debug)]
pub(crate) struct Items {
    pub(super) action: Action,
    /// By list, the names of the one item that the request is about; none where it is about no single one, as lists are. A
    /// list that is not here says nothing of the request.
    named: BTreeMap<&'static str, Vec<String>>,
}

impl Items {
    /// Those of a request.
    pub(crate) fn of(
        tx: &mut dyn Tx,
        call: &Call<'_>,
        stack: &StackRecord,
        branch: &str,
    ) -> Result<Self, StoreError> {
        let row = call.route.row();
        let mut items = Self { action: row.action, named: BTreeMap::new() };
        for list in lists_of(row.module) {
            items.named.insert(list, Vec::new());
        }
        let mut arguments = BTreeMap::new();
        let placeholders = row.template.split('/').filter(|part| part.starts_with('{'));
        for (at, placeholder) in placeholders.enumerate() {
            arguments.insert(placeholder, call.argument(at));
        }
        let api_key = stack.api_key.as_str();
        for (placeholder, value) in &arguments {
            let value = (*value).to_owned();
            match *placeholder {
                "{content_type_uid}" => {
                    items.name("content_types", vec![value.clone()]);
                    items.name("content_type", vec![value]);
                }
                "{entry_uid}" => items.name("entries", vec![value]),
                "{asset_uid}" => {
                    let folder = content::folder_of(tx, api_key, branch, &value)?;
                    items.name("folders", vec![folder.unwrap_or_default()]);
                    items.name("assets", vec![value]);
                }
                "{folder_uid}" => items.name("folders", vec![value]),
                "{environment_name}" => {
                    let uid: Option<String> = get_json(tx, &keys::env_name(api_key, &value))?;
                    items.name("environments", uid.into_iter().chain([value]).collect());
                }
                "{code}" => items.name("locales", locales::names(tx, stack, branch, &value)?),
                "{taxonomy_uid}" => items.name("taxonomies", vec![value]),
                "{term_uid}" => {
                    let taxonomy = arguments.get("{taxonomy_uid}").copied().unwrap_or_default();
                    items.name("terms", vec![format!("{taxonomy}.{value}")]);
                }
                _ => {}
            }
        }
        if matches!((row.module, row.action), (ModuleId::Asset | ModuleId::Folder, Action::Create)) {
            items.name("folders", vec![content::folder_in(call).unwrap_or_default()]);
        }
        if matches!(row.module, ModuleId::Entry | ModuleId::EntryVariant | ModuleId::EntryWorkflow) {
            let locale = call.parameter("locale").filter(|code| !code.is_empty());
            let code = locale.unwrap_or(&stack.master_locale);
            items.name("locales", locales::names(tx, stack, branch, code)?);
        }
        Ok(items)
    }

    /// Those of one entry or asset that a body names.
    pub(super) fn named(
        tx: &mut dyn Tx,
        stack: &StackRecord,
        branch: &str,
        wanted: &Wanted<'_>,
    ) -> Result<Self, StoreError> {
        let mut items = Self { action: wanted.action, named: BTreeMap::new() };
        for list in lists_of(wanted.module) {
            items.named.insert(list, Vec::new());
        }
        if let Some(content_type) = wanted.content_type {
            items.name("content_types", vec![content_type.to_owned()]);
            items.name("content_type", vec![content_type.to_owned()]);
            items.name("entries", vec![wanted.uid.to_owned()]);
            let code = wanted.locale.unwrap_or(&stack.master_locale);
            items.name("locales", locales::names(tx, stack, branch, code)?);
        } else {
            let folder = content::folder_of(tx, &stack.api_key, branch, wanted.uid)?;
            items.name("folders", vec![folder.unwrap_or_default()]);
            items.name("assets", vec![wanted.uid.to_owned()]);
        }
        Ok(items)
    }

    fn name(&mut self, list: &'static str, names: Vec<String>) {
        if let Some(named) = self.named.get_mut(list) {
            *named = names;
        }
    }

    /// The same about one item of those that a request lists, to be read.
    pub(super) fn one(&self, list: &'static str, name: &str, folder: Option<&str>) -> Self {
        let mut items = Self { action: Action::Read, ..self.clone() };
        items.name(list, vec![name.to_owned()]);
        if list == "assets" {
            // Outside of all folders is a place, too.
            items.name("folders", vec![folder.unwrap_or_default().to_owned()]);
        }
        items
    }

    /// What a list of a rule says of the request.
    pub(super) fn meets(&self, list: &str, wanted: &[&str]) -> Meets {
        match self.named.get(list) {
            None => Meets::Elsewhere,
            Some(named) if named.is_empty() => Meets::Some,
            Some(named) if named.iter().any(|name| wanted.contains(&name.as_str())) => Meets::It,
            Some(_) => Meets::Not,
        }
    }

    /// Whether something is read only.
    pub(super) fn is_reading(&self) -> bool {
        self.action.row().needs == Needs::Read
    }
}

/// How a list of a rule meets a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meets {
    /// The request is about something else.
    Elsewhere,
    /// It is about no single item, so it may be about some on the list.
    Some,
    /// It is about one on the list.
    It,
    /// It is about one that is not on the list.
    Not,
}

/// The list by which rules name items of a module.
pub(super) const fn list_of(module: ModuleId) -> Option<&'static str> {
    Some(match module {
        ModuleId::ContentType => "content_types",
        ModuleId::Entry => "entries",
        ModuleId::Asset => "assets",
        ModuleId::Folder => "folders",
        ModuleId::Environment => "environments",
        ModuleId::Locale => "locales",
        ModuleId::Taxonomy => "taxonomies",
        ModuleId::Term => "terms",
        _ => return None,
    })
}

/// The lists that say something of requests for a module: also of what it is below.
pub(super) const fn lists_of(module: ModuleId) -> &'static [&'static str] {
    match module {
        ModuleId::ContentType => &["content_types"],
        ModuleId::Entry | ModuleId::EntryVariant | ModuleId::EntryWorkflow => {
            &["content_type", "content_types", "entries", "locales"]
        }
        ModuleId::Asset => &["assets", "folders"],
        ModuleId::Folder => &["folders"],
        ModuleId::Environment => &["environments"],
        ModuleId::Locale => &["locales"],
        ModuleId::Taxonomy | ModuleId::Term => &["taxonomies", "terms"],
        _ => &[],
    }
}
