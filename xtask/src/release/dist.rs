//! What people download: the program, its manual, its completions, the licences of what is in it, and a checksum.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::shell::Line;
use crate::test::{Need, provide};

use super::version::Version;
use super::{changelog, notices, pow};

const FOLDER: &str = "dist";
const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

/// Builds the program and fills `dist/` of the clone.
pub(crate) fn make(clone: &Path, target: &Path, next: Version, install: bool) -> Result<()> {
    build(clone, target, install)?.var("CARGO_TARGET_DIR", &target.to_string_lossy()).run(clone)?;
    let program = target.join("dist/cstok");
    says(&program, next)?;
    loads_libc_alone(&program, clone)?;

    let folder = clone.join(FOLDER);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    let host = host(clone)?;
    let name = format!("cstok-{next}-{host}");
    let inside = folder.join(&name);
    fs::create_dir_all(inside.join("man")).context("cannot make dist")?;
    fs::create_dir_all(inside.join("completions")).context("cannot make dist")?;
    fs::copy(&program, inside.join("cstok")).context("cannot copy the program")?;
    Line::program(&program).arg("man").arg("--dir").arg(inside.join("man").to_string_lossy()).run(clone)?;
    for shell in SHELLS {
        let script = Line::program(&program).arg("completions").arg(shell).read(clone)?;
        fs::write(inside.join("completions").join(format!("cstok.{shell}")), script + "\n")?;
    }
    for file in ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(clone.join(file), inside.join(file)).with_context(|| format!("cannot copy {file}"))?;
    }
    notices::write(clone, target, &host, &inside)?;
    if is_gnu(&host) {
        fs::write(inside.join("NOTICE-musl"), pow::NOTICE)?;
    }
    let archive = format!("{name}.tar.gz");
    Line::new("tar -czf").arg(&*archive).arg(&name).run(&folder)?;
    let unpacked = target.join("dist-unpacked");
    fs::create_dir_all(&unpacked).context("cannot make a folder to unpack into")?;
    Line::new("tar -xzf").arg(folder.join(&archive).to_string_lossy()).run(&unpacked)?;
    says(&unpacked.join(&name).join("cstok"), next)?;
    let licences = unpacked.join(&name).join(notices::FILE);
    ensure!(licences.exists(), "the archive lacks {}", notices::FILE);
    fs::remove_dir_all(&unpacked).context("cannot remove what was unpacked")?;
    let sums = sums(&folder, &archive)?;
    println!("{sums}");
    fs::write(folder.join("NOTES.md"), changelog::notes(clone, next)?).context("cannot write NOTES.md")
}

/// The program is that of the release, and starts.
fn says(program: &Path, next: Version) -> Result<()> {
    let shown = Line::program(program).arg("--version").read(Path::new("."))?;
    ensure!(shown == format!("cstok {next}"), "{} says `{shown}`, not `cstok {next}`", program.display());
    Ok(())
}

/// Writes `SHA256SUMS`: of the archive alone, so that whoever has downloaded both files can check all that it names.
fn sums(folder: &Path, archive: &str) -> Result<String> {
    let sums = Line::new("sha256sum").arg(archive).read(folder)?;
    fs::write(folder.join("SHA256SUMS"), format!("{sums}\n")).context("cannot write SHA256SUMS")?;
    Line::new("sha256sum --quiet --check SHA256SUMS").run(folder)?;
    Ok(sums)
}

/// How the program is built that people download.
///
/// Where `gcc` links for GNU's libc, the library that unwinds and the one function of `libm` that is called are taken into the
/// program: two files less to find and to load at each start. A build from source does without, since not every machine has
/// the archives.
pub(crate) fn build(folder: &Path, target: &Path, install: bool) -> Result<Line> {
    let line = Line::new("cargo rustc --quiet --profile dist --locked --package cs-cli --bin cstok");
    let host = host(folder)?;
    if !is_gnu(&host) {
        return Ok(line);
    }
    provide(folder, needs(folder)?, install)?;
    let musl = pow::musl(processor(&host)).context("the archive of musl is not where packages put it")?;
    let pow = pow::archive(&musl, target)?;
    Ok(line
        .arg("--")
        .arg("-lstatic:-bundle=gcc_eh")
        .arg("-L")
        .arg(format!("native={}", pow.display()))
        .arg(format!("-lstatic:-bundle={}", pow::NAME)))
}

