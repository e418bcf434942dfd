//! What tests and counts need beside Rust, how it is found, and how it is installed by package name.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::release::pow;
use crate::shell::Line;

/// Something that tests or counts need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Node 18 or newer, with npm.
    Node,
    /// Python 3 that can make virtual environments with pip.
    Python,
    /// The packages of `tests/clients/js/package.json`.
    NpmPackages,
    /// The packages of `tests/clients/python/requirements.txt`.
    PythonPackages,
    /// The programs of a PostgreSQL server, for a cluster that lives as long as a test.
    PostgreSql,
    /// A browser without a window, for the pages.
    Chromium,
    /// The counter of instructions; not for tests.
    Valgrind,
    /// Of which the program that people download takes a function; not for tests.
    Musl,
}

/// All that the tests need, what others need first.
pub(crate) const ALL: [Need; 6] =
    [Need::Node, Need::Python, Need::NpmPackages, Need::PythonPackages, Need::PostgreSql, Need::Chromium];

const JS: &str = "tests/clients/js";
const PYTHON: &str = "tests/clients/python";
const OLDEST_NODE: u32 = 18;
/// Where Debian's packages put the programs of each version of PostgreSQL.
const POSTGRESQL: &str = "/usr/lib/postgresql";

impl Need {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Node => "node >= 18 and npm",
            Self::Python => "python3 with venv and pip",
            Self::NpmPackages => "npm packages",
            Self::PythonPackages => "Python packages",
            Self::PostgreSql => "PostgreSQL server",
            Self::Chromium => "Chromium",
            Self::Valgrind => "valgrind",
            Self::Musl => "musl's libc.a, and ar",
        }
    }

    /// How it is installed, in a clause.
    pub(crate) fn how(self) -> &'static str {
        match self {
            Self::Node => "the Debian packages nodejs and npm, by apt-get",
            Self::Python => "the Debian packages python3, python3-venv and python3-pip, by apt-get",
            Self::NpmPackages => {
                "@contentstack/management, @contentstack/delivery-sdk, contentstack, the schema of SARIF, and what they need, by npm ci in tests/clients/js"
            }
            Self::PythonPackages => {
                "contentstack-management, pyotp, duckdb, schemathesis and what they need, by pip into tests/clients/python/.venv"
            }
            Self::PostgreSql => "the Debian package postgresql, by apt-get",
            Self::Chromium => "the Debian package chromium, by apt-get",
            Self::Valgrind => "the Debian package valgrind, by apt-get",
            Self::Musl => "the Debian packages musl-dev and binutils, by apt-get",
        }
    }

    /// Whether it is there, in the versions that are asked for.
    fn found(self, root: &Path) -> bool {
        match self {
            Self::Node => {
                let version = Line::new("node --version").read(root).ok().and_then(|text| node_major(&text));
                version.is_some_and(|major| major >= OLDEST_NODE) && Line::new("npm --version").works(root)
            }
            Self::Python => Line::new("python3 -c").arg("import venv, ensurepip").works(root),
            Self::NpmPackages => npm_packages_found(&root.join(JS)).unwrap_or(false),
            Self::PythonPackages => python_packages_found(&root.join(PYTHON)).unwrap_or(false),
            Self::PostgreSql => postgresql_found(Path::new(POSTGRESQL)),
            Self::Chromium => Line::new("chromium --version").works(root),
            Self::Valgrind => Line::new("valgrind --version").works(root),
            Self::Musl => {
                pow::musl(std::env::consts::ARCH).is_some()
                    && Line::new("ar --version").works(root)
                    && Line::new("nm --version").works(root)
            }
        }
    }

    /// Installs it.
    pub(crate) fn install(self, root: &Path) -> Result<()> {
        match self {
            Self::Node => apt(root, "nodejs npm"),
            Self::Python => apt(root, "python3 python3-venv python3-pip"),
            Self::NpmPackages => {
                Line::new("npm ci --ignore-scripts --no-audit --no-fund").run(&root.join(JS))
            }
            Self::PythonPackages => {
                let folder = root.join(PYTHON);
                Line::new("python3 -m venv --clear .venv").run(&folder)?;
                Line::new(".venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.txt")
                    .run(&folder)
            }
            Self::PostgreSql => apt(root, "postgresql"),
            Self::Chromium => apt(root, "chromium"),
            Self::Valgrind => apt(root, "valgrind"),
            Self::Musl => apt(root, "musl-dev binutils"),
        }
    }
}

/// What of these is not there.
pub(crate) fn missing(root: &Path, needs: &[Need]) -> Vec<Need> {
    needs.iter().copied().filter(|need| !need.found(root)).collect()
}

fn apt(root: &Path, packages: &str) -> Result<()> {
    if !Line::new("apt-get --version").works(root) {
        bail!("there is no apt-get here; install {packages} by the means of this system");
    }
    let is_root = Line::new("id -u").read(root)? == "0";
    let sudo = if is_root { "" } else { "sudo " };
    Line::new(&format!("{sudo}apt-get update -q")).run(root)?;
    Line::new(&format!("{sudo}apt-get install -y -q --no-install-recommends {packages}"))
        .var("DEBIAN_FRONTEND", "noninteractive")
        .run(root)
}

