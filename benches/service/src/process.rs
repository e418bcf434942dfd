//! A whole process: how soon it answers, and how much memory it takes.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use cs_bench_rows::{Bound, Table, grown};
use cs_server::store::RedbStore;
use cs_server::{Options, Service, demo};
use jiff::Timestamp;
use serde_json::Value;

use crate::load::{self, CONNECTIONS, Client, Script};

/// How often each process is started.
const STARTS: usize = 20;

/// How many tokens the memory is measured with at first, how many times as many after that, and with how many it is judged.
const TOKENS: usize = 100;
const TIMES: [usize; 3] = [1, 10, 100];
const JUDGED: usize = 10_000;

struct Process {
    child: Child,
    hello: Value,
    address: SocketAddr,
    took: Duration,
}

impl Process {
    /// Starts a program that says on its first line where it serves, and waits for it to accept a connection.
    fn start(program: &Path, arguments: &[&str]) -> Result<Self> {
        let start = Instant::now();
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("`{}` does not start", program.display()))?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        let hello: Value = serde_json::from_str(&line).context("its first line is no JSON")?;
        let url = hello["url"].as_str().unwrap_or_default();
        let address = url.trim_start_matches("http://").trim_end_matches('/').parse()?;
        TcpStream::connect(address)?;
        Ok(Self { child, took: start.elapsed(), hello, address })
    }

    /// Resident memory in MiB.
    fn resident(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kilobytes / 1024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has nothing to lose.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `cstok`, beside this program.
fn cstok() -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("cstok");
    anyhow::ensure!(path.exists(), "run `cargo build --release -p cs-cli` first");
    Ok(path)
}

/// Starts and measures `cstok serve` beside a bare server.
pub(crate) fn measure(table: &mut Table) -> Result<()> {
    let (cstok, this) = (cstok()?, std::env::current_exe()?);
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--store", "memory", "--json"];
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        bare.push(Process::start(&this, &["serve-bare"])?.took);
        ours.push(Process::start(&cstok, &arguments)?.took);
    }
    let millis = |times: &[Duration]| times.iter().min().map_or(0.0, |time| time.as_secs_f64() * 1e3);
    let (ours, bare) = (millis(&ours), millis(&bare));
    table.beside("start until it accepts", "ms", ours, ("bare axum", bare), Bound::None);
    table.alone("start, beyond that of bare axum", "ms", ours - bare, Bound::AtMost(5.0));
    let process = Process::start(&cstok, &arguments)?;
    table.alone("resident at the start", "MiB", process.resident()?, Bound::AtMost(24.0));
    drop(process);
    for times in TIMES {
        let count = TOKENS * times;
        let limit = format!("delivery_tokens_per_stack={count}");
        let more = ["--demo", "--no-rate-limit", "--limit", &limit];
        let process = Process::start(&cstok, &[&arguments[..], &more].concat())?;
        fill(&process, count)?;
        let resident = process.resident()?;
        if count == JUDGED {
            table.alone("resident with 10,000 tokens", "MiB", resident, Bound::AtMost(40.0));
        }
        table.alone(&grown("resident", count, "tokens", times), "MiB", resident, Bound::None);
    }
    for times in TIMES {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("start.redb");
        stacks(&file, times)?;
        let file = file.to_string_lossy().into_owned();
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--store", &file, "--json"];
        let mut took = Vec::new();
        for _ in 0..STARTS {
            took.push(Process::start(&cstok, &arguments)?.took);
        }
        let what = grown("start until it accepts, over a file", times, "stacks", times);
        table.alone(&what, "ms", millis(&took), Bound::None);
    }
    Ok(())
}

/// Makes a file with so many stacks beside that of the demo.
fn stacks(file: &Path, count: usize) -> Result<()> {
    let now = Timestamp::now();
    let service = Service::new(RedbStore::open(file)?, Options::default());
    let demo = demo::ensure(&service, now)?;
    for number in 0..count {
        let name = format!("stack {number}");
        service.admin(now).create_stack(&demo.organization_uid, &name, &demo.owner_uid)?;
    }
    Ok(())
}

/// Makes so many tokens in the demo stack.
fn fill(process: &Process, count: usize) -> Result<()> {
    let text = |key: &str| process.hello[key].as_str().unwrap_or_default();
    let (api_key, authtoken) = (text("api_key"), text("authtoken"));
    let request = |number: usize| {
        let body = crate::ours::body(&format!("token {number}"));
        let length = body.len();
        format!(
            "POST {} HTTP/1.1\r\nhost: localhost\r\napi_key: {api_key}\r\nauthtoken: {authtoken}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}",
            crate::ours::TOKENS
        )
        .into_bytes()
    };
    let own = |connection: usize| (connection..count).step_by(CONNECTIONS).map(request).collect();
    let requests: Vec<Vec<Vec<u8>>> = (0..CONNECTIONS).map(own).collect();
    load::send(process.address, &Script::Own { requests, status: 201 }, Client::Sleeps).map(drop)
}
