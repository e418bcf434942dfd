//! Prism, the mock server that most people would take: it answers from the OpenAPI page, and remembers nothing.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::load::{self, Best, Client, Run, Script};
use crate::ours::Ours;

const ROUNDS: usize = 3;
const REQUESTS: usize = 1_600;

/// How long it may take to read the page.
const PATIENCE: Duration = Duration::from_secs(60);

struct Prism(Child);

impl Drop for Prism {
    fn drop(&mut self) {
        // It remembers nothing.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where the folder is that it was installed into, unless that is the folder of this package.
const FOLDER: &str = "CS_BENCH_PRISM";

/// Its program and the page that it reads; says what is missing.
fn installed() -> Result<(PathBuf, PathBuf), PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var_os(FOLDER).map_or_else(|| here.to_owned(), PathBuf::from);
    let program = folder.join("node_modules/@stoplight/prism-cli/dist/index.js");
    let page = here.join("../../docs/openapi.json");
    if !program.exists() {
        return Err(program);
    }
    if page.exists() { Ok((program, page)) } else { Err(page) }
}

/// Measures it; `None` when it is not installed.
pub(crate) fn measure(ours: &Ours, path: &str) -> Result<Option<Best>> {
    let (program, page) = match installed() {
        Ok(both) => both,
        Err(missing) => {
            println!(
                "NOT MEASURED Prism: there is no `{}`; install it and set `{FOLDER}`",
                missing.display()
            );
            return Ok(None);
        }
    };
    let address: SocketAddr = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let child = Command::new("node")
        .arg(program)
        .args(["mock", "--host", "127.0.0.1", "--port", &address.port().to_string()])
        .arg(page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let _prism = Prism(child);
    let start = Instant::now();
    while TcpStream::connect(address).is_err() {
        ensure!(start.elapsed() < PATIENCE, "Prism does not start");
        sleep(Duration::from_millis(50));
    }
    let script = Script::Same { request: ours.request("GET", 0, path, ""), count: REQUESTS, status: 200 };
    let mut best = Best::default();
    for _ in 0..ROUNDS {
        let time = load::send(address, &script, Client::Sleeps)?;
        best.add(Run { count: REQUESTS, time, cpu: Duration::ZERO });
    }
    Ok(Some(best))
}
