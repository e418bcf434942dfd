//! From method and path to a route of the table.

use cs_model::{Api, Method, RouteId};

use crate::generated::{LITERALS, NODES, ROOTS};

mod literals;
mod words;

use literals::{PLACES, SLOTS};
use words::{Segment, begins, word_of};

/// No node, no route.
pub(crate) const NONE: u16 = u16::MAX;

/// Where a path may be after some segments.
pub(crate) struct Node {
    /// The first of its literals.
    pub(crate) first: u16,
    /// How many literals lead on from it.
    pub(crate) count: u16,
    /// The node behind a segment that is none of its literals.
    pub(crate) parameter: u16,
    /// The route that ends here, by method.
    pub(crate) routes: [u16; 4],
}

/// A segment that is written out.
pub(crate) struct Literal {
    pub(crate) text: &'static str,
    pub(crate) node: u16,
}

/// The route that a request is for: that one of the table whose template the path meets segment by segment, where a
/// literal segment beats a parameter, from left to right.
///
/// Exact: one trailing slash is let pass, and nothing else. Upper case in a literal, an empty segment, `.` and `..`,
/// percent-encoding, and any character that has no business in a path segment are no route. What a server makes of such a
/// path differs from one to the next, so it must never be taken for something that is allowed.
///
/// Where two templates match the same requests (`/v3/assets/{asset_uid}` and `/v3/assets/{asset_type}`) the one that
/// serves more methods stands for both; they agree in everything that rules read.
///
/// Allocates nothing and never goes back in the path.
///
/// ```
/// use cs_model::{Api, Method};
/// use cs_policy::classify;
///
/// let route = classify(Api::Management, Method::Get, "/v3/taxonomies/$all/terms/").unwrap();
/// assert_eq!(route.row().template, "/v3/taxonomies/$all/terms");
/// let route = classify(Api::Management, Method::Get, "/v3/taxonomies/colours/terms").unwrap();
/// assert_eq!(route.row().template, "/v3/taxonomies/{taxonomy_uid}/terms");
/// assert_eq!(classify(Api::Management, Method::Delete, "/v3/stacks/delivery_tokens/%2e%2e"), None);
/// ```
#[must_use]
pub fn classify(api: Api, method: Method, path: &str) -> Option<RouteId> {
    classify_bytes(api, method, path.as_bytes())
}

/// [`classify`] for paths that may not be UTF-8, as a request line has them.
#[must_use]
pub fn classify_bytes(api: Api, method: Method, path: &[u8]) -> Option<RouteId> {
    let path = match path {
        [rest @ .., b'/'] => rest,
        path => path,
    };
    let node = walk(api, path)?;
    // No route has the number that stands for none.
    RouteId::new(PLACES[usize::from(node)].routes[method as usize])
}

/// The node at the end of a path.
#[inline]
fn walk(api: Api, path: &[u8]) -> Option<u16> {
    let first = &FIRST[api_index(api)];
    if path.len() < usize::from(first.length) || !begins(path, first.mask, first.word) {
        return None;
    }
    let (mut node, mut start) = (first.node, usize::from(first.length));
    loop {
        let segment = Segment::at(path, start);
        node = step(node, path, &segment)?;
        if segment.end == path.len() {
            return Some(node);
        }
        start = segment.end + 1;
    }
}

/// What all paths of an API begin with: up to eight bytes, which are compared at once.
#[derive(Clone, Copy)]
struct First {
    mask: u64,
    word: u64,
    length: u8,
    /// The node behind it.
    node: u16,
}

static FIRST: [First; ROOTS.len()] = first();

const fn first() -> [First; ROOTS.len()] {
    // At least a slash.
    let slash = First { mask: 0xff, word: b'/' as u64, length: 1, node: 0 };
    let (mut table, mut api) = ([slash; ROOTS.len()], 0);
    while api < ROOTS.len() {
        let root = &NODES[ROOTS[api] as usize];
        table[api].node = ROOTS[api];
        // And the segment after it, with its slash, where there is only one.
        if root.count == 1 && root.parameter == NONE && LITERALS[root.first as usize].text.len() <= 6 {
            let Literal { text, node } = LITERALS[root.first as usize];
            let word = slash.word | (word_of(text.as_bytes()) as u64) << 8;
            let length = text.len() + 2;
            let word = word | (b'/' as u64) << (8 * (length - 1));
            table[api] = First { mask: u64::MAX >> (64 - 8 * length), word, length: length as u8, node };
        }
        api += 1;
    }
    table
}

const fn api_index(api: Api) -> usize {
    match api {
        Api::Delivery => 1,
        Api::Preview => 2,
        Api::LegacyPreview => 3,
        Api::GraphQl => 4,
        // The management API, and whatever the model may add before this crate's tables know it: those are made from
        // the same spec, and a test compares them.
        _ => 0,
    }
}

/// The node after a segment.
#[inline]
fn step(node: u16, path: &[u8], segment: &Segment) -> Option<u16> {
    let place = &PLACES[usize::from(node)];
    if place.has_literals() {
        let word = segment.word();
        let slot = &SLOTS[place.slot(word)];
        if slot.is(word, path, segment) {
            return Some(slot.node);
        }
    }
    if place.parameter != NONE && segment.is_parameter(path) { Some(place.parameter) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apis_are_in_the_order_of_the_roots() {
        for (index, api) in Api::ALL.into_iter().enumerate() {
            assert_eq!(api_index(api), index);
        }
    }

    #[test]
    fn literals_could_be_parameters() {
        for literal in &LITERALS {
            let text = literal.text.as_bytes();
            assert!(Segment::at(text, 0).is_parameter(text), "{}", literal.text);
        }
    }

    #[test]
    fn every_literal_is_found_from_its_node_and_leads_on() {
        for (number, node) in NODES.iter().enumerate() {
            for literal in &LITERALS[usize::from(node.first)..usize::from(node.first + node.count)] {
                let text = literal.text.as_bytes();
                let next = step(number as u16, text, &Segment::at(text, 0));
                assert_eq!(next, Some(literal.node), "{}", literal.text);
            }
            let other = b"blt0123456789abcdef";
            let behind = (node.parameter != NONE).then_some(node.parameter);
            assert_eq!(step(number as u16, other, &Segment::at(other, 0)), behind);
        }
    }

    #[test]
    fn nothing_is_no_route() {
        for path in ["", "/", "//", "///", "v3", "/v3", "/v3/"] {
            assert_eq!(classify(Api::Management, Method::Get, path), None, "{path}");
        }
    }
}
