//! A `cstok serve` of its own for a test.

use std::io::{BufRead, BufReader, Error, Result};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A running `cstok serve --demo` on a free port of loopback; it ends when this is dropped.
#[derive(Debug)]
pub struct Served {
    child: Child,
    _stdout: BufReader<ChildStdout>,
    /// What it said of itself when it began to accept connections.
    pub hello: Value,
}

impl Served {
    /// Starts one over memory, with the demo stack, and without rate limits unless `args` say otherwise.
    ///
    /// # Errors
    ///
    /// When it does not start, or says something else than JSON.
    pub fn start(args: &[&str]) -> Result<Self> {
        Self::over("memory", args)
    }

    /// The same over another store.
    ///
    /// # Errors
    ///
    /// As with [`Served::start`].
    pub fn over(store: &str, args: &[&str]) -> Result<Self> {
        let mut child = Command::new(crate::cstok()?)
            .args(["serve", "--listen", "127.0.0.1:0", "--store", store, "--demo", "--json"])
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()?;
        let stdout = child.stdout.take().ok_or_else(|| Error::other("no stdout"))?;
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let hello =
            serde_json::from_str(&line).map_err(|error| Error::other(format!("{error} in `{line}`")))?;
        Ok(Self { child, _stdout: stdout, hello })
    }

    /// A text of what it said: `url`, `api_key`, `email`, `password`, `authtoken`.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.hello.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// Ends it at once, in the middle of whatever it does.
    ///
    /// # Errors
    ///
    /// When it had ended before.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn address(&self) -> (&str, &str, &str) {
        let (scheme, authority) = self.text("url").split_once("://").unwrap_or_default();
        let (host, port) = authority.trim_end_matches('/').rsplit_once(':').unwrap_or((authority, ""));
        (scheme, host, port)
    }

    /// A command that knows where the service is: `CS_SCHEME`, `CS_HOST`, `CS_PORT`, `CS_API_KEY`, `CS_EMAIL`, `CS_PASSWORD`,
    /// `CS_AUTHTOKEN`; and `CS_ADMIN_URL` and `CS_ADMIN_TOKEN` when it was started with `--admin`.
    #[must_use]
    pub fn command(&self, program: &std::path::Path) -> Command {
        let (scheme, host, port) = self.address();
        let mut command = Command::new(program);
        command
            .env("CS_SCHEME", scheme)
            .env("CS_HOST", host)
            .env("CS_PORT", port)
            .env("CS_API_KEY", self.text("api_key"))
            .env("CS_EMAIL", self.text("email"))
            .env("CS_PASSWORD", self.text("password"))
            .env("CS_AUTHTOKEN", self.text("authtoken"))
            .env("CS_ADMIN_URL", self.text("admin_url").trim_end_matches('/'))
            .env("CS_ADMIN_TOKEN", self.text("admin_token"))
            .stdin(Stdio::null());
        command
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Nothing of this service is needed afterwards, and a test must not hang on it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
