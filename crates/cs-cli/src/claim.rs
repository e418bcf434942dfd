//! What the vendor's pages claim about tokens, and what carries each claim here: see `docs/reference/claims.md`.

use cs_model::Source;

use crate::generated::CLAIMS;

/// A sentence that allows, forbids, limits or conditions something.
#[derive(Debug)]
pub(crate) struct ClaimRow {
    /// Its id: the number of the page and a name, `001.delivery.limit.drafts`.
    pub(crate) id: &'static str,
    /// The page and its heading.
    pub(crate) source: Source,
    /// The sentence in our words.
    pub(crate) says: &'static str,
    /// What holds the policy, the client or the service to it: `rule:delivery.no_drafts`.
    pub(crate) carried_by: &'static [&'static str],
    /// Where it is shown, from the root of the repository: `path::function` of a test, or `path#id` of an expectation.
    pub(crate) tests: &'static [&'static str],
}

/// The claim with this id.
pub(crate) fn find(id: &str) -> Option<&'static ClaimRow> {
    CLAIMS.iter().find(|row| row.id == id)
}

/// The ids of all claims.
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    CLAIMS.iter().map(|row| row.id)
}

/// The ids of the claims that something carries: `rule:delivery.no_drafts`.
pub(crate) fn carried_by(carrier: &str) -> Vec<&'static str> {
    ids_where(|row| row.carried_by.contains(&carrier))
}

/// The ids of the claims of a page: `seed 001`.
pub(crate) fn of_document(document: &str) -> Vec<&'static str> {
    ids_where(|row| row.source.document == document)
}

fn ids_where(is: impl Fn(&ClaimRow) -> bool) -> Vec<&'static str> {
    CLAIMS.iter().filter(|row| is(row)).map(|row| row.id).collect()
}
