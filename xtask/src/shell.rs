//! Running other programs, with a line for each step and its time.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// A program with its arguments, to be run in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    words: Vec<String>,
    variables: Vec<(String, String)>,
}

impl Line {
    /// From one line of words, separated by blanks. No quoting: arguments with blanks go to [`Line::arg`].
    pub(crate) fn new(words: &str) -> Self {
        Self { words: words.split_whitespace().map(str::to_owned).collect(), variables: Vec::new() }
    }

    /// Of a program at a place, whose name may hold blanks.
    pub(crate) fn program(path: &Path) -> Self {
        Self::new("").arg(path.to_string_lossy())
    }

    /// With one more argument.
    pub(crate) fn arg(mut self, argument: impl Into<String>) -> Self {
        self.words.push(argument.into());
        self
    }

    /// With an environment variable.
    pub(crate) fn var(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// As it would be typed.
    pub(crate) fn shown(&self) -> String {
        self.words.join(" ")
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(self.words.first().map_or("", String::as_str));
        command.args(self.words.iter().skip(1)).current_dir(folder);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it, its output going where ours goes.
    pub(crate) fn run(&self, folder: &Path) -> Result<()> {
        let status =
            self.command(folder).status().with_context(|| format!("cannot start `{}`", self.shown()))?;
        ensure!(status.success(), "`{}` failed ({status})", self.shown());
        Ok(())
    }

    /// Runs it and answers what it wrote to stdout.
    pub(crate) fn read(&self, folder: &Path) -> Result<String> {
        let output = self
            .command(folder)
            .stderr(Stdio::piped())
            .output()
            .with_context(|| format!("cannot start `{}`", self.shown()))?;
        ensure!(
            output.status.success(),
            "`{}` failed ({})\n{}",
            self.shown(),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// Whether it starts and ends well, quietly.
    pub(crate) fn works(&self, folder: &Path) -> bool {
        self.command(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Well,
    Failed,
    /// What it needs is not there.
    NotRun,
    /// It was run, and there is nothing here that its result can be held against.
    NotCompared,
}

/// Steps that were run, with their outcome and time.
#[derive(Debug, Default)]
pub(crate) struct Steps(Vec<(String, Outcome, Duration)>);

impl Steps {
    /// Runs a step. A failure is shown and remembered, and the steps after it still run.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<()>) {
        let start = Instant::now();
        let done = timed(name, work);
        let time = start.elapsed();
        if let Err(error) = &done {
            eprintln!("error: {error:#}");
        }
        let outcome = if done.is_ok() { Outcome::Well } else { Outcome::Failed };
        self.0.push((name.to_owned(), outcome, time));
    }

    /// Runs a step that compares, or answers why it could not. That is seen at the end, and no failure anywhere: what was
    /// measured elsewhere says nothing here, and nobody who waits for this run can change that.
    pub(crate) fn comparison(&mut self, name: &str, work: impl FnOnce() -> Result<Option<String>>) {
        let mut why_not = None;
        self.step(name, || {
            why_not = work()?;
            Ok(())
        });
        if let (Some(why), Some((name, outcome, _))) = (why_not, self.0.last_mut()) {
            *name = format!("{name}: {why}");
            *outcome = Outcome::NotCompared;
        }
    }

    /// Notes a step whose need is missing, with what it needs. It is seen at the end; where nobody looks, it is a failure: with
    /// `CI` set, what is green was run.
    pub(crate) fn not_run(&mut self, name: &str, why: &str) {
        self.left_out(name, why, in_ci());
    }

    fn left_out(&mut self, name: &str, why: &str, must_run: bool) {
        println!("\nNOT RUN {name}: {why}");
        let outcome = if must_run { Outcome::Failed } else { Outcome::NotRun };
        self.0.push((format!("{name}: {why}"), outcome, Duration::ZERO));
    }

    /// Prints what was run, and answers whether all of it went well.
    pub(crate) fn finish(&self) -> bool {
        println!();
        for line in self.lines() {
            println!("{line}");
        }
        self.0.iter().all(|(_, outcome, _)| *outcome != Outcome::Failed)
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(name, outcome, time)| {
            let word = match outcome {
                Outcome::Well => "ok",
                Outcome::Failed => "FAILED",
                Outcome::NotRun => "NOT RUN",
                Outcome::NotCompared => "NOT COMPARED",
            };
            format!("{word:<12} {:>7.1} s  {name}", time.as_secs_f64())
        })
    }
}

/// Whether this is a run that nobody watches: `CI` is set, to something else than no.
pub(crate) fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| is_set(&value))
}

fn is_set(value: &str) -> bool {
    !["", "false", "0"].contains(&value)
}

/// Does a piece of work between two lines that say what it is, how it went and how long it took.
pub(crate) fn timed(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("\n== {name}");
    let start = Instant::now();
    let done = work();
    let word = if done.is_ok() { "ok" } else { "FAILED" };
    println!("== {name}: {word} in {:.1} s", start.elapsed().as_secs_f64());
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_run_in_their_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(Line::new("pwd").read(folder).unwrap().ends_with("xtask"));
        assert!(Line::new("test -f Cargo.toml").works(folder));
        assert!(!Line::new("no-such-program-anywhere").works(folder));
        assert_eq!(Line::new("printenv COLOUR").var("COLOUR", "green").read(folder).unwrap(), "green");
        assert_eq!(Line::new("echo a").arg("b c").shown(), "echo a b c");
    }

    #[test]
    fn one_failed_step_fails_all_and_the_others_still_run() {
        let mut steps = Steps::default();
        steps.step("first", || anyhow::bail!("broken"));
        let mut ran = false;
        steps.step("second", || {
            ran = true;
            Ok(())
        });
        assert!(ran);
        assert!(!steps.finish());
        assert!(Steps::default().finish());
    }

    #[test]
    fn what_was_not_compared_is_seen_and_fails_nothing() {
        let mut steps = Steps::default();
        steps.comparison("first", || Ok(None));
        steps.comparison("second", || Ok(Some("made by another".to_owned())));
        let lines: Vec<_> = steps.lines().collect();
        assert!(lines[0].starts_with("ok ") && lines[0].ends_with(" s  first"), "{lines:?}");
        assert!(lines[1].starts_with("NOT COMPARED ") && lines[1].ends_with("second: made by another"));
        assert!(steps.finish());
        steps.comparison("third", || anyhow::bail!("too much"));
        assert!(!steps.finish());
    }

    #[test]
    fn whether_somebody_watches_is_read_in_one_way() {
        assert!(is_set("true") && is_set("1") && is_set("yes"));
        assert!(!is_set("") && !is_set("false") && !is_set("0"));
    }

    #[test]
    fn what_was_not_run_fails_where_nobody_looks() {
        let mut steps = Steps::default();
        steps.step("first", || Ok(()));
        steps.left_out("second", "it needs a thing", false);
        assert!(steps.finish());
        steps.left_out("third", "it needs a thing", true);
        assert!(!steps.finish());
    }
}
