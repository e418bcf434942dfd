//! What must not be there twice: names, and variables that values are written to.

use std::collections::BTreeMap;

use cs_model::ViolationId;

use crate::declaration::read::Reader;
use crate::declaration::{Declaration, Kind, Place, Places, Problem};
use crate::sink::Sink;

pub(crate) fn check(reader: &mut Reader<'_>, declaration: &Declaration) {
    let delivery = declaration.delivery.iter().map(|item| (item.draft.name.as_str(), &item.places));
    twice(reader, Kind::Delivery, delivery);
    let management = declaration.management.iter().map(|item| (item.draft.name.as_str(), &item.places));
    twice(reader, Kind::Management, management);
    reader.problems.extend(taken_twice(declaration));
}

fn twice<'a>(reader: &mut Reader<'_>, kind: Kind, blocks: impl Iterator<Item = (&'a str, &'a Places)>) {
    let mut first: BTreeMap<&str, &Place> = BTreeMap::new();
    // A missing name has been reported already.
    for (name, places) in blocks.filter(|(name, _)| !name.is_empty()) {
        let place = places.of("name");
        match first.get(name) {
            Some(before) => {
                let message =
                    format!("a {kind} token named `{name}` is already declared at line {}", before.line);
                reader.problems.push(Problem::new(ViolationId::FileDuplicateName, place.clone(), message));
            }
            None => {
                first.insert(name, place);
            }
        }
    }
}

/// Variables that would take two values, as far as the text alone shows it.
pub(crate) fn taken_twice(declaration: &Declaration) -> Vec<Problem> {
    let mut first: BTreeMap<(String, &str), &Place> = BTreeMap::new();
    let mut problems = Vec::new();
    for (sink, key, places) in declaration.placed_sinks() {
        let place = places.of(key);
        let Sink { env_file, variable } = sink;
        match first.get(&(sink.file_key(), variable.as_str())) {
            Some(before) => {
                let message =
                    format!("`{variable}` of `{env_file}` already takes a value at line {}", before.line);
                problems.push(Problem::new(ViolationId::SinkConflict, place.clone(), message));
            }
            None => {
                first.insert((sink.file_key(), variable), place);
            }
        }
    }
    problems
}
