//! A user's machine in a temporary folder: data directory, configuration, current folder.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A fresh machine.
pub(crate) struct Home {
    folder: TempDir,
    environment: BTreeMap<String, String>,
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("work")).unwrap();
        Self { folder, environment: BTreeMap::new() }
    }

    /// The same with an environment variable.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    /// The current folder of commands.
    pub(crate) fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// The data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    /// Writes a file into the current folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.work().join(name), text).unwrap();
    }

    /// Reads a file of the current folder.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.work().join(name)).unwrap()
    }

    /// The value of a variable in an env file of the current folder.
    pub(crate) fn variable(&self, file: &str, name: &str) -> Option<String> {
        let start = format!("{name}=");
        self.read(file).lines().find_map(|line| line.strip_prefix(&start)).map(str::to_owned)
    }

    /// The program with this machine around it, not started yet.
    pub(crate) fn command<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, args: I) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cstok"));
        command
            .args(args)
            .current_dir(self.work())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("CSTOK_DATA_DIR", self.data())
            .env("CSTOK_CONFIG", self.config())
            .envs(&self.environment)
            .stdin(Stdio::null());
        command
    }

    /// Runs `cstok` with these words as arguments.
    pub(crate) fn run(&self, line: &str) -> Ran {
        self.run_args(line.split_whitespace())
    }

    pub(crate) fn run_args<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, args: I) -> Ran {
        self.command(args).output().unwrap().into()
    }

    /// Runs `cstok` with text on standard input.
    pub(crate) fn run_with_input(&self, line: &str, input: &str) -> Ran {
        let mut child = self.spawn(line);
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap().into()
    }

    /// Starts `cstok` with a pipe for each of its streams.
    pub(crate) fn spawn(&self, line: &str) -> Child {
        self.command(line.split_whitespace())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Runs a command that must succeed and gives back its JSON document.
    pub(crate) fn json(&self, line: &str) -> Value {
        let ran = self.run(&format!("{line} --json"));
        ran.expect(0);
        ran.document()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Insists on an exit code.
    #[track_caller]
    pub(crate) fn expect(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Standard output and standard error together.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// Insists that standard output or standard error holds a text.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(
            self.all().contains(text),
            "`{text}` is missing\nstdout:\n{}\nstderr:\n{}",
            self.out,
            self.err
        );
        self
    }

    /// Insists that neither holds a text.
    #[track_caller]
    pub(crate) fn says_not(&self, text: &str) -> &Self {
        assert!(
            !self.all().contains(text),
            "`{text}` is there\nstdout:\n{}\nstderr:\n{}",
            self.out,
            self.err
        );
        self
    }

    /// The JSON document on standard output, which holds nothing else.
    #[track_caller]
    pub(crate) fn document(&self) -> Value {
        let document: Value = serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}\nstdout:\n{}\nstderr:\n{}", self.out, self.err));
        assert_eq!(document["schema"], 1);
        document
    }

    /// The rule ids of the problems in the JSON document of a failure.
    #[track_caller]
    pub(crate) fn rules(&self) -> Vec<String> {
        let document = self.document();
        let problems = document["error"]["problems"].as_array().unwrap().clone();
        problems.iter().map(|problem| problem["rule"].as_str().unwrap().to_owned()).collect()
    }
}

/// The mode of a file.
#[cfg(unix)]
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
