//! A throw-away PostgreSQL for a test.

use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Where Debian's packages put the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// A PostgreSQL with an empty cluster in a folder of its own, reached by a socket in that folder and by no port. It ends,
/// and the folder goes, when this is dropped.
#[derive(Debug)]
pub struct Postgres {
    bin: PathBuf,
    folder: TempDir,
    user: Option<String>,
}

impl Postgres {
    /// The folder of the newest installed version's programs.
    #[must_use]
    pub fn find() -> Option<PathBuf> {
        let versions = std::fs::read_dir(VERSIONS).ok()?.flatten();
        versions
            .filter_map(|entry| {
                Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
            })
            .filter(|(_, bin)| bin.join("initdb").exists())
            .max()
            .map(|(_, bin)| bin)
    }

    /// Makes a cluster and starts it.
    ///
    /// # Errors
    ///
    /// When PostgreSQL is not installed, or does not start.
    pub fn start() -> Result<Self> {
        let missing = "PostgreSQL is missing: run `cargo xtask test --install`";
        let bin = Self::find().ok_or_else(|| Error::other(missing))?;
        let folder = tempfile::tempdir()?;
        let user = other_user()?;
        if let Some(user) = &user {
            run(Command::new("chown").arg(user).arg(folder.path()))?;
        }
        let this = Self { bin, folder, user };
        let data = this.data();
        run(this.program("initdb").arg("-D").arg(&data).args(["-A", "trust", "-U", "postgres"]).args([
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]))?;
        // A cluster that lives for one test needs no protection against a crash.
        let options = format!("-k {} -c listen_addresses='' -c fsync=off", this.folder.path().display());
        run(this
            .program("pg_ctl")
            .arg("-D")
            .arg(&data)
            .arg("-l")
            .arg(this.folder.path().join("log"))
            .args(["-w", "-o", &options, "start"]))?;
        Ok(this)
    }

    /// The folder of its socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        self.folder.path()
    }

    /// Its terminal client on a database, stopping at the first error.
    #[must_use]
    pub fn psql(&self, database: &str) -> Command {
        let mut command = Command::new(self.bin.join("psql"));
        command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database, "-h"]);
        command.arg(self.socket()).stdin(Stdio::null());
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A program of the server, run as a user that it accepts.
    fn program(&self, name: &str) -> Command {
        let path = self.bin.join(name);
        let mut command = match &self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(path);
                command
            }
            None => Command::new(path),
        };
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Nothing of this cluster is needed afterwards.
        let _ =
            run(self.program("pg_ctl").arg("-D").arg(self.data()).args(["-m", "immediate", "-w", "stop"]));
    }
}

/// As whom the server runs when this is root, which it refuses: Debian's `postgres`, else `nobody`.
fn other_user() -> Result<Option<String>> {
    let id = |arguments: &[&str]| Command::new("id").args(arguments).output();
    if id(&["-u"])?.stdout.trim_ascii() != b"0" {
        return Ok(None);
    }
    let known = id(&["-u", "postgres"])?.status.success();
    Ok(Some(if known { "postgres" } else { "nobody" }.to_owned()))
}

fn run(command: &mut Command) -> Result<()> {
    // Its output goes to a file and not to a pipe: the server would keep a pipe open.
    let output = tempfile::tempfile()?;
    let status = command.stdout(output.try_clone()?).stderr(output.try_clone()?).status()?;
    if status.success() {
        return Ok(());
    }
    let mut text = String::new();
    std::io::Seek::rewind(&mut &output)?;
    std::io::Read::read_to_string(&mut &output, &mut text)?;
    Err(Error::other(format!("{command:?} failed ({status})\n{text}")))
}
