//! The matrix: the pages in the repository, and the JSON.

use cs_model::{Profile, RouteId};
use cs_policy::export;

#[test]
fn the_pages_in_the_repository_are_the_exported_ones() {
    let profile = Profile::seeds();
    let pages = [
        ("md", "docs/reference/matrix.md", export::markdown(&profile)),
        ("html", "docs/reference/matrix-page.html", export::html(&profile)),
    ];
    for (format, path, page) in pages {
        let found = std::fs::read_to_string(cs_tests::root().join(path)).unwrap_or_default();
        assert!(found == page, "{path} is out of date: run `cstok policy export --format {format} > {path}`");
    }
}

#[test]
fn the_json_has_every_route_for_every_kind() {
    let json: serde_json::Value = serde_json::from_str(&export::json(&Profile::seeds())).unwrap();
    assert_eq!((json["schema"].as_u64(), json["profile"].as_str()), (Some(1), Some("seeds")));
    let cells = json["cells"].as_array().unwrap();
    for kind in cs_policy::Kind::ALL {
        let routes = cells
            .iter()
            .filter(|cell| cell["kind"] == kind.name() && !cell["api"].is_null())
            .map(|cell| cell["routes"].as_array().unwrap().len());
        assert_eq!(routes.sum::<usize>(), RouteId::all().len(), "{kind}");
    }
    let known: Vec<&str> =
        json["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    for cell in cells {
        assert!(!cell["verdicts"].as_array().unwrap().is_empty(), "{cell}");
        for rule in cell["decided_by"].as_array().unwrap() {
            assert!(known.contains(&rule["rule"].as_str().unwrap()), "{cell}");
        }
    }
}

/// From the sentences of the documents: what a reader of the matrix must find there.
#[test]
fn the_json_says_what_the_documents_say() {
    let json: serde_json::Value = serde_json::from_str(&export::json(&Profile::seeds())).unwrap();
    let verdicts = |kind: &str, module: &str, action: &str| {
        let cells = json["cells"].as_array().unwrap();
        let found = cells.iter().find(|cell| {
            cell["kind"] == kind
                && cell["module"] == module
                && cell["action"] == action
                && cell["api"] == "management"
        });
        found.map(|cell| cell["verdicts"].to_string()).unwrap_or_default()
    };
    // A management token cannot create delivery tokens; the pages of preview tokens contradict each other.
    assert_eq!(verdicts("management", "delivery_token", "create"), r#"["forbidden"]"#);
    assert!(verdicts("management", "preview_token", "create").contains("undocumented"));
    assert!(verdicts("management", "entry", "update").starts_with(r#"["allow","not_granted""#));
    assert_eq!(verdicts("delivery", "entry", "read"), r#"["forbidden"]"#);
    assert_eq!(verdicts("anonymous", "user_session", "login"), r#"["allow"]"#);
}
