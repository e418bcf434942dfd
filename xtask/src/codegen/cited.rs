//! Sentences with their sources, for the docs of generated items.

use super::spec::{SourceKind, SourceRef, Spec};

/// The sentence with its sources in brackets, in the form of docs written by hand: `The kinds of token (seed 001, "Types of
/// Tokens").` A source that is named twice is written once.
pub(crate) fn cited<'a>(spec: &Spec, says: &str, sources: impl IntoIterator<Item = &'a SourceRef>) -> String {
    let mut names: Vec<String> = Vec::new();
    for source in sources {
        let name = name(spec, source);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return says.to_owned();
    }
    let (sentence, stop) = says.strip_suffix('.').map_or((says, ""), |sentence| (sentence, "."));
    format!("{sentence} ({}){stop}", names.join("; "))
}

/// A source as docs name it: headings in quotes, files of clients as code.
fn name(spec: &Spec, source: &SourceRef) -> String {
    let SourceRef { document, place } = source;
    let kind = spec.sources.iter().find(|row| row.id == *document).map(|row| row.kind);
    match kind {
        _ if place.is_empty() => document.clone(),
        Some(SourceKind::Seed | SourceKind::Vendor) => format!("{document}, \"{place}\""),
        Some(SourceKind::VendorClient) => format!("{document}, `{place}`"),
        _ => format!("{document}, {place}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::root;

    #[test]
    fn sources_stand_in_the_sentence_and_once() {
        let spec = Spec::load(&root().join("xtask/spec")).unwrap();
        let source = |document: &str, place: &str| SourceRef {
            document: document.to_owned(),
            place: place.to_owned(),
        };
        let sources = [
            source("seed 001", "Delivery Tokens"),
            source("OA3", ""),
            source("JS", "lib/core/util.js"),
            source("OA3", ""),
            source("choice", "as it was"),
        ];
        assert_eq!(
            cited(&spec, "Twenty. No more.", &sources),
            "Twenty. No more (seed 001, \"Delivery Tokens\"; OA3; JS, `lib/core/util.js`; choice, as it was)."
        );
        assert_eq!(cited(&spec, "May it?", &sources[1..2]), "May it? (OA3)");
        assert_eq!(cited(&spec, "It may.", []), "It may.");
    }
}
