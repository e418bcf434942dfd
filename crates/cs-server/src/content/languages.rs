//! The languages of a request for content.

use cs_model::facts::Collection;
use cs_model::generated::ErrorId;

use super::fields::has_languages;
use crate::endpoint::locales;
use crate::refusal::Stop;
use crate::service::Scene;
use crate::store::Tx;

/// The language of a request, with what it falls back on.
#[derive(Clone, Debug)]
pub(super) struct Languages {
    /// The language and its fallbacks; one empty name where there are no languages.
    pub(super) chain: Vec<String>,
    /// The master language.
    pub(super) master: String,
}

impl Languages {
    /// Those of a request, by its `locale`. A language that the branch does not have is refused like what is not there.
    pub(super) fn read(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Self, Stop> {
        let named = scene.call.parameter("locale").filter(|locale| !locale.is_empty());
        Self::named(scene, tx, named)
    }

    /// Those of a name.
    pub(super) fn named(scene: &Scene<'_>, tx: &mut dyn Tx, name: Option<&str>) -> Result<Self, Stop> {
        let chain = locales::chain(scene, tx, name)?.ok_or(Stop::from(ErrorId::EntryNotFound))?;
        Ok(Self { chain, master: scene.stack()?.master_locale.to_lowercase() })
    }

    /// Those of a request for a collection, which may have none.
    pub(super) fn of(scene: &Scene<'_>, tx: &mut dyn Tx, collection: &Collection) -> Result<Self, Stop> {
        if has_languages(collection) {
            Self::read(scene, tx)
        } else {
            Ok(Self { chain: vec![String::new()], master: String::new() })
        }
    }

    /// The language itself.
    pub(super) fn locale(&self) -> &str {
        self.chain.first().map_or("", String::as_str)
    }
}
