//! `cargo xtask release`: everything between "it is ready" and a tag.
//!
//! All of it happens in a temporary clone. The tree itself gets a commit and a tag when every step went well, and with
//! `--dry-run` not even these, so that a release that fails half-way leaves nothing to clean up.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::shell::{Line, timed};
use crate::test::{NEEDS, Need, provide};
use crate::{api, rust};

mod changelog;
pub(crate) mod dist;
mod notices;
mod package;
pub(crate) mod pow;
mod semver;
mod version;
mod workplace;

use version::Version;
pub(crate) use version::Wanted;
use workplace::Workplace;

/// The version of the workspace, as it is shown.
pub(crate) fn current(root: &Path) -> Result<String> {
    version::current(root).map(|version| version.to_string())
}

/// How the release is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) wanted: Wanted,
    /// Do everything but the commit and the tag.
    pub(crate) dry_run: bool,
    /// Do not run the checks and tests: they have just passed on this commit.
    pub(crate) skip_ci: bool,
    /// Install what is missing without asking.
    pub(crate) install: bool,
}

/// Makes the release. Answers `true`, or why it was not made.
pub(crate) fn run(root: &Path, options: Options) -> Result<bool> {
    let current = version::current(root)?;
    let next = options.wanted.after(current, has_tag(root, current)?)?;
    let last = last_tag(root)?;
    println!(
        "release {next}, after {}{}",
        last.as_deref().unwrap_or("none"),
        if options.dry_run { " (dry run)" } else { "" }
    );
    timed("clean tree", || clean(root, next))?;
    timed("compiler, and what the steps need", || ready(root, options))?;
    let place = Workplace::of(root)?;
    let clone = place.tree();
    let target = workplace::target(&api::target(root)?)?;
    let there = |line: Line| line.var("CARGO_TARGET_DIR", &target.to_string_lossy()).run(&clone);

    if options.skip_ci {
        println!("\n== ci: left out, as asked");
    } else {
        // Nobody is asked again: what the machine lacked is there, and what is left goes into the clone.
        timed("ci", || there(Line::new("cargo xtask ci").var("CI", "true")))?;
    }
    timed("changelog", || changelog::release(&clone, next, &today(root)?))?;
    timed("versions", || {
        version::set(&clone, current, next)?;
        there(Line::new("cargo update --quiet --workspace --offline"))
    })?;
    timed("codegen", || {
        there(Line::new("cargo xtask codegen"))?;
        version::none_is_left(&clone, current, next)
    })?;
    timed("public API", || {
        there(Line::new("cargo xtask api --check"))?;
        semver::check(&clone, last.as_deref(), next)
    })?;
    timed("commit", || commit(root, &clone, next))?;
    timed("packages", || package::check(&clone, &place.packages(), &target, next))?;
    timed("dist", || dist::make(&clone, &target, next, options.install))?;

    if options.dry_run {
        println!("\nrelease {next} would be made: every step passed, and this tree is as it was");
        return Ok(true);
    }
    timed("commit and tag", || take(root, &clone, next))?;
    println!("\nrelease {next} is made; what is left is yours:");
    println!("  git push --follow-tags");
    println!("  cargo publish --workspace");
    Ok(true)
}

/// Fills `dist/` of the tree itself, for the version that it has.
pub(crate) fn dist(root: &Path, install: bool) -> Result<bool> {
    let current = version::current(root)?;
    let (kind, name) = (std::env::var("GITHUB_REF_TYPE").ok(), std::env::var("GITHUB_REF_NAME").ok());
    is_of_tag(kind.as_deref(), name.as_deref(), current)?;
    dist::make(root, &api::target(root)?, current, install)?;
    Ok(true)
}

/// A workflow that was started by the tag of a release makes the files of that release, and no other.
fn is_of_tag(kind: Option<&str>, name: Option<&str>, version: Version) -> Result<()> {
    let of_release = |name: &str| {
        name.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    };
    let Some(tag) = name.filter(|name| kind != Some("branch") && of_release(name)) else { return Ok(()) };
    ensure!(
        tag == version.tag(),
        "the tag is {tag} and the version in Cargo.toml {version}: tag the commit that `cargo xtask release` made"
    );
    Ok(())
}

/// The tree has no change that is not committed, and no tag of this name.
fn clean(root: &Path, next: Version) -> Result<()> {
    let changed = Line::new("git status --porcelain").read(root)?;
    ensure!(changed.is_empty(), "commit or remove these first:\n{changed}");
    ensure!(!has_tag(root, next)?, "the tag {} exists already", next.tag());
    Ok(())
}

/// What would stop a later step is seen before the first, and what is missing is asked for once, here, where somebody looks.
fn ready(root: &Path, options: Options) -> Result<()> {
    if let Some(why) = rust::other(root)? {
        bail!("no release is made with this compiler: {why}");
    }
    provide(root, &needs(options.skip_ci, dist::needs(root)?), options.install)
}

/// All that ci and dist ask this machine for.
fn needs(skip_ci: bool, of_dist: &[Need]) -> Vec<Need> {
    let of_ci: &[Need] = if skip_ci { &[] } else { &NEEDS };
    [of_ci, of_dist].concat()
}

fn has_tag(root: &Path, version: Version) -> Result<bool> {
    Ok(!Line::new("git tag --list").arg(version.tag()).read(root)?.is_empty())
}

