//! The matrix as a page for a browser.

mod data;
mod table;

use cs_model::Profile;

use super::matrix::cells;
use crate::Kind;

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// The matrix under a profile as one HTML page that needs nothing beside itself: no other file, no network.
///
/// The table is in the page as it is, and can be read without scripts. With them a filter takes words, and a cell shows its
/// routes and the rules behind it with their sources. What is shown has an address:
/// `#filter=entry&kind=management&cell=management/entry/update/management`.
#[must_use]
pub fn html(profile: &Profile) -> String {
    let cells = cells(profile);
    let rows = table::rows(&cells);
    // What came from outside goes in escaped, and what was put in is not read again.
    let parts: [(&str, String); 8] = [
        ("style", STYLE.to_owned()),
        ("profile", escaped(&profile.name)),
        ("says", escaped(&profile.says)),
        ("options", Kind::ALL.map(table::option).concat()),
        ("rows", rows.len().to_string()),
        ("columns", Kind::ALL.map(table::column).concat()),
        ("table", table::table(&rows)),
        ("data", data::data(profile, &cells)),
    ];
    let mut page = String::new();
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or_default();
        match name {
            "script" => page.push_str(SCRIPT),
            _ => parts.iter().filter(|(part, _)| *part == name).for_each(|(_, text)| page.push_str(text)),
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

/// Text as it stands in HTML, between tags and in attributes.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// How a credential of this kind is called.
const fn called(kind: Kind) -> &'static str {
    match kind {
        Kind::Delivery => "delivery token",
        Kind::Preview => "preview token",
        Kind::Management => "management token",
        Kind::Authtoken => "authtoken",
        Kind::Access => "legacy access token",
        Kind::OAuth => "OAuth token",
        Kind::Anonymous => "no credential",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_in_the_page_is_filled() {
        let page = html(&Profile::seeds());
        assert!(!page.contains("{{"), "a place is left open");
        for part in [STYLE, SCRIPT] {
            assert!(page.contains(part));
        }
        assert_eq!(page.matches("</script>").count(), 2);
    }

    #[test]
    fn a_profile_cannot_bring_markup_along() {
        let mut profile = Profile::seeds();
        profile.name = "</script><b a=\"".into();
        profile.says = "1 < 2 & {{table}}".into();
        let page = html(&profile);
        assert!(page.contains("<code>&lt;/script&gt;&lt;b a=&quot;</code>: 1 &lt; 2 &amp; {{table}}"));
        assert_eq!(page.matches("</script>").count(), 2);
    }
}
