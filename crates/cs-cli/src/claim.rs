//! What the vendor's pages claim about tokens, and what carries each claim here: see `docs/reference/claims.md`.

use cs_model::Source;

use crate::generated::claims::{SOURCES, TEXT};

/// A sentence that allows, forbids, limits or conditions something.
#[derive(Debug)]
pub(crate) struct Claim {
    /// Its id: the number of the page and a name, `001.delivery.limit.drafts`.
    pub(crate) id: &'static str,
    /// The page and its heading.
    pub(crate) source: Source,
    /// The sentence in our words.
    pub(crate) says: &'static str,
    /// What holds the policy, the client or the service to it: `rule:delivery.no_drafts`.
    pub(crate) carried_by: Vec<&'static str>,
    /// Where it is shown, from the root of the repository: `path::function` of a test, or `path#id` of an expectation.
    pub(crate) tests: Vec<&'static str>,
}

/// All claims, page by page.
fn all() -> impl Iterator<Item = Claim> {
    TEXT.lines().zip(SOURCES).filter_map(|(line, source)| {
        let mut cells = line.split('\t');
        let (id, says) = (cells.next()?, cells.next()?);
        let mut list = || Some(cells.next()?.split('|').collect());
        Some(Claim { id, source, says, carried_by: list()?, tests: list()? })
    })
}

/// The claim with this id.
pub(crate) fn find(id: &str) -> Option<Claim> {
    all().find(|claim| claim.id == id)
}

/// The ids of all claims.
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    all().map(|claim| claim.id)
}

/// The ids of the claims that something carries: `rule:delivery.no_drafts`.
pub(crate) fn carried_by(carrier: &str) -> Vec<&'static str> {
    ids_where(|claim| claim.carried_by.contains(&carrier))
}

/// The ids of the claims of a page: `seed 001`.
pub(crate) fn of_document(document: &str) -> Vec<&'static str> {
    ids_where(|claim| claim.source.document() == document)
}

fn ids_where(is: impl Fn(&Claim) -> bool) -> Vec<&'static str> {
    all().filter(is).map(|claim| claim.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_claim_with_its_page() {
        assert_eq!(all().count(), SOURCES.len());
        for claim in all() {
            let page = claim.id.split('.').next().unwrap();
            assert_eq!(claim.source.document(), format!("seed {page}"), "{claim:?}");
            assert!(claim.says.ends_with('.'), "{claim:?}");
            assert!(claim.carried_by.iter().all(|carrier| carrier.contains(':')), "{claim:?}");
            assert!(claim.tests.iter().all(|test| test.contains(['#', ':'])), "{claim:?}");
        }
    }
}
