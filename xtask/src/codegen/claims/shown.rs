//! Looks up the tests that show claims: they exist, are tests, and are run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The expectations of cs-policy that are written from the seeds.
pub(super) const EXPECTATIONS: &str = "crates/cs-policy/policies/seeds.toml";

/// The tests of a workspace; every file is read once.
#[derive(Debug)]
pub(super) struct Tests {
    root: PathBuf,
    /// The text of each file of Rust, by its path.
    files: BTreeMap<String, Option<String>>,
    /// The ids of each file of expectations, by its path.
    ids: BTreeMap<String, Option<Vec<String>>>,
}

#[derive(Deserialize)]
struct Expectations {
    test: Vec<Expectation>,
}

#[derive(Deserialize)]
struct Expectation {
    id: String,
}

impl Tests {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), files: BTreeMap::new(), ids: BTreeMap::new() }
    }

    /// Finds `path::function` in a file of Rust, `path#id` in a file of expectations; or says what is wrong.
    pub(super) fn find(&mut self, test: &str) -> Result<(), &'static str> {
        if let Some((path, id)) = test.split_once('#') {
            let ids = self.ids(path).ok_or("there is no such file")?;
            return if ids.iter().any(|known| known == id) { Ok(()) } else { Err("no test of this id") };
        }
        let (path, name) = test.split_once("::").ok_or("is neither `path::function` nor `path#id`")?;
        let text = self.read(path).ok_or("there is no such file")?;
        function(text, name)?;
        if let Some((folder, file)) = path.split_once("/tests/it/") {
            let module = file.trim_end_matches(".rs").split('/').next().unwrap_or_default();
            let main = self.read(&format!("{folder}/tests/it/main.rs")).unwrap_or_default();
            if !main.lines().any(|line| line.trim() == format!("mod {module};")) {
                return Err("its file is not part of the test binary");
            }
        }
        Ok(())
    }

    /// The ids of the expectations that are written from the seeds.
    pub(super) fn expectations(&mut self) -> Vec<String> {
        self.ids(EXPECTATIONS).unwrap_or_default().to_vec()
    }

    fn read(&mut self, path: &str) -> Option<&str> {
        let read = || fs::read_to_string(self.root.join(path)).ok();
        self.files.entry(path.to_owned()).or_insert_with(read).as_deref()
    }

    fn ids(&mut self, path: &str) -> Option<&[String]> {
        let read = || fs::read_to_string(self.root.join(path)).ok().map(|text| ids(&text));
        self.ids.entry(path.to_owned()).or_insert_with(read).as_deref()
    }
}

/// The ids of a file of expectations; none when it is not one.
fn ids(text: &str) -> Vec<String> {
    let file: Option<Expectations> = toml::from_str(text).ok();
    file.map_or(Vec::new(), |file| file.test.into_iter().map(|test| test.id).collect())
}

/// Finds a function that the test harness runs.
fn function(text: &str, name: &str) -> Result<(), &'static str> {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let opening = format!("fn {name}(");
    let place = lines.iter().position(|line| line.starts_with(&opening)).ok_or("no test of this name")?;
    let before = lines[..place].iter().rev();
    let above = before.take_while(|line| line.starts_with("#[") || line.starts_with("//"));
    let mut is_test = false;
    for line in above {
        is_test |= *line == "#[test]";
        if line.starts_with("#[ignore") {
            return Err("this test is ignored");
        }
    }
    if is_test { Ok(()) } else { Err("this function is no test") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::root;

    #[test]
    fn tests_are_found_where_they_are() {
        let mut tests = Tests::new(&root());
        assert_eq!(tests.find("crates/cs-server/tests/it/delivery.rs::there_are_twenty_at_most"), Ok(()));
        assert_eq!(tests.find(&format!("{EXPECTATIONS}#001.delivery.no_drafts")), Ok(()));
        assert_eq!(tests.find(&format!("{EXPECTATIONS}#001.delivery.drafts")), Err("no test of this id"));
        assert_eq!(tests.find("crates/none/tests/it/x.rs::x"), Err("there is no such file"));
        assert_eq!(tests.find("README.md#x"), Err("no test of this id"));
        assert_eq!(tests.find("there_are_twenty_at_most"), Err("is neither `path::function` nor `path#id`"));
        assert!(!tests.expectations().is_empty());
    }

    #[test]
    fn a_file_that_the_binary_does_not_have_shows_nothing() {
        let folder = std::env::temp_dir().join(format!("xtask-claims-{}", std::process::id()));
        let it = folder.join("crates/x/tests/it");
        fs::create_dir_all(&it).unwrap();
        fs::write(it.join("main.rs"), "mod inside;\n").unwrap();
        for name in ["inside.rs", "outside.rs"] {
            fs::write(it.join(name), "#[test]\nfn a() {}\n").unwrap();
        }
        let mut tests = Tests::new(&folder);
        let found = ["inside", "outside"].map(|name| tests.find(&format!("crates/x/tests/it/{name}.rs::a")));
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, [Ok(()), Err("its file is not part of the test binary")]);
    }

    #[test]
    fn only_what_is_run_is_a_test() {
        let text = "fn helper() {}\n/// Says.\n#[test]\n#[should_panic]\nfn plain() {}\n\n#[test]\n#[ignore]\nfn idle() {}\n";
        assert_eq!(function(text, "plain"), Ok(()));
        assert_eq!(function(text, "helper"), Err("this function is no test"));
        assert_eq!(function(text, "idle"), Err("this test is ignored"));
        assert_eq!(function(text, "plai"), Err("no test of this name"));
    }
}
