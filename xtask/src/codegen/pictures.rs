//! `docs/pictures/*.svg`: pictures drawn from `xtask/pictures`, held to the manifests and the code that they are of.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::de::DeserializeOwned;

use super::OutFile;
use super::spec::Spec;

mod checks;
mod crates;
mod sequence;
mod svg;

pub(crate) use svg::escaped;

/// Where their sources are.
const FOLDER: &str = "xtask/pictures";

/// All pictures.
pub(crate) fn generate(root: &Path, spec: &Spec) -> Result<Vec<OutFile>> {
    Ok(vec![
        file("crates", crates::draw(root, &read(root, "crates")?)?),
        file("checks", checks::draw(root, spec, &read(root, "checks")?)?),
        file("create", sequence::draw(root, &read(root, "create")?)?),
    ])
}

fn file(name: &str, picture: svg::Picture) -> OutFile {
    let path = format!("docs/pictures/{name}.svg");
    OutFile { path, text: picture.finish(&format!("{FOLDER}/{name}.toml")) }
}

fn read<T: DeserializeOwned>(root: &Path, name: &str) -> Result<T> {
    let path = root.join(FOLDER).join(format!("{name}.toml"));
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{FOLDER}/{name}.toml"))
}

/// Where a part of a picture stands in the code.
#[derive(Debug, Clone, Copy)]
struct Anchor<'a> {
    file: &'a str,
    code: &'a str,
}

/// Sees to it that every text is in its file; with `in_order`, those of one file one after another.
fn hold<'a>(
    root: &Path,
    name: &str,
    anchors: impl IntoIterator<Item = Anchor<'a>>,
    in_order: bool,
) -> Result<()> {
    let mut files: BTreeMap<&str, (String, usize)> = BTreeMap::new();
    for Anchor { file, code } in anchors {
        if !files.contains_key(file) {
            let text = fs::read_to_string(root.join(file))
                .with_context(|| format!("{FOLDER}/{name}.toml: cannot read {file}"))?;
            files.insert(file, (text, 0));
        }
        let Some((text, after)) = files.get_mut(file) else { continue };
        let from = if in_order { *after } else { 0 };
        let found = text.get(from..).and_then(|rest| rest.find(code));
        ensure!(
            found.is_some(),
            "{FOLDER}/{name}.toml: `{code}` is not in {file}{}: has the code changed what the picture shows?",
            if in_order { ", or comes earlier there" } else { "" }
        );
        *after = from + found.unwrap_or_default();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_held_to_the_code_and_its_order() {
        let root = crate::codegen::root();
        let file = "xtask/src/codegen/pictures/svg.rs";
        let anchors = |codes: [&'static str; 2]| codes.map(|code| Anchor { file, code });
        let (first, second) = ("fn new(", "fn finish(");
        assert!(hold(&root, "x", anchors([first, second]), true).is_ok());
        assert!(hold(&root, "x", anchors([second, first]), false).is_ok());
        let wrong = hold(&root, "x", anchors([second, first]), true).unwrap_err().to_string();
        assert!(wrong.contains("`fn new(` is not in") && wrong.contains("comes earlier"), "{wrong}");
        assert!(hold(&root, "x", [Anchor { file, code: "fn nobody_wrote_this" }], false).is_err());
        assert!(hold(&root, "x", [Anchor { file: "no/such/file.rs", code: "" }], false).is_err());
    }

    #[test]
    fn pictures_say_what_they_show_and_bring_nothing_from_elsewhere() {
        let root = crate::codegen::root();
        let spec = Spec::load(&root.join("xtask/spec")).unwrap();
        for OutFile { path, text } in generate(&root, &spec).unwrap() {
            assert!(text.contains("role=\"img\" aria-labelledby=\"title desc\""), "{path}");
            assert!(text.contains("<title id=\"title\">") && text.contains("<desc id=\"desc\">"), "{path}");
            assert!(text.contains("prefers-color-scheme: dark"), "{path}");
            assert!(
                !text.contains("href") && !text.contains("<script") && !text.contains("url(http"),
                "{path}"
            );
        }
    }
}
