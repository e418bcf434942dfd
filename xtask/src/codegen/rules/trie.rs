//! The tables of `classify`: one tree of path segments for each API.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;

use super::FOLDER;
use crate::codegen::OutFile;
use crate::codegen::spec::{Api, RouteRow, Spec};

/// No node, no route.
const NONE: u16 = u16::MAX;

/// A node while the tree grows.
#[derive(Default)]
struct Node<'a> {
    literals: BTreeMap<&'a str, Node<'a>>,
    parameter: Option<Box<Node<'a>>>,
    /// By method.
    routes: [Option<usize>; 4],
}

/// The tree, flattened.
#[derive(Default)]
struct Flat<'a> {
    nodes: Vec<FlatNode>,
    literals: Vec<(&'a str, usize)>,
}

struct FlatNode {
    first: usize,
    count: usize,
    parameter: Option<usize>,
    routes: [Option<usize>; 4],
}

/// `trie.rs`
pub(super) fn trie(spec: &Spec) -> Result<OutFile> {
    let mut flat = Flat::default();
    let mut roots = Vec::new();
    for api in Api::ALL {
        let mut root = Node::default();
        for (index, row) in spec.routes.iter().enumerate().filter(|(_, row)| row.api == api) {
            root.insert(spec, index, row);
        }
        roots.push(flat.add(root));
    }
    let number =
        |number: Option<usize>| number.map_or_else(|| "NONE".to_owned(), |number| number.to_string());
    let mut body = String::from("use crate::classify::{Literal, NONE, Node};\n\n");
    writeln!(body, "/// The root of each API, in the order of `Api::ALL`.")?;
    writeln!(body, "pub(crate) static ROOTS: [u16; {}] = {roots:?};\n", roots.len())?;
    writeln!(body, "/// Where a path may be after some segments.")?;
    writeln!(body, "pub(crate) static NODES: [Node; {}] = [", flat.nodes.len())?;
    for node in &flat.nodes {
        let routes: Vec<_> = node.routes.iter().map(|route| number(*route)).collect();
        writeln!(
            body,
            "Node {{ first: {}, count: {}, parameter: {}, routes: [{}] }},",
            node.first,
            node.count,
            number(node.parameter),
            routes.join(", ")
        )?;
    }
    writeln!(body, "];\n\n/// The literal segments that lead on from each node, sorted.")?;
    writeln!(body, "pub(crate) static LITERALS: [Literal; {}] = [", flat.literals.len())?;
    for (text, node) in &flat.literals {
        writeln!(body, "Literal {{ text: {text:?}, node: {node} }},")?;
    }
    writeln!(body, "];")?;
    anyhow::ensure!(flat.nodes.len() < usize::from(NONE), "too many nodes");
    OutFile::rust(&format!("{FOLDER}/trie.rs"), "xtask/spec/routes.toml", &body)
}

impl<'a> Node<'a> {
    fn insert(&mut self, spec: &Spec, index: usize, row: &'a RouteRow) {
        let mut node = self;
        for segment in row.path.split('/').skip(1) {
            node = if segment.starts_with('{') {
                node.parameter.get_or_insert_default()
            } else {
                node.literals.entry(segment).or_default()
            };
        }
        let place = &mut node.routes[row.method as usize];
        // Two rows may match the same requests. The one whose template serves more methods stands for both.
        let siblings = |row: &RouteRow| {
            spec.routes.iter().filter(|other| other.api == row.api && other.path == row.path).count()
        };
        match *place {
            Some(other) if siblings(&spec.routes[other]) >= siblings(row) => {}
            _ => *place = Some(index),
        }
    }
}

impl<'a> Flat<'a> {
    /// Adds a node and all below it; answers its number.
    fn add(&mut self, node: Node<'a>) -> usize {
        let number = self.nodes.len();
        self.nodes.push(FlatNode {
            first: 0,
            count: node.literals.len(),
            parameter: None,
            routes: node.routes,
        });
        // The literals of one node stand together, so the places are taken before the nodes below are added.
        let first = self.literals.len();
        self.nodes[number].first = first;
        self.literals.extend(node.literals.keys().map(|text| (*text, 0)));
        for (offset, below) in node.literals.into_values().enumerate() {
            self.literals[first + offset].1 = self.add(below);
        }
        self.nodes[number].parameter = node.parameter.map(|below| self.add(*below));
        number
    }
}
