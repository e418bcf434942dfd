//! Which collection a route belongs to, and what it does there.

use cs_model::RouteId;
use cs_model::facts::{Collection, Reach};
use cs_model::generated::{COLLECTIONS, ModuleId};

use crate::refusal::Stop;
use crate::service::Scene;

/// What a route does with a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    List,
    Create,
    Read,
    Update,
    Delete,
}

/// The collection that a route is one of.
pub(super) fn of(route: RouteId) -> Option<(&'static Collection, Operation)> {
    COLLECTIONS.iter().find_map(|collection| {
        let operations = [
            (collection.list, Operation::List),
            (collection.create, Operation::Create),
            (collection.read, Operation::Read),
            (collection.update, Operation::Update),
            (collection.delete, Operation::Delete),
        ];
        let found = operations.into_iter().find(|(known, _)| *known == Some(route));
        found.map(|(_, operation)| (collection, operation))
    })
}

/// The collection with this path.
pub(super) fn at(path: &str) -> Option<&'static Collection> {
    COLLECTIONS.iter().find(|collection| collection.path == path)
}

/// Where the documents of a collection are: of which stack or organization, in which branch, below which documents.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) collection: &'static Collection,
    owner: &'a str,
    branch: &'a str,
    parents: Vec<&'a str>,
}

/// Stands for the branch of what is the same in all branches.
const ALL_BRANCHES: &str = "-";

impl<'a> Place<'a> {
    /// In a branch of a stack.
    pub(super) fn new(
        collection: &'static Collection,
        api_key: &'a str,
        branch: &'a str,
        parents: Vec<&'a str>,
    ) -> Self {
        let branch = match collection.module.row().reach {
            Reach::Branch => branch,
            _ => ALL_BRANCHES,
        };
        Self { collection, owner: api_key, branch, parents }
    }

    /// Where the path of a request leads.
    pub(super) fn of(collection: &'static Collection, scene: &'a Scene<'_>) -> Result<Self, Stop> {
        let mut parents: Vec<&str> =
            (0..parameters(collection.path)).map(|at| scene.call.argument(at)).collect();
        if collection.module.row().reach == Reach::OutsideStack {
            let owner = if parents.is_empty() { "" } else { parents.remove(0) };
            return Ok(Self { collection, owner, branch: ALL_BRANCHES, parents });
        }
        Ok(Self::new(collection, scene.api_key()?, scene.branch_uid(), parents))
    }

    /// Where a key leads, `<owner>/<branch>/<collection>/<..>/<uid>`, with the uid; `None` when no collection has such keys.
    #[cfg(feature = "server")]
    pub(super) fn of_key(key: &'a str) -> Option<(Self, &'a str)> {
        let parts: Vec<&str> = key.split('/').collect();
        let [owner, branch, named, parents @ .., uid] = parts.as_slice() else { return None };
        if parts.iter().any(|part| part.is_empty()) {
            return None;
        }
        let fits = |collection: &&Collection| {
            let reach = collection.module.row().reach;
            // Of those of an organization, the first argument of the path is the owner.
            let arguments =
                parameters(collection.path).checked_sub(usize::from(reach == Reach::OutsideStack));
            name(collection) == *named
                && arguments == Some(parents.len())
                && (reach == Reach::Branch) != (*branch == ALL_BRANCHES)
        };
        let collection = COLLECTIONS.iter().find(fits)?;
        Some((Self { collection, owner, branch, parents: parents.to_vec() }, uid))
    }

    /// The stack or organization.
    #[cfg(feature = "server")]
    pub(crate) const fn owner(&self) -> &'a str {
        self.owner
    }

    /// The branch.
    #[cfg(feature = "server")]
    pub(crate) const fn branch(&self) -> &'a str {
        self.branch
    }

    /// What the keys of its documents begin with.
    pub(crate) fn prefix(&self) -> String {
        let mut prefix = format!("{}/{}/{}/", self.owner, self.branch, name(self.collection));
        for parent in &self.parents {
            prefix.push_str(parent);
            prefix.push('/');
        }
        prefix
    }

    /// What rules of roles call a document here: a term goes with its taxonomy.
    pub(super) fn name_in_rules(&self, uid: &str) -> String {
        match (self.collection.module, self.parents.last()) {
            (ModuleId::Term, Some(taxonomy)) => format!("{taxonomy}.{uid}"),
            _ => uid.to_owned(),
        }
    }

    /// The same in another collection below a document of this one.
    pub(super) fn below(&self, collection: &'static Collection, uid: &'a str) -> Self {
        let parents = self.parents.iter().copied().chain([uid]).collect();
        Self { collection, owner: self.owner, branch: self.branch, parents }
    }

    /// The collection that holds what this one is below of, with the uid there.
    pub(crate) fn parent(&self) -> Option<(Self, &'a str)> {
        let (uid, above) = self.parents.split_last()?;
        let (path, _) = self.collection.path.rsplit_once("/{")?;
        let collection = at(path)?;
        Some((Self { collection, owner: self.owner, branch: self.branch, parents: above.to_vec() }, uid))
    }

    /// The collections below a document of this one.
    pub(super) fn children(&self) -> impl Iterator<Item = &'static Collection> + use<> {
        let path = self.collection.path;
        COLLECTIONS
            .iter()
            .filter(move |child| child.path.strip_prefix(path).is_some_and(|rest| rest.starts_with("/{")))
    }
}

/// How keys name a collection: the fixed parts of its path.
pub(super) fn name(collection: &Collection) -> String {
    let fixed = collection.path.split('/').skip(2).filter(|part| !part.starts_with('{'));
    fixed.collect::<Vec<_>>().join(".")
}

/// How many arguments a path has.
fn parameters(path: &str) -> usize {
    path.matches('{').count()
}

#[cfg(test)]
mod tests {
    use cs_model::generated::route;

    use super::*;

    #[test]
    fn routes_find_their_collections() {
        let (entries, operation) = of(route::POST_CONTENT_TYPES_BY_CONTENT_TYPE_UID_ENTRIES).unwrap();
        assert_eq!((entries.one, operation), ("entry", Operation::Create));
        assert_eq!(name(entries), "content_types.entries");
        assert!(of(route::POST_CONTENT_TYPES_IMPORT).is_none());
        assert!(of(route::GET_STACKS_DELIVERY_TOKENS).is_none());
    }

    #[test]
    fn places_know_what_is_above_and_below() {
        let entries = at("/v3/content_types/{content_type_uid}/entries").unwrap();
        let place = Place::new(entries, "blt1", "main", vec!["page"]);
        assert_eq!(place.prefix(), "blt1/main/content_types.entries/page/");
        let (types, uid) = place.parent().unwrap();
        assert_eq!((types.prefix().as_str(), uid), ("blt1/main/content_types/", "page"));
        let below: Vec<_> = types.children().map(|child| child.one).collect();
        assert_eq!(below, ["entry", "entry"]);
        let webhooks = at("/v3/webhooks").unwrap();
        assert_eq!(Place::new(webhooks, "blt1", "development", vec![]).prefix(), "blt1/-/webhooks/");
    }
}
