//! What environments show: a copy of each entry and asset as it was when it was published.
//!
//! There is one record for each environment, document and language. It stays when the document is taken out, so that
//! those who keep a copy of their own can be told; by its number they know what they have not heard of yet.

use cs_model::Moment;
use cs_model::facts::Collection;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::collection::{Place, name};
use super::workflow;
use crate::record::EnvironmentRecord;
use crate::refusal::Stop;
use crate::service::Scene;
use crate::store::{StoreError, Tx, get_json, keys, next_number, put_json, scan_json};

/// What an environment shows of a document in a language, or that it shows it no longer.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PublishedRecord {
    /// Grows with each change of anything.
    pub(crate) number: u64,
    pub(crate) state: State,
    pub(crate) uid: String,
    /// The content type of an entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    pub(crate) locale: String,
    pub(crate) at: Moment,
    pub(crate) by: String,
    pub(crate) version: u64,
    /// The document as it is shown; none when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) form: Option<Map<String, Value>>,
}

/// Whether it is shown, or why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Published,
    Unpublished,
    Deleted,
}

impl PublishedRecord {
    /// Whether it is shown.
    #[cfg(feature = "server")]
    pub(crate) const fn is_shown(&self) -> bool {
        matches!(self.state, State::Published)
    }

    /// The document as the delivery API answers it.
    pub(super) fn shown(&self, environment: &str) -> Option<Map<String, Value>> {
        let mut form = self.form.clone()?;
        form.remove("ACL");
        form.remove(workflow::STAGE);
        let details = json!({
            "environment": environment, "locale": self.locale, "time": self.at, "user": self.by,
        });
        form.insert("publish_details".to_owned(), details);
        Some(form)
    }
}

/// Where a branch of a stack shows documents of a collection in an environment.
#[derive(Clone, Debug)]
pub(super) struct Shelf<'a> {
    pub(super) api_key: &'a str,
    pub(super) branch: &'a str,
    pub(super) environment: &'a str,
}

impl Shelf<'_> {
    /// What is shown, or no longer, of a collection below `parent`; of all when none is named.
    pub(super) fn all(
        &self,
        tx: &mut dyn Tx,
        collection: Option<&Collection>,
        parent: &str,
    ) -> Result<Vec<PublishedRecord>, StoreError> {
        let named = collection.map(name).unwrap_or_default();
        let mut prefix = keys::published_in(self.api_key, self.branch, self.environment, &named);
        if !parent.is_empty() {
            prefix = format!("{prefix}{parent}/");
        }
        let mut all: Vec<PublishedRecord> =
            scan_json(tx, &prefix)?.into_iter().map(|(_, record)| record).collect();
        all.sort_by_key(|record| record.number);
        Ok(all)
    }

    /// What is shown of one document in one language.
    pub(super) fn get(
        &self,
        tx: &mut dyn Tx,
        collection: &Collection,
        parent: &str,
        uid: &str,
        locale: &str,
    ) -> Result<Option<PublishedRecord>, StoreError> {
        let record: Option<PublishedRecord> = get_json(tx, &self.key(collection, parent, uid, locale))?;
        Ok(record.filter(|record| record.state == State::Published))
    }

    /// Shows a document, or no longer.
    pub(super) fn put(
        &self,
        tx: &mut dyn Tx,
        collection: &Collection,
        record: &PublishedRecord,
    ) -> Result<(), StoreError> {
        let parent = record.content_type.as_deref().unwrap_or_default();
        put_json(tx, &self.key(collection, parent, &record.uid, &record.locale), record)
    }

    fn key(&self, collection: &Collection, parent: &str, uid: &str, locale: &str) -> String {
        let prefix = keys::published_in(self.api_key, self.branch, self.environment, &name(collection));
        if parent.is_empty() {
            format!("{prefix}{uid}/{locale}")
        } else {
            format!("{prefix}{parent}/{uid}/{locale}")
        }
    }
}

/// Where a document is published, as the management API shows it.
pub(super) fn details(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    place: &Place<'_>,
    uid: &str,
) -> Result<Vec<Value>, Stop> {
    let api_key = scene.api_key()?;
    let parent = place.parent().map(|(_, uid)| uid).unwrap_or_default();
    let environments: Vec<(String, EnvironmentRecord)> = scan_json(tx, &keys::envs(api_key))?;
    let mut details = Vec::new();
    for (_, environment) in environments {
        let shelf = Shelf { api_key, branch: scene.branch_uid(), environment: &environment.uid };
        let below = if parent.is_empty() { uid.to_owned() } else { format!("{parent}/{uid}") };
        for record in shelf.all(tx, Some(place.collection), &below)? {
            if record.state == State::Published {
                details.push(json!({
                    "environment": environment.uid, "locale": record.locale, "time": record.at,
                    "user": record.by, "version": record.version,
                }));
            }
        }
    }
    Ok(details)
}

/// Takes a document that is deleted out of all environments, with everything below it; with a language, only that.
pub(super) fn forget(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    place: &Place<'_>,
    uid: &str,
    locale: Option<&str>,
) -> Result<(), Stop> {
    let Some(stack) = &scene.stack else { return Ok(()) };
    let parent = place.parent().map(|(_, uid)| uid).unwrap_or_default();
    let below = if parent.is_empty() { uid.to_owned() } else { format!("{parent}/{uid}") };
    let mut places = vec![(place.collection, below)];
    places.extend(place.children().map(|child| (child, uid.to_owned())));
    let environments: Vec<(String, EnvironmentRecord)> = scan_json(tx, &keys::envs(&stack.api_key))?;
    for (_, environment) in environments {
        let shelf =
            Shelf { api_key: &stack.api_key, branch: scene.branch_uid(), environment: &environment.uid };
        for (collection, below) in &places {
            for record in shelf.all(tx, Some(collection), below)? {
                if record.state == State::Deleted || locale.is_some_and(|locale| locale != record.locale) {
                    continue;
                }
                let gone = PublishedRecord {
                    number: next_number(tx)?,
                    state: State::Deleted,
                    at: Moment::from_timestamp(scene.now),
                    by: scene.actor_uid().to_owned(),
                    form: None,
                    ..record
                };
                shelf.put(tx, collection, &gone)?;
            }
        }
    }
    Ok(())
}
