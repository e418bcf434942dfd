//! The licences of the crates that are linked into the program, which ask to be handed on with it: by cargo-about, which is
//! installed into the target folder when missing, from `about.toml` and `about.hbs`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::api::PROGRAM;
use crate::shell::Line;
use crate::tools::Tool;

/// What it is called beside the program.
pub(super) const FILE: &str = "THIRD-PARTY.md";

/// In the version that `about.toml` is written for. What compares texts is optimised, as it would take minutes.
const ABOUT: Tool = Tool {
    name: "cargo-about",
    version: "0.9.3",
    options: "--features cli --config profile.dev.package.spdx.opt-level=3 \
              --config profile.dev.package.regex-automata.opt-level=3 \
              --config profile.dev.package.aho-corasick.opt-level=3 \
              --config profile.dev.package.memchr.opt-level=3 \
              --config profile.dev.package.unicode-normalization.opt-level=3",
};

/// Writes the file into a folder, for the program that is built for this host, and looks whether every crate is in it.
pub(super) fn write(clone: &Path, target: &Path, host: &str, folder: &Path) -> Result<()> {
    let program = ABOUT.provide_in(target, clone)?;
    // Packages of other systems, too: without these the next command, which is kept from any network, would not know them.
    Line::new("cargo fetch --quiet --locked").run(clone)?;
    let file = folder.join(FILE);
    Line::program(&program)
        .arg("generate")
        .arg("--frozen")
        .arg("--fail")
        .arg("--manifest-path")
        .arg(format!("crates/{PROGRAM}/Cargo.toml"))
        .arg("--config")
        .arg("about.toml")
        .arg("--target")
        .arg(host)
        .arg("--output-file")
        .arg(file.to_string_lossy())
        .arg("about.hbs")
        .run(clone)?;
    let text = fs::read_to_string(&file).with_context(|| format!("{FILE} was not written"))?;
    let linked = Line::new("cargo tree --locked --edges normal --prefix none --format {p} --target")
        .arg(host)
        .arg("--package")
        .arg(PROGRAM)
        .read(clone)?;
    let lacking = lacking(&text, &linked);
    ensure!(lacking.is_empty(), "{FILE} names no licence of {}; see about.toml", lacking.join(", "));
    Ok(())
}

/// The crates of a list, `name v1.2.3` and more on each line, that have no line in the text.
fn lacking(text: &str, linked: &str) -> Vec<String> {
    let mut crates: Vec<_> = linked
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some(format!("{} {}", words.next()?, words.next()?.trim_start_matches('v')))
        })
        .collect();
    crates.sort_unstable();
    crates.dedup();
    crates.retain(|name| !text.lines().any(|line| line.starts_with(&format!("- {name}: "))));
    crates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_without_a_licence_is_named() {
        let text = "## MIT License\n\n- a 1.0.0: MIT\n- cs-cli 0.1.0: MIT OR Apache-2.0\n";
        let linked = "cs-cli v0.1.0 (/somewhere)\na v1.0.0\nb v2.0.0 (proc-macro)\na v1.0.0 (*)\na v1.0.01\n\nb v2.0.0\n";
        assert_eq!(lacking(text, linked), ["a 1.0.01", "b 2.0.0"]);
        assert_eq!(lacking(text, "a v1.0.0\n"), [""; 0]);
    }

    #[test]
    fn what_may_come_in_may_be_handed_on() {
        let root = crate::codegen::root();
        let read = |file: &str| fs::read_to_string(root.join(file)).unwrap();
        let names = |list: &toml::Value| {
            let mut names: Vec<_> =
                list.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
            names.sort_unstable();
            names
        };
        let (about, deny): (toml::Table, toml::Table) =
            (read("about.toml").parse().unwrap(), read("deny.toml").parse().unwrap());
        assert_eq!(names(&about["accepted"]), names(&deny["licenses"]["allow"]));
        assert!(read("docs/install.md").contains(&format!("| `{FILE}` |")));
    }
}