/// The newest tag of a release before, if there is one.
fn last_tag(root: &Path) -> Result<Option<String>> {
    let tags = Line::new("git tag --list v[0-9]* --sort=-version:refname --merged HEAD").read(root)?;
    Ok(tags.lines().next().map(str::to_owned))
}

fn today(root: &Path) -> Result<String> {
    Line::new("date -u +%Y-%m-%d").read(root)
}

/// Of the tree's settings, what a commit is made with, and what stands for it on a machine that has none.
const SETTINGS: [(&str, Option<&str>); 7] = [
    ("user.name", Some("cs-tokens release")),
    ("user.email", Some("release@localhost")),
    ("user.signingkey", None),
    ("commit.gpgsign", None),
    ("gpg.format", None),
    ("gpg.program", None),
    ("gpg.ssh.program", None),
];

/// Whoever releases is the author, by the name that the tree has for them: a clone does not take over its settings.
fn commit(root: &Path, clone: &Path, next: Version) -> Result<()> {
    let mut line = Line::new("git");
    for (key, other) in SETTINGS {
        let own = Line::new("git config --get").arg(key).read(root).ok();
        if let Some(value) = own.as_deref().filter(|value| !value.is_empty()).or(other) {
            line = line.arg("-c").arg(format!("{key}={value}"));
        }
    }
    let message = format!("Release {next}");
    line.arg("commit").arg("--quiet").arg("--all").arg("--message").arg(message).run(clone)
}

/// Brings the commit of the clone into the tree, and tags it. The files come last: they can be made again.
fn take(root: &Path, clone: &Path, next: Version) -> Result<()> {
    Line::new("git pull --quiet --ff-only").arg(clone.to_string_lossy()).arg("HEAD").run(root)?;
    Line::new("git tag --annotate --message").arg(format!("Release {next}")).arg(next.tag()).run(root).context(
        "the commit is made, the tag is not; after mending, tag it by hand or undo the commit with `git reset --hard HEAD~1`",
    )?;
    dist::copy(clone, root).context(
        "the commit and the tag are made, dist/ is not; after mending, fill it by `cargo xtask dist`",
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    const NEXT: Version = Version { major: 1, minor: 2, patch: 3 };

    /// A tree with settings of its own, and a clone of it with a change and a `dist/`.
    fn trees(name: &str) -> (PathBuf, PathBuf, PathBuf) {
        let folder = std::env::temp_dir().join(format!("release-{name}-{}", std::process::id()));
        let (root, clone) = (folder.join("root"), folder.join("clone"));
        fs::create_dir_all(&root).unwrap();
        Line::new("git init --quiet").run(&root).unwrap();
        for (key, value) in
            [("user.name", "Ada Own"), ("user.email", "ada@example.com"), ("commit.gpgsign", "false")]
        {
            Line::new("git config").arg(key).arg(value).run(&root).unwrap();
        }
        fs::write(root.join("a"), "1").unwrap();
        fs::write(root.join(".gitignore"), "dist\n").unwrap();
        Line::new("git add --all").run(&root).unwrap();
        Line::new("git commit --quiet --message begin").run(&root).unwrap();
        Line::new("git clone --quiet root clone").run(&folder).unwrap();
        fs::write(clone.join("a"), "2").unwrap();
        fs::create_dir(clone.join("dist")).unwrap();
        fs::write(clone.join("dist/cstok"), "program").unwrap();
        commit(&root, &clone, NEXT).unwrap();
        (folder, root, clone)
    }

    #[test]
    fn all_steps_ask_for_what_they_need_at_once() {
        let dist = dist::needs(&crate::codegen::root()).unwrap();
        assert!(NEEDS.iter().chain(dist).all(|need| needs(false, dist).contains(need)));
        assert_eq!(needs(true, dist), dist);
    }

    #[test]
    fn a_tag_of_another_version_gets_no_files() {
        let of = |kind, name| is_of_tag(kind, name, NEXT).is_ok();
        assert!(of(None, None) && of(Some("tag"), Some("v1.2.3")) && of(Some("branch"), Some("v2")));
        assert!(of(Some("branch"), Some("main")) && of(Some("tag"), Some("verified")));
        assert!(!of(Some("tag"), Some("v1.2.4")) && !of(None, Some("v1.2.3-rc1")) && !of(None, Some("v1")));
    }

    #[test]
    fn the_author_is_the_one_that_the_tree_names() {
        let (folder, root, clone) = trees("author");
        take(&root, &clone, NEXT).unwrap();
        let log = Line::new("git log -1 --format=%an,%ae,%cn,%s").read(&root).unwrap();
        assert_eq!(log, "Ada Own,ada@example.com,Ada Own,Release 1.2.3");
        assert!(has_tag(&root, NEXT).unwrap() && root.join("dist/cstok").exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_release_whose_files_cannot_be_copied_has_its_tag_and_says_what_is_left() {
        let (folder, root, clone) = trees("copy");
        fs::write(root.join("dist"), "a file in the way").unwrap();
        let error = take(&root, &clone, NEXT).unwrap_err().to_string();
        assert!(error.contains("`cargo xtask dist`"), "{error}");
        assert!(has_tag(&root, NEXT).unwrap());
        fs::remove_dir_all(folder).unwrap();
    }
}
