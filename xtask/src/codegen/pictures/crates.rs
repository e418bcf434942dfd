//! The crates: rows and arrows from the manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::svg::{At, Picture, as_size};

/// What the manifests do not say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    title: String,
    says: String,
    #[serde(rename = "crate")]
    crates: Vec<CrateWords>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CrateWords {
    name: String,
    says: Vec<String>,
    /// From 0, left, to 1, right.
    column: f64,
    /// Without I/O.
    #[serde(default)]
    pure: bool,
}

/// Which crate depends on which, of those in `crates/`; what only tests need left out.
type Graph = BTreeMap<String, BTreeSet<String>>;

const BOX: [f64; 2] = [290.0, 84.0];
const GAP: [f64; 2] = [130.0, 56.0];
const MARGIN: f64 = 24.0;

pub(super) fn draw(root: &Path, words: &Words) -> Result<Picture> {
    let graph = graph(&root.join("crates"))?;
    let described: BTreeSet<&String> = words.crates.iter().map(|row| &row.name).collect();
    let there: BTreeSet<&String> = graph.keys().collect();
    ensure!(
        described == there,
        "xtask/pictures/crates.toml describes {described:?}, and there are {there:?}"
    );
    let rows: BTreeMap<&str, usize> = graph.keys().map(|name| (name.as_str(), row(&graph, name))).collect();
    let deepest = rows.values().max().copied().unwrap_or_default();
    let width = 2.0 * MARGIN + 2.0 * BOX[0] + GAP[0];
    let height = 2.0 * MARGIN + BOX[1] + as_length(deepest) * (BOX[1] + GAP[1]);
    let mut picture = Picture::new(&words.title, &words.says, as_size(width), as_size(height));
    let places: BTreeMap<&str, [f64; 2]> = words
        .crates
        .iter()
        .map(|row| {
            let x = MARGIN + row.column * (BOX[0] + GAP[0]);
            let depth = rows.get(row.name.as_str()).copied().unwrap_or_default();
            (row.name.as_str(), [x, MARGIN + as_length(depth) * (BOX[1] + GAP[1])])
        })
        .collect();
    for (from, to) in arrows(&graph) {
        let (Some(from), Some(to)) = (places.get(from), places.get(to)) else { continue };
        // Arrows leave and arrive a little aside, so that those that cross can be told apart.
        let aside = (to[0] - from[0]).signum() * if (to[0] - from[0]).abs() < 1.0 { 0.0 } else { 50.0 };
        picture.arrow(
            "",
            [from[0] + BOX[0] / 2.0 + aside, from[1] + BOX[1]],
            [to[0] + BOX[0] / 2.0 - aside, to[1]],
        );
    }
    for row in &words.crates {
        let Some([x, y]) = places.get(row.name.as_str()).copied() else { continue };
        picture.rect(if row.pure { "box pure" } else { "box" }, [x, y, BOX[0], BOX[1]]);
        picture.text("name", At::Start, [x + 14.0, y + 26.0], &row.name);
        if row.pure {
            picture.text("quiet", At::End, [x + BOX[0] - 14.0, y + 26.0], "pure");
        }
        for (number, line) in row.says.iter().enumerate() {
            picture.text("", At::Start, [x + 14.0, y + 48.0 + 20.0 * as_length(number)], line);
        }
    }
    let legend = [
        "An arrow: depends on.",
        "Pure: no I/O, no clock, no thread.",
        "Tables in cs-model, cs-policy and cs-cli, and",
        "OpenAPI in cs-server, come from xtask/spec.",
    ];
    for (number, line) in legend.into_iter().enumerate() {
        let y = height - MARGIN - 66.0 + 20.0 * as_length(number);
        picture.text("quiet", At::Start, [MARGIN + BOX[0] + GAP[0] + 14.0, y], line);
    }
    Ok(picture)
}

/// Reads the manifests.
fn graph(folder: &Path) -> Result<Graph> {
    let mut graph = Graph::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path().join("Cargo.toml");
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let manifest: toml::Table = text.parse().with_context(|| path.display().to_string())?;
        let name = manifest.get("package").and_then(|package| package.get("name")?.as_str());
        let name = name.with_context(|| format!("{} has no name", path.display()))?;
        let needs = manifest.get("dependencies").and_then(toml::Value::as_table);
        let needs = needs.into_iter().flat_map(toml::Table::keys).cloned().collect();
        graph.insert(name.to_owned(), needs);
    }
    let known: BTreeSet<String> = graph.keys().cloned().collect();
    for needs in graph.values_mut() {
        needs.retain(|name| known.contains(name));
    }
    Ok(graph)
}

/// How many crates stand above it, one on top of another. Cargo lets no circle pass.
fn row(graph: &Graph, name: &str) -> usize {
    let above = graph.iter().filter(|(_, needs)| needs.contains(name)).map(|(user, _)| row(graph, user) + 1);
    above.max().unwrap_or_default()
}

/// Dependencies that follow from no others.
fn arrows(graph: &Graph) -> Vec<(&str, &str)> {
    let mut arrows = Vec::new();
    for (name, needs) in graph {
        for need in needs {
            let follows = needs.iter().any(|other| other != need && reaches(graph, other, need));
            if !follows {
                arrows.push((name.as_str(), need.as_str()));
            }
        }
    }
    arrows
}

fn reaches(graph: &Graph, from: &str, to: &str) -> bool {
    graph
        .get(from)
        .is_some_and(|needs| needs.contains(to) || needs.iter().any(|need| reaches(graph, need, to)))
}

fn as_length(count: usize) -> f64 {
    u32::try_from(count).map_or(0.0, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_arrows_follow_from_the_dependencies() {
        let graph: Graph = [
            ("cli", &["model", "server", "tokens"][..]),
            ("server", &["model"]),
            ("tokens", &["model", "server"]),
            ("model", &[]),
        ]
        .map(|(name, needs)| (name.to_owned(), needs.iter().map(|need| (*need).to_owned()).collect()))
        .into();
        assert_eq!(arrows(&graph), [("cli", "tokens"), ("server", "model"), ("tokens", "server")]);
        assert_eq!(["cli", "tokens", "server", "model"].map(|name| row(&graph, name)), [0, 1, 2, 3]);
    }

    #[test]
    fn the_manifests_are_read() {
        let graph = graph(&crate::codegen::root().join("crates")).unwrap();
        assert!(graph["cs-policy"].contains("cs-model") && graph["cs-model"].is_empty());
        // The client and the service meet on the wire.
        assert!(!reaches(&graph, "cs-server", "cs-tokens") && !reaches(&graph, "cs-tokens", "cs-server"));
    }
}
