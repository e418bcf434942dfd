//! The access log: one JSON line for each request, written on a thread of its own (feature `server`).
//!
//! A request never waits for the log: when the queue is full, its line is left out and counted. No line holds a secret:
//! it has what a [`Trace`] knows, and the path as [`path`](self) writes it, without its query.

mod path;

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use cs_model::RouteId;
use http::Method;
use jiff::Timestamp;
use serde::Serialize;

use crate::trace::Trace;

/// How many lines may wait to be written. A line has at most some hundred bytes.
const QUEUE: usize = 8192;

/// A log of requests in a file, which only its owner can read.
///
/// When it is dropped, what waits is written first.
#[derive(Debug)]
pub struct AccessLog {
    queue: Option<SyncSender<Message>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    counts: Arc<Counts>,
}

/// What became of lines that are not in the file.
#[derive(Debug, Default)]
struct Counts {
    dropped: AtomicU64,
    failed: AtomicU64,
}

#[derive(Debug)]
enum Message {
    Line(Vec<u8>),
    Reopen,
}

/// A request that was answered, for the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered<'a> {
    pub(crate) time: Timestamp,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    /// None for an answer that never went off.
    pub(crate) status: Option<u16>,
    pub(crate) fault: Option<&'static str>,
    pub(crate) duration: Duration,
    pub(crate) trace: &'a Trace,
}

/// A line.
#[derive(Serialize)]
struct Line<'a> {
    time: Timestamp,
    method: &'a str,
    path: String,
    route: Option<&'static str>,
    api_key: Option<&'a str>,
    organization: Option<&'a str>,
    principal: Option<&'static str>,
    principal_uid: Option<&'a str>,
    branch: Option<&'a str>,
    environment: Option<&'a str>,
    status: Option<u16>,
    error_code: Option<u64>,
    verdict: Option<&'static str>,
    rules: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'static str>,
    duration_us: u64,
}

impl AccessLog {
    /// Opens a file to append to it, or makes it, and starts to write.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened, or no thread can be started.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let file = open(&path)?;
        let (queue, waiting) = sync_channel(QUEUE);
        let counts = Arc::new(Counts::default());
        let counted = Arc::clone(&counts);
        let writer = std::thread::Builder::new()
            .name("access-log".to_owned())
            .spawn(move || write(&path, file, &waiting, &counted))?;
        Ok(Self { queue: Some(queue), writer: Mutex::new(Some(writer)), counts })
    }

    /// Opens the file anew, after it was renamed, say. When that fails, the old one is written on.
    pub fn reopen(&self) {
        if let Some(queue) = &self.queue {
            // Waits where a request would not: nobody's answer depends on it.
            let _ = queue.send(Message::Reopen);
        }
    }

    /// How many lines were left out because the queue was full.
    pub fn dropped(&self) -> u64 {
        self.counts.dropped.load(Ordering::Relaxed)
    }

    /// How many lines could not be written.
    pub fn failed(&self) -> u64 {
        self.counts.failed.load(Ordering::Relaxed)
    }

    pub(crate) fn write(&self, answered: &Answered<'_>) {
        let Some(queue) = &self.queue else { return };
        if queue.try_send(Message::Line(line(answered))).is_err() {
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for AccessLog {
    fn drop(&mut self) {
        self.queue = None;
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            let _ = writer.join();
        }
    }
}

fn line(answered: &Answered<'_>) -> Vec<u8> {
    let trace = answered.trace;
    let succeeded = answered.status.is_some_and(|status| status < 400);
    let line = Line {
        time: answered.time,
        // Extension methods are the client's own words.
        method: if answered.method.as_str().len() > 16 { "" } else { answered.method.as_str() },
        path: path::shown(answered.path, trace.route, succeeded),
        route: trace.route.map(|route: RouteId| route.row().template),
        api_key: trace.api_key.as_deref(),
        organization: trace.organization.as_deref(),
        principal: trace.principal.map(cs_policy::Kind::name),
        principal_uid: trace.principal_uid.as_deref(),
        branch: trace.branch.as_deref(),
        environment: trace.environment.as_deref(),
        status: answered.status,
        error_code: trace.error_code,
        verdict: trace.verdict.map(cs_policy::Verdict::name),
        rules: trace.rules.iter().map(|rule| rule.rule().id).collect(),
        fault: answered.fault,
        duration_us: u64::try_from(answered.duration.as_micros()).unwrap_or(u64::MAX),
    };
    // Nothing in it can fail to become JSON.
    let mut line = serde_json::to_vec(&line).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Writes what comes until nobody can send any more.
fn write(path: &Path, file: File, waiting: &Receiver<Message>, counts: &Counts) {
    let mut file = BufWriter::new(file);
    let flush = |file: &mut BufWriter<File>| {
        if file.flush().is_err() {
            counts.failed.fetch_add(1, Ordering::Relaxed);
        }
    };
    loop {
        let message = match waiting.try_recv() {
            Ok(message) => message,
            Err(TryRecvError::Disconnected) => break,
            // Whoever looks at the file while nothing happens sees all that happened.
            Err(TryRecvError::Empty) => {
                flush(&mut file);
                match waiting.recv() {
                    Ok(message) => message,
                    Err(_) => break,
                }
            }
        };
        match message {
            Message::Line(line) => {
                if file.write_all(&line).is_err() {
                    counts.failed.fetch_add(1, Ordering::Relaxed);
                }
            }
            Message::Reopen => {
                flush(&mut file);
                match open(path) {
                    Ok(anew) => file = BufWriter::new(anew),
                    Err(error) => {
                        tracing::error!(path = %path.display(), %error, "cannot reopen the access log");
                    }
                }
            }
        }
    }
    flush(&mut file);
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    if file.metadata()?.is_file() {
        use std::os::unix::fs::PermissionsExt as _;
        // One that another program made may be open to more. It holds no secrets, but who does what when.
        let mode = file.metadata()?.permissions().mode();
        if mode & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(mode & 0o700))?;
        }
    }
    Ok(file)
}
