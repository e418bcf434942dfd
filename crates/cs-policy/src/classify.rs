//! From method and path to a route of the table.

use cs_model::{Api, Method, RouteId};

use crate::generated::{LITERALS, NODES, ROOTS};

/// No node, no route.
pub(crate) const NONE: u16 = u16::MAX;

/// Where a path may be after some segments.
pub(crate) struct Node {
    /// The first of its literals.
    pub(crate) first: u16,
    /// How many literals lead on from it.
    pub(crate) count: u16,
    /// The node behind a parameter.
    pub(crate) parameter: u16,
    /// The route that ends here, by method.
    pub(crate) routes: [u16; 4],
}

/// A segment that is written out.
pub(crate) struct Literal {
    pub(crate) text: &'static str,
    pub(crate) node: u16,
}

/// The first eight bytes of each literal: most comparisons end with them.
static KEYS: [u64; LITERALS.len()] = keys();

const fn keys() -> [u64; LITERALS.len()] {
    let mut keys = [0; LITERALS.len()];
    let mut index = 0;
    while index < keys.len() {
        keys[index] = key(LITERALS[index].text.as_bytes());
        index += 1;
    }
    keys
}

/// The first eight bytes as a number that sorts as they do; missing ones are zero.
const fn key(text: &[u8]) -> u64 {
    if let Some(first) = text.first_chunk::<8>() {
        return u64::from_be_bytes(*first);
    }
    let mut key = 0;
    let mut index = 0;
    while index < text.len() {
        key = key << 8 | text[index] as u64;
        index += 1;
    }
    if index == 0 { 0 } else { key << (8 * (8 - index)) }
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
/// Allocates nothing and reads the path once, but for the few segments that are also tried as a parameter.
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
    let path = path.strip_prefix(b"/")?;
    // The path `/` alone has no segment, so a slash is only trailing when something is before it.
    let path = match path {
        [rest @ .., b'/'] => rest,
        path => path,
    };
    let root = ROOTS[api_index(api)];
    let route = walk(root, path, method as usize);
    if route == NONE { None } else { RouteId::new(route) }
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

/// The route at the end of `rest`, from this node on.
fn walk(node: u16, rest: &[u8], method: usize) -> u16 {
    let node = &NODES[usize::from(node)];
    let (segment, rest) = rest.split_at(slash(rest));
    let below = |next: u16| match rest {
        [] => NODES[usize::from(next)].routes[method],
        [_slash, rest @ ..] => walk(next, rest, method),
    };
    let next = literal(node, segment);
    if next != NONE {
        let route = below(next);
        if route != NONE {
            return route;
        }
    }
    if node.parameter != NONE && is_parameter(segment) { below(node.parameter) } else { NONE }
}

/// Where the segment ends: at a slash, or with the path. Eight bytes at a time, as segments are longer than one byte.
fn slash(path: &[u8]) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    const SLASHES: u64 = u64::from_le_bytes([b'/'; 8]);
    let (chunks, rest) = path.as_chunks::<8>();
    for (number, chunk) in chunks.iter().enumerate() {
        // A slash becomes a zero byte, and the lowest zero byte is the lowest one whose high bit is set here.
        let zeros = u64::from_le_bytes(*chunk) ^ SLASHES;
        let found = zeros.wrapping_sub(ONES) & !zeros & HIGH;
        if found != 0 {
            return number * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let before = path.len() - rest.len();
    rest.iter().position(|byte| *byte == b'/').map_or(path.len(), |end| before + end)
}

/// The node behind a literal segment.
fn literal(node: &Node, segment: &[u8]) -> u16 {
    let (first, end) = (usize::from(node.first), usize::from(node.first) + usize::from(node.count));
    let wanted = key(segment);
    let mut index = first + KEYS[first..end].partition_point(|key| *key < wanted);
    while index < end && KEYS[index] == wanted {
        if LITERALS[index].text.as_bytes() == segment {
            return LITERALS[index].node;
        }
        index += 1;
    }
    NONE
}

/// Bytes that a parameter may be made of: what RFC 3986 allows in a segment, without percent-encoding.
static IN_PARAMETER: [bool; 256] = in_parameter();

const fn in_parameter() -> [bool; 256] {
    let mut allowed = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let this = byte as u8;
        allowed[byte] = this.is_ascii_alphanumeric()
            || matches!(
                this,
                b'-' | b'.'
                    | b'_'
                    | b'~'
                    | b'!'
                    | b'$'
                    | b'&'
                    | b'\''
                    | b'('
                    | b')'
                    | b'*'
                    | b'+'
                    | b','
                    | b';'
                    | b'='
                    | b':'
                    | b'@'
            );
        byte += 1;
    }
    allowed
}

fn is_parameter(segment: &[u8]) -> bool {
    !matches!(segment, b"" | b"." | b"..") && segment.iter().all(|byte| IN_PARAMETER[usize::from(*byte)])
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
    fn literals_are_sorted_by_their_keys() {
        for node in &NODES {
            let keys = &KEYS[usize::from(node.first)..usize::from(node.first + node.count)];
            assert!(keys.is_sorted());
        }
    }

    #[test]
    fn nothing_is_no_route() {
        for path in ["", "/", "//", "///", "v3", "/v3", "/v3/"] {
            assert_eq!(classify(Api::Management, Method::Get, path), None, "{path}");
        }
    }
}