/// `v20.1.0` is 20.
fn node_major(text: &str) -> Option<u32> {
    text.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Whether npm's note of what it installed has every package of the lock file in its version.
fn npm_packages_found(folder: &Path) -> Result<bool> {
    let wanted = locked_versions(&read(&folder.join("package-lock.json"))?);
    let Ok(installed) = fs::read_to_string(folder.join("node_modules/.package-lock.json")) else {
        return Ok(false);
    };
    let installed = locked_versions(&installed);
    Ok(!wanted.is_empty() && wanted.iter().all(|package| installed.contains(package)))
}

/// The packages of a lock file with their versions. npm writes these files, one key on each line,
/// so a look at the lines is enough and no JSON reader is needed here.
fn locked_versions(text: &str) -> Vec<(String, String)> {
    let mut packages = Vec::new();
    let mut current = None;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("\"node_modules/").and_then(|rest| rest.strip_suffix("\": {")) {
            current = Some(name.to_owned());
        } else if let Some(version) = line.strip_prefix("\"version\": ")
            && let Some(name) = current.take()
        {
            packages.push((name, version.trim_matches([',', '"']).to_owned()));
        }
    }
    packages
}

/// Whether the virtual environment has every pinned package in its version.
fn python_packages_found(folder: &Path) -> Result<bool> {
    let wanted = pinned(&read(&folder.join("requirements.txt"))?);
    let list = Line::new(".venv/bin/python -m pip list --format=freeze --disable-pip-version-check");
    let Ok(installed) = list.read(folder) else { return Ok(false) };
    let installed = pinned(&installed);
    Ok(!wanted.is_empty() && wanted.iter().all(|package| installed.contains(package)))
}

/// Whether a version below this folder can make clusters, run them and be asked.
fn postgresql_found(versions: &Path) -> bool {
    let programs = |version: &Path| {
        ["initdb", "pg_ctl", "postgres", "psql"]
            .iter()
            .all(|program| version.join("bin").join(program).exists())
    };
    fs::read_dir(versions).is_ok_and(|entries| entries.flatten().any(|entry| programs(&entry.path())))
}

/// `Name==1.2` on each line; names compare without case and with `-` for `_` and `.`, as pip compares them.
fn pinned(text: &str) -> Vec<(String, String)> {
    text.lines()
        .map(|line| line.split('#').next().unwrap_or("").trim())
        .filter_map(|line| line.split_once("=="))
        .map(|(name, version)| (name.to_lowercase().replace(['_', '.'], "-"), version.to_owned()))
        .collect()
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node() {
        assert_eq!(node_major("v20.20.2\n"), Some(20));
        assert_eq!(node_major("v8.17.0"), Some(8));
        assert_eq!(node_major("20"), None);
    }

    #[test]
    fn packages_of_a_lock_file() {
        let text = r#"{
  "packages": {
    "": {
      "name": "ours",
      "version": "0.0.0"
    },
    "node_modules/@scope/one": {
      "version": "1.2.3",
      "dependencies": { "two": "^1" }
    },
    "node_modules/two": {
      "version": "4.5.6"
    }
  }
}"#;
        let expected = [("@scope/one", "1.2.3"), ("two", "4.5.6")];
        assert_eq!(
            locked_versions(text),
            expected.map(|(name, version)| (name.to_owned(), version.to_owned()))
        );
    }

    #[test]
    fn pinned_packages() {
        assert_eq!(
            pinned("# note\nPyOTP==2.1 # why\nrequests_toolbelt==1.0.0\nother>=1\n"),
            [("pyotp".to_owned(), "2.1".to_owned()), ("requests-toolbelt".to_owned(), "1.0.0".to_owned())]
        );
    }

    #[test]
    fn a_server_is_found_by_all_of_its_programs() {
        let folder = std::env::temp_dir().join(format!("needs-postgresql-{}", std::process::id()));
        let bin = folder.join("15/bin");
        fs::create_dir_all(&bin).unwrap();
        for program in ["initdb", "pg_ctl", "postgres"] {
            fs::write(bin.join(program), "").unwrap();
        }
        assert!(!postgresql_found(&folder));
        fs::write(bin.join("psql"), "").unwrap();
        assert!(postgresql_found(&folder));
        fs::remove_dir_all(&folder).unwrap();
        assert!(!postgresql_found(&folder));
    }

    #[test]
    fn the_pins_in_the_repository_are_read() {
        let root = crate::codegen::root();
        let packages = pinned(&read(&root.join(PYTHON).join("requirements.txt")).unwrap());
        assert!(packages.iter().any(|(name, _)| name == "contentstack-management"));
        assert!(packages.iter().any(|(name, _)| name == "schemathesis"));
        let packages = locked_versions(&read(&root.join(JS).join("package-lock.json")).unwrap());
        assert!(packages.iter().any(|(name, _)| name == "@contentstack/management"));
    }
}
