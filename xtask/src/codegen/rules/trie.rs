//! The tables of `classify`: for each API an automaton over path segments.
//!
//! A tree of segments would need to go back where a literal leads nowhere and a parameter would have matched. So the tree
//! is made deterministic: each node of the automaton stands for all nodes of the tree that the same segments lead to, the
//! one with the more literal path first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::Result;

use super::FOLDER;
use crate::codegen::OutFile;
use crate::codegen::spec::{Api, RouteRow, Spec};

/// No node, no route.
const NONE: u16 = u16::MAX;

/// A node of the tree.
#[derive(Default)]
struct Node<'a> {
    literals: BTreeMap<&'a str, usize>,
    parameter: Option<usize>,
    /// By method.
    routes: [Option<usize>; 4],
}

/// The tree of one API. The root comes first.
struct Tree<'a>(Vec<Node<'a>>);

/// The automata of all APIs in one table.
#[derive(Default)]
struct Automaton<'a> {
    nodes: Vec<State>,
    literals: Vec<(&'a str, usize)>,
}

/// A node of an automaton.
struct State {
    first: usize,
    count: usize,
    parameter: Option<usize>,
    routes: [Option<usize>; 4],
}

/// `trie.rs`
pub(super) fn trie(spec: &Spec) -> Result<OutFile> {
    let mut automaton = Automaton::default();
    let mut roots = Vec::new();
    for api in Api::ALL {
        let mut tree = Tree(vec![Node::default()]);
        for (index, row) in spec.routes.iter().enumerate().filter(|(_, row)| row.api == api) {
            tree.insert(spec, index, row);
        }
        roots.push(automaton.add(&tree));
    }
    let number =
        |number: Option<usize>| number.map_or_else(|| "NONE".to_owned(), |number| number.to_string());
    let mut body = String::from("use crate::classify::{Literal, NONE, Node};\n\n");
    writeln!(body, "/// The root of each API, in the order of `Api::ALL`.")?;
    writeln!(body, "pub(crate) static ROOTS: [u16; {}] = {roots:?};\n", roots.len())?;
    writeln!(body, "/// Where a path may be after some segments.")?;
    writeln!(body, "pub(crate) static NODES: [Node; {}] = [", automaton.nodes.len())?;
    for node in &automaton.nodes {
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
    writeln!(body, "pub(crate) static LITERALS: [Literal; {}] = [", automaton.literals.len())?;
    for (text, node) in &automaton.literals {
        writeln!(body, "Literal {{ text: {text:?}, node: {node} }},")?;
    }
    writeln!(body, "];")?;
    anyhow::ensure!(automaton.nodes.len() < usize::from(NONE), "too many nodes");
    OutFile::rust(&format!("{FOLDER}/trie.rs"), "xtask/spec/routes.toml", &body)
}

impl<'a> Tree<'a> {
    fn insert(&mut self, spec: &Spec, index: usize, row: &'a RouteRow) {
        let mut node = 0;
        for segment in row.path.split('/').skip(1) {
            let next = self.0.len();
            let place = &mut self.0[node];
            node = if segment.starts_with('{') {
                *place.parameter.get_or_insert(next)
            } else {
                *place.literals.entry(segment).or_insert(next)
            };
            if node == next {
                self.0.push(Node::default());
            }
        }
        let place = &mut self.0[node].routes[row.method as usize];
        // Two rows may match the same requests. The one whose template serves more methods stands for both.
        let siblings = |row: &RouteRow| {
            spec.routes.iter().filter(|other| other.api == row.api && other.path == row.path).count()
        };
        match *place {
            Some(other) if siblings(&spec.routes[other]) >= siblings(row) => {}
            _ => *place = Some(index),
        }
    }

    /// Where a segment leads from all of these nodes: by the literal first, then by the parameter.
    fn after(&self, nodes: &[usize], literal: Option<&str>) -> Vec<usize> {
        let next = |node: &usize| {
            let node = &self.0[*node];
            let literal = literal.and_then(|text| node.literals.get(text)).copied();
            literal.into_iter().chain(node.parameter)
        };
        nodes.iter().flat_map(next).collect()
    }
}

impl<'a> Automaton<'a> {
    /// Adds the automaton of a tree; answers the number of its root.
    fn add(&mut self, tree: &Tree<'a>) -> usize {
        self.state(tree, &[0], &mut BTreeMap::new())
    }

    /// The node that stands for these, the first of them before the others.
    fn state(&mut self, tree: &Tree<'a>, nodes: &[usize], known: &mut BTreeMap<Vec<usize>, usize>) -> usize {
        if let Some(number) = known.get(nodes) {
            return *number;
        }
        let number = self.nodes.len();
        known.insert(nodes.to_vec(), number);
        let route = |method: usize| nodes.iter().find_map(|node| tree.0[*node].routes[method]);
        // The literals of one node stand together, so the places are taken before the nodes below are added.
        let literals: BTreeSet<&'a str> =
            nodes.iter().flat_map(|node| tree.0[*node].literals.keys().copied()).collect();
        let first = self.literals.len();
        self.nodes.push(State {
            first,
            count: literals.len(),
            parameter: None,
            routes: std::array::from_fn(route),
        });
        self.literals.extend(literals.iter().map(|text| (*text, 0)));
        for (offset, text) in literals.into_iter().enumerate() {
            self.literals[first + offset].1 = self.state(tree, &tree.after(nodes, Some(text)), known);
        }
        let below = tree.after(nodes, None);
        if !below.is_empty() {
            self.nodes[number].parameter = Some(self.state(tree, &below, known));
        }
        number
    }
}