/// What the build asks a machine for beside the compiler.
pub(crate) fn needs(folder: &Path) -> Result<&'static [Need]> {
    Ok(if is_gnu(&host(folder)?) { &[Need::Musl] } else { &[] })
}

/// What was to be taken in is in.
fn loads_libc_alone(program: &Path, folder: &Path) -> Result<()> {
    if is_gnu(&host(folder)?) {
        let loads = Line::new("ldd").arg(program.to_string_lossy()).read(folder)?;
        let other = loads.lines().find(|line| ["libm.", "libgcc_s."].iter().any(|name| line.contains(name)));
        ensure!(other.is_none(), "{} loads more than libc: {loads}", program.display());
    }
    Ok(())
}

fn is_gnu(host: &str) -> bool {
    host.ends_with("-linux-gnu")
}

/// `x86_64` of `x86_64-unknown-linux-gnu`.
fn processor(host: &str) -> &str {
    host.split('-').next().unwrap_or(host)
}

/// Brings `dist/` into the tree, in place of what was there.
pub(crate) fn copy(clone: &Path, root: &Path) -> Result<()> {
    let (from, to) = (clone.join(FOLDER), root.join(FOLDER));
    if to.exists() {
        fs::remove_dir_all(&to).with_context(|| format!("cannot remove {}", to.display()))?;
    }
    copy_all(&from, &to)
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from)? {
        let path: PathBuf = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_all(&path, &target)?;
        } else {
            fs::copy(&path, &target).with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    Ok(())
}

/// The triple that the compiler builds for.
fn host(folder: &Path) -> Result<String> {
    let version = Line::new("rustc -vV").read(folder)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc names no host")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With the two files that a release has, and nothing else.
    #[test]
    fn the_checksums_can_be_checked_by_who_downloads() {
        let folder = std::env::temp_dir().join(format!("dist-sums-{}", std::process::id()));
        let (made, got) = (folder.join("made"), folder.join("got"));
        fs::create_dir_all(made.join("cstok-1.2.3-host")).unwrap();
        fs::create_dir_all(&got).unwrap();
        fs::write(made.join("cstok-1.2.3-host/cstok"), "program").unwrap();
        fs::write(made.join("cstok-1.2.3-host.tar.gz"), "archive").unwrap();
        sums(&made, "cstok-1.2.3-host.tar.gz").unwrap();
        for file in ["SHA256SUMS", "cstok-1.2.3-host.tar.gz"] {
            fs::copy(made.join(file), got.join(file)).unwrap();
        }
        let check = Line::new("sha256sum --quiet --check SHA256SUMS");
        check.run(&got).unwrap();
        fs::write(got.join("cstok-1.2.3-host.tar.gz"), "another").unwrap();
        assert!(!check.works(&got));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn folders_are_copied_whole() {
        let folder = std::env::temp_dir().join(format!("dist-copy-{}", std::process::id()));
        let (clone, root) = (folder.join("clone"), folder.join("root"));
        fs::create_dir_all(clone.join("dist/man")).unwrap();
        fs::write(clone.join("dist/man/a.1"), "a").unwrap();
        fs::create_dir_all(root.join("dist")).unwrap();
        fs::write(root.join("dist/old"), "old").unwrap();
        copy(&clone, &root).unwrap();
        assert_eq!(fs::read_to_string(root.join("dist/man/a.1")).unwrap(), "a");
        assert!(!root.join("dist/old").exists());
        fs::remove_dir_all(&folder).unwrap();
    }
}
