//! Paths that requests have.

/// A path that this template matches: `/v3/content_types/{uid}` becomes `/v3/content_types/blt0123456789abcdef`.
#[must_use]
pub(crate) fn of(template: &str) -> String {
    let segment = |segment: &str| match segment.strip_prefix('{') {
        Some(_) => "blt0123456789abcdef".to_owned(),
        None => segment.to_owned(),
    };
    template.split('/').map(segment).collect::<Vec<_>>().join("/")
}
