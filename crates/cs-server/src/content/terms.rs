//! Terms as the trees that they are (OA3; JAVA).

use std::collections::{BTreeMap, BTreeSet};

use cs_model::Moment;
use cs_model::generated::{ErrorId, ModuleId};
use serde_json::{Value, json};

use super::collection::{Place, at};
use super::document::{self, Document};
use crate::endpoint::list::cut;
use crate::refusal::{Problems, Stop};
use crate::reply::Reply;
use crate::roles::Sight;
use crate::service::Scene;
use crate::store::Tx;

const TAXONOMIES: &str = "/v3/taxonomies";
const TERMS: &str = "/v3/taxonomies/{taxonomy_uid}/terms";

/// `GET /v3/taxonomies/$all/terms`: those of all taxonomies, each with the uid of its own.
pub(super) fn of_all(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let collection = at(TAXONOMIES).ok_or(Stop::from(ErrorId::RouteUnknown))?;
    let taxonomies = Place::new(collection, scene.api_key()?, scene.branch_uid(), Vec::new());
    let mut all = Vec::new();
    for (uid, _) in document::all(tx, &taxonomies)? {
        let place = place_below(scene, &uid)?;
        let terms = document::all(tx, &place)?;
        all.extend(terms.into_iter().map(|(term, document)| (document.number, uid.clone(), term, document)));
    }
    all.sort_by_key(|(number, ..)| *number);
    let sight = Sight::of(scene, tx, ModuleId::Term)?;
    let seen = all.into_iter().filter_map(|(_, taxonomy, uid, document)| {
        let name = format!("{taxonomy}.{uid}");
        sight.as_ref().is_none_or(|sight| sight.sees(&name, None)).then(|| shown(&document, &taxonomy))
    });
    Ok(Reply::ok(cut(scene.call, "terms", seen.collect())?))
}

/// `GET .../ancestors`: what a term is below, the nearest first.
pub(super) fn ancestors(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let tree = Tree::read(scene, tx)?;
    let found = tree.above(tree.named(scene)?);
    tree.answer(scene, tx, &found)
}

/// `GET .../descendants`: what is below a term, at any depth.
pub(super) fn descendants(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let tree = Tree::read(scene, tx)?;
    let below = tree.below(tree.named(scene)?);
    tree.answer(scene, tx, &below)
}

/// `PUT .../move`: below another term, or to the top; never below itself.
pub(super) fn move_to(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let mut tree = Tree::read(scene, tx)?;
    let term = tree.named(scene)?.to_owned();
    let wanted = scene.call.object("term")?;
    let mut problems = Problems::default();
    let parent = match wanted.get("parent_uid") {
        None | Some(Value::Null) => None,
        Some(Value::String(uid)) if tree.terms.contains_key(uid) => {
            if *uid == term || tree.above(uid).contains(&term.as_str()) {
                problems.at(tree.place.collection.invalid, "parent_uid", "is the term itself or below it");
            }
            Some(uid.clone())
        }
        Some(_) => {
            problems.at(tree.place.collection.invalid, "parent_uid", "is not that of a term");
            None
        }
    };
    if wanted.get("order").is_some_and(|order| !order.is_null() && order.as_u64().is_none()) {
        problems.at(tree.place.collection.invalid, "order", "is not a number");
    }
    problems.sort_out()?;
    let found = tree.terms.get_mut(&term);
    let document = found.ok_or(Stop::from(tree.place.collection.not_found))?;
    for form in document.forms.values_mut() {
        form.insert("parent_uid".to_owned(), json!(parent));
        if let Some(order) = wanted.get("order") {
            form.insert("order".to_owned(), order.clone());
        }
        form.insert("updated_at".to_owned(), json!(Moment::from_timestamp(scene.now)));
        form.insert("updated_by".to_owned(), json!(scene.actor_uid()));
    }
    document::put(tx, &tree.place, &term, document)?;
    let answer =
        json!({ "notice": "Term moved successfully.", "term": shown(document, scene.call.argument(0)) });
    Ok(Reply::ok(answer))
}

/// All terms of the taxonomy that a path names.
struct Tree<'a> {
    place: Place<'a>,
    terms: BTreeMap<String, Document>,
}

impl<'a> Tree<'a> {
    fn read(scene: &'a Scene<'_>, tx: &mut dyn Tx) -> Result<Self, Stop> {
        let place = place_below(scene, scene.call.argument(0))?;
        if let Some((taxonomies, uid)) = place.parent()
            && document::get(tx, &taxonomies, uid)?.is_none()
        {
            return Err(taxonomies.collection.not_found.into());
        }
        let terms = document::all(tx, &place)?.into_iter().collect();
        Ok(Self { place, terms })
    }

    /// The term that the path names.
    fn named<'b>(&self, scene: &'b Scene<'_>) -> Result<&'b str, Stop> {
        let uid = scene.call.argument(1);
        if self.terms.contains_key(uid) { Ok(uid) } else { Err(self.place.collection.not_found.into()) }
    }

    /// What a term is below, the nearest first. An update may have led around in a circle: that ends, too.
    fn above(&self, uid: &str) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        let mut next = self.terms.get(uid).and_then(parent);
        while let Some(parent_uid) = next.filter(|uid| self.terms.contains_key(*uid) && seen.insert(*uid)) {
            found.push(parent_uid);
            next = self.terms.get(parent_uid).and_then(parent);
        }
        found
    }

    /// What is below a term: its children first, then theirs.
    fn below(&self, uid: &str) -> Vec<&str> {
        let mut children: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (uid, document) in &self.terms {
            if let Some(parent) = parent(document) {
                children.entry(parent).or_default().push(uid);
            }
        }
        let mut found = children.remove(uid).unwrap_or_default();
        let mut next = 0;
        while let Some(uid) = found.get(next) {
            found.extend(children.remove(*uid).unwrap_or_default());
            next += 1;
        }
        found
    }

    /// These terms, as far as they are seen.
    fn answer(&self, scene: &Scene<'_>, tx: &mut dyn Tx, uids: &[&str]) -> Result<Reply, Stop> {
        let sight = Sight::of(scene, tx, ModuleId::Term)?;
        let is_seen =
            |uid: &str| sight.as_ref().is_none_or(|sight| sight.sees(&self.place.name_in_rules(uid), None));
        let taxonomy = scene.call.argument(0);
        let found = uids.iter().rev().filter(|uid| is_seen(uid)).filter_map(|uid| self.terms.get(*uid));
        let terms = found.map(|document| shown(document, taxonomy)).collect();
        Ok(Reply::ok(cut(scene.call, "terms", terms)?))
    }
}

fn place_below<'a>(scene: &'a Scene<'_>, taxonomy: &'a str) -> Result<Place<'a>, Stop> {
    let collection = at(TERMS).ok_or(Stop::from(ErrorId::RouteUnknown))?;
    Ok(Place::new(collection, scene.api_key()?, scene.branch_uid(), vec![taxonomy]))
}

fn parent(document: &Document) -> Option<&str> {
    document.only_form()?.get("parent_uid")?.as_str()
}

fn shown(document: &Document, taxonomy: &str) -> Value {
    let mut form = document.only_form().cloned().unwrap_or_default();
    form.insert("taxonomy_uid".to_owned(), json!(taxonomy));
    Value::Object(form)
}
