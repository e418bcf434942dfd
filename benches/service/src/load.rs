//! The client: 16 connections on one thread, each with one request at a time, reading no more of an answer than it must.
//!
//! Beside a server of one thread it never sleeps. Else the server would pay for waking it up, and the more so the slower it is: a
//! fast one keeps the client awake. Clients of a real service are on other machines, and are woken by others.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, JoinSet};

use crate::served::Served;

/// How many connections there are.
pub(crate) const CONNECTIONS: usize = 16;

/// What is sent.
#[derive(Clone, Debug)]
pub(crate) enum Script {
    /// One request, so often in all.
    Same { request: Vec<u8>, count: usize, status: u16 },
    /// For each connection its own, one after another.
    Own { requests: Vec<Vec<Vec<u8>>>, status: u16 },
}

impl Script {
    fn count(&self) -> usize {
        match self {
            Self::Same { count, .. } => *count,
            Self::Own { requests, .. } => requests.iter().map(Vec::len).sum(),
        }
    }
}

/// One run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) count: usize,
    pub(crate) time: Duration,
    /// Of the server's thread.
    pub(crate) cpu: Duration,
}

/// The fastest of several runs, and the one that took the server least.
#[derive(Debug, Default)]
pub(crate) struct Best {
    per_second: f64,
    cpu_micros: Option<f64>,
}

impl Best {
    pub(crate) fn add(&mut self, run: Run) {
        self.per_second = self.per_second.max(run.count as f64 / run.time.as_secs_f64());
        let micros = run.cpu.as_secs_f64() * 1e6 / run.count as f64;
        self.cpu_micros = Some(self.cpu_micros.map_or(micros, |best| best.min(micros)));
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.per_second
    }

    pub(crate) fn cpu_micros(&self) -> f64 {
        self.cpu_micros.unwrap_or_default()
    }
}

/// Whether the client sleeps while it has nothing to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    Awake,
    /// It leaves its processor to a server that has work for more than one.
    Sleeps,
}

/// Sends the script to a server of this process.
pub(crate) fn run(server: &Served, script: &Script, client: Client) -> Result<Run> {
    let before = server.cpu_nanos();
    let time = send(server.address, script, client)?;
    let cpu = Duration::from_nanos(server.cpu_nanos() - before);
    Ok(Run { count: script.count(), time, cpu })
}

/// Sends the script to any server. How long it took.
pub(crate) fn send(address: SocketAddr, script: &Script, client: Client) -> Result<Duration> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let mut streams = Vec::new();
        for _ in 0..CONNECTIONS {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            streams.push(stream);
        }
        let awake = (client == Client::Awake).then(|| tokio::spawn(stay_awake()));
        let start = Instant::now();
        let mut connections = JoinSet::new();
        for (index, stream) in streams.into_iter().enumerate() {
            match script {
                Script::Same { request, count, status } => {
                    let requests = vec![request.clone()];
                    connections.spawn(converse(stream, requests, count / CONNECTIONS, *status));
                }
                Script::Own { requests, status } => {
                    let own = requests.get(index).cloned().unwrap_or_default();
                    connections.spawn(converse(stream, own, 1, *status));
                }
            }
        }
        while let Some(done) = connections.join_next().await {
            done??;
        }
        let time = start.elapsed();
        awake.iter().for_each(JoinHandle::abort);
        Ok(time)
    })
}

/// Keeps the thread from sleeping: there is always something left to do.
async fn stay_awake() {
    loop {
        tokio::task::yield_now().await;
    }
}

async fn converse(mut stream: TcpStream, requests: Vec<Vec<u8>>, times: usize, status: u16) -> Result<()> {
    let mut buffer = vec![0; 64 << 10];
    for _ in 0..times {
        for request in &requests {
            stream.write_all(request).await?;
            answer(&mut stream, &mut buffer, status).await?;
        }
    }
    Ok(())
}

/// Reads one answer to its end.
async fn answer(stream: &mut TcpStream, buffer: &mut [u8], status: u16) -> Result<()> {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await?;
        ensure!(read > 0, "the server ended the connection");
        filled += read;
        if let Some(length) = whole(&buffer[..filled]) {
            let text = String::from_utf8_lossy(&buffer[..filled.min(2000)]);
            ensure!(buffer[9..12] == *status.to_string().as_bytes(), "unexpected answer: {text}");
            if filled < length {
                continue;
            }
            ensure!(filled == length, "more than one answer came");
            return Ok(());
        }
        if filled == buffer.len() {
            bail!("an answer has no end");
        }
    }
}

/// How long the answer is that begins here; `None` when its head has not come in whole.
fn whole(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(bytes.get(..head)?).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    })?;
    Some(head + length)
}
