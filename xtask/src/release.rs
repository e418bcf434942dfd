//! `cargo xtask release`: everything between "it is ready" and a tag.
//!
//! All of it happens in a temporary clone. The tree itself gets a commit and a tag when every step went well, and with
//! `--dry-run` not even these, so that a release that fails half-way leaves nothing to clean up.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::api;
use crate::shell::{Line, timed};

mod changelog;
pub(crate) mod dist;
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
    let place = Workplace::of(root)?;
    let clone = place.tree();
    let target = workplace::target(&api::target(root)?)?;
    let there = |line: Line| line.var("CARGO_TARGET_DIR", &target.to_string_lossy()).run(&clone);

    if options.skip_ci {
        println!("\n== ci: left out, as asked");
    } else {
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
    timed("commit", || commit(&clone, next))?;
    timed("packages", || package::check(&clone, &place.packages(), &target, next))?;
    timed("dist", || dist::make(&clone, &target, next, true))?;

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
    dist::make(root, &api::target(root)?, version::current(root)?, install)?;
    Ok(true)
}

/// The tree has no change that is not committed, and no tag of this name.
fn clean(root: &Path, next: Version) -> Result<()> {
    let changed = Line::new("git status --porcelain").read(root)?;
    ensure!(changed.is_empty(), "commit or remove these first:\n{changed}");
    ensure!(!has_tag(root, next)?, "the tag {} exists already", next.tag());
    Ok(())
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

fn commit(clone: &Path, next: Version) -> Result<()> {
    for (key, other) in [("user.name", "cs-tokens release"), ("user.email", "release@localhost")] {
        // Whoever releases is the author; only a machine without a name needs the other.
        if !Line::new("git config").arg(key).works(clone) {
            Line::new("git config").arg(key).arg(other).run(clone)?;
        }
    }
    Line::new("git commit --quiet --all --message").arg(format!("Release {next}")).run(clone)
}

/// Brings the commit of the clone into the tree, and tags it.
fn take(root: &Path, clone: &Path, next: Version) -> Result<()> {
    Line::new("git pull --quiet --ff-only").arg(clone.to_string_lossy()).arg("HEAD").run(root)?;
    dist::copy(clone, root)?;
    Line::new("git tag --annotate --message").arg(format!("Release {next}")).arg(next.tag()).run(root).context(
        "the commit is made, the tag is not; after mending, tag it by hand or undo the commit with `git reset --hard HEAD~1`",
    )
}
