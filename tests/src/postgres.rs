//! A throw-away PostgreSQL for a test.

use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Where Debian's packages put the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// A PostgreSQL with an empty cluster in a folder of its own, reached by a socket in that folder. It ends, and the folder
/// goes, when this is dropped.
#[derive(Debug)]
pub struct Postgres {
    bin: PathBuf,
    folder: TempDir,
    user: Option<String>,
    options: String,
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

    /// Makes a cluster and starts it, without any port.
    ///
    /// # Errors
    ///
    /// When PostgreSQL is not installed, or does not start.
    pub fn start() -> Result<Self> {
        let this = Self::make("-c listen_addresses=''")?;
        this.resume()?;
        Ok(this)
    }

    /// The same on a port of loopback, where it speaks TLS only and asks for the password of its user.
    ///
    /// # Errors
    ///
    /// As with [`Postgres::start`].
    pub fn start_tls(port: u16, password: &str, certificate: &str, key: &str) -> Result<Self> {
        let mut this = Self::make(&format!("-c listen_addresses=127.0.0.1 -p {port} -c ssl=on"))?;
        this.resume()?;
        this.run_sql(&format!("ALTER USER postgres PASSWORD '{password}'"))?;
        this.stop()?;
        for (name, text) in [
            ("server.crt", certificate),
            ("server.key", key),
            ("pg_hba.conf", "hostssl all all 127.0.0.1/32 scram-sha-256\nlocal all all trust\n"),
        ] {
            let path = this.data().join(name);
            std::fs::write(&path, text)?;
            this.give(&path)?;
            run(Command::new("chmod").arg("600").arg(&path))?;
        }
        this.options.push_str(" -c ssl_min_protocol_version=TLSv1.2");
        this.resume()?;
        Ok(this)
    }

    fn make(options: &str) -> Result<Self> {
        let missing = "PostgreSQL is missing: run `cargo xtask test --install`";
        let bin = Self::find().ok_or_else(|| Error::other(missing))?;
        let folder = tempfile::tempdir()?;
        // A cluster that lives for one test need not outlive the machine. It does outlive its own processes.
        let options = format!("-k {} -c fsync=off {options}", folder.path().display());
        let this = Self { bin, folder, user: other_user()?, options };
        this.give(this.folder.path())?;
        run(this
            .program("initdb")
            .arg("-D")
            .arg(this.data())
            .args(["-A", "trust", "-U", "postgres"])
            .args(["-E", "UTF8", "--locale=C", "--no-sync"]))?;
        Ok(this)
    }

    /// Starts it again. One that was killed may still be going, so it is tried for some seconds.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub fn resume(&self) -> Result<()> {
        let start = Instant::now();
        loop {
            let started = run(self
                .program("pg_ctl")
                .arg("-D")
                .arg(self.data())
                .arg("-l")
                .arg(self.folder.path().join("log"))
                // Without TLS, the files for it need not be there yet.
                .args(["-w", "-o", &self.plain_unless_ready(), "start"]));
            if started.is_ok() || start.elapsed() > Duration::from_secs(10) {
                return started;
            }
            sleep(Duration::from_millis(50));
        }
    }

    fn plain_unless_ready(&self) -> String {
        if self.data().join("server.key").exists() {
            self.options.clone()
        } else {
            self.options.replace("-c ssl=on", "")
        }
    }

    /// Kills the first process of the server, with no chance to finish anything; the others then end by themselves.
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub fn kill(&self) -> Result<()> {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid"))?;
        let pid = file.lines().next().unwrap_or_default().trim();
        run(Command::new("kill").args(["-9", pid]))
    }

    fn stop(&self) -> Result<()> {
        run(self.program("pg_ctl").arg("-D").arg(self.data()).args(["-m", "immediate", "-w", "stop"]))
    }

    /// Its address for `--store`, by the socket.
    #[must_use]
    pub fn url(&self) -> String {
        let port = self.options.split_once("-p ").and_then(|(_, rest)| rest.split(' ').next());
        let port = port.map(|port| format!("&port={port}")).unwrap_or_default();
        format!("postgres://postgres@/postgres?host={}{port}", self.socket().display())
    }

    /// Runs SQL; what it prints, columns parted by `|`.
    ///
    /// # Errors
    ///
    /// When it fails.
    pub fn run_sql(&self, sql: &str) -> Result<String> {
        let mut command = self.psql("postgres");
        if let Some((_, rest)) = self.options.split_once("-p ") {
            command.args(["-p", rest.split(' ').next().unwrap_or_default()]);
        }
        let output = command.args(["-A", "-t", "-c", sql]).output()?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        Err(Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    fn give(&self, path: &Path) -> Result<()> {
        match &self.user {
            Some(user) => run(Command::new("chown").arg(user).arg(path)),
            None => Ok(()),
        }
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
        let _ = self.stop();
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
