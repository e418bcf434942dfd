//! Every public async method has its blocking twin: found by reading the sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// `Type::method` for every line that begins with `start` inside an `impl` block, over all files of a folder.
fn methods(folder: &Path, start: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("blocking") {
                methods(&path, start, found);
            }
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let mut owner = "";
        for line in text.lines() {
            if line.starts_with("impl") {
                let name = line.split_once("> ").map_or(line, |(_, rest)| rest);
                owner = name.split(['<', ' ']).next().unwrap();
            }
            if let Some(rest) = line.trim_start().strip_prefix(start) {
                let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                found.insert(format!("{owner}::{name}"));
            }
        }
    }
}

/// The public methods that give a stream, with their files.
fn streams(sources: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(sources.join("client")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for part in text.split("    pub fn ").skip(1) {
            let signature = part.split('{').next().unwrap();
            if signature.contains("impl Stream<") {
                let name = signature.split(['(', '<']).next().unwrap().to_owned();
                found.push((path.file_name().unwrap().to_string_lossy().into_owned(), name));
            }
        }
    }
    found
}

fn implements_iterator(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.contains(" Iterator for "))
}

#[test]
fn every_async_method_has_a_blocking_twin() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut asynchronous = BTreeSet::new();
    methods(&sources, "pub async fn ", &mut asynchronous);
    let mut blocking = BTreeSet::new();
    methods(&sources.join("blocking"), "pub fn ", &mut blocking);
    let text = fs::read_to_string(sources.join("blocking.rs")).unwrap();
    for line in text.lines() {
        if let Some(rest) = line.trim_start().strip_prefix("pub fn ") {
            blocking.insert(format!("Client::{}", rest.split(['(', '<']).next().unwrap()));
        }
    }
    // A stream's twin is an iterator, or a method that gives one.
    for (file, method) in streams(&sources) {
        let twin = match method.as_str() {
            "into_stream" => implements_iterator(&sources.join("blocking").join(&file)),
            _ => blocking.contains(&format!("Client::{method}")),
        };
        assert!(twin, "{file}: `{method}` has no blocking twin");
        asynchronous.insert(format!("stream {method}"));
        blocking.insert(format!("stream {method}"));
    }
    assert!(asynchronous.iter().filter(|name| name.starts_with("stream ")).count() >= 2, "{asynchronous:?}");
    assert!(asynchronous.len() > 20, "the reader found only {asynchronous:?}");
    let missing: Vec<_> = asynchronous.difference(&blocking).collect();
    assert!(missing.is_empty(), "without a blocking twin: {missing:?}");
}
