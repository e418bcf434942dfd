//! Changes tokens of many stacks at once, at the documented rate: `cargo run -p cs-tokens --example bulk --all-features`.
//!
//! Two arguments: how many stacks (40), and how many changes in each (50). With `CS_PEER` set to a command, that command
//! does the same job afterwards: it gets `CS_HOST`, `CS_PORT`, `CS_AUTHTOKEN`, `CS_UPDATES` and `CS_JOBS`, a line
//! `API_KEY TOKEN_UID` for each stack. See `docs/performance.md`.

use std::error::Error;
use std::num::NonZeroUsize;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cs_model::{
    Access, Against, ApiKey, Draft, Grant, LimitId, ManagementTokenDraft, ModuleId, Profile, TokenUid,
};
use cs_server::http::Server;
use cs_server::in_process::{InProcess, URL};
use cs_server::metrics::Metrics;
use cs_server::store::MemoryStore;
use cs_server::{Options, Service, demo};
use cs_tokens::Credential;
use cs_tokens::blocking::Client;
use cs_transport::{Proxy, Settings, UreqTransport};

type Failed = Box<dyn Error + Send + Sync>;

/// A stack and the token in it that is changed again and again.
type Job = (ApiKey, TokenUid);

fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let stacks = arguments.next().transpose()?.unwrap_or(40);
    let updates = arguments.next().transpose()?.unwrap_or(50);

    let service = Arc::new(Service::new(MemoryStore::new(), Options::default()));
    let now = jiff::Timestamp::now();
    let demo = demo::ensure(&service, now)?;
    let session = demo::session(&service, now, &demo)?;
    let owner = Credential::Authtoken(session.clone());
    // Made an hour ago, by the clock of a transport that lets no real time pass.
    let before = InProcess::at(Arc::clone(&service), now - Duration::from_secs(3600));
    let maker = Client::builder(before).base_url(URL).credential(owner.clone()).unpaced().build()?;
    let mut jobs: Vec<Job> = Vec::new();
    for number in 0..stacks {
        let stack = service.admin(now).create_stack(
            &demo.organization_uid,
            &format!("stack {number}"),
            &demo.owner_uid,
        )?;
        let token = maker.stack(stack.clone()).management_tokens().create(&draft("made", now)?)?;
        jobs.push((stack, token.uid));
    }

    let metrics = Arc::new(Metrics::default());
    let runtime = tokio::runtime::Runtime::new()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    let server = Server::new(Arc::clone(&service)).metrics(Arc::clone(&metrics));
    runtime.spawn(server.serve(listener, std::future::pending()));

    let mut settings = Settings::default();
    settings.proxy = Proxy::Direct;
    let client = Client::builder(UreqTransport::new(&settings)?)
        .base_url(&format!("http://{address}"))
        .credential(owner)
        .build()?;
    let began = Instant::now();
    let results = client.for_each_stack(
        jobs.iter().map(|(stack, _)| stack.clone()),
        NonZeroUsize::MIN.saturating_add(15),
        |stack| -> Result<usize, Failed> {
            let found = jobs.iter().find(|(api_key, _)| api_key == stack.api_key());
            let (_, uid) = found.ok_or("an unknown stack")?;
            for round in 0..updates {
                stack.management_tokens().update(uid, &draft(&format!("round {round}"), now)?)?;
            }
            Ok(updates)
        },
    );
    let mut done = 0;
    for (_, result) in results {
        done += result?;
    }
    report("cs-tokens", done, began.elapsed(), refused(&metrics));

    if let Ok(peer) = std::env::var("CS_PEER") {
        // What is counted for this second is not the peer's.
        std::thread::sleep(Duration::from_secs(2));
        let before = refused(&metrics);
        let lines: Vec<String> = jobs.iter().map(|(stack, uid)| format!("{stack} {uid}")).collect();
        let began = Instant::now();
        let output = Command::new("sh")
            .args(["-c", &peer])
            .env("CS_HOST", address.ip().to_string())
            .env("CS_PORT", address.port().to_string())
            .env("CS_AUTHTOKEN", session.reveal())
            .env("CS_UPDATES", updates.to_string())
            .env("CS_JOBS", lines.join("\n"))
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let done = text.lines().last().and_then(|line| line.trim().parse().ok());
        let said = String::from_utf8_lossy(&output.stderr);
        let done = done.ok_or_else(|| {
            said.chars().rev().take(500).collect::<Vec<_>>().into_iter().rev().collect::<String>()
        })?;
        report("the peer", done, began.elapsed(), refused(&metrics) - before);
    }
    Ok(())
}

fn draft(
    description: &str,
    now: jiff::Timestamp,
) -> Result<cs_model::Checked<ManagementTokenDraft>, cs_model::Violations> {
    ManagementTokenDraft::new("bulk")
        .description(description)
        .module(ModuleId::Entry, Access::Read)
        .branches(Grant::only(["main"]))
        .check(&Against::new(&Profile::seeds(), now))
}

/// How many requests the service has refused for their rate.
fn refused(metrics: &Metrics) -> u64 {
    let text = metrics.text();
    let line = text.lines().find(|line| !line.starts_with('#') && line.contains("rate_limited_total"));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or_default()
}

fn report(who: &str, done: usize, took: Duration, refused: u64) {
    let allowed = Profile::seeds().limit(LimitId::WritesPerSecond).value.unwrap_or(10);
    let seconds = took.as_secs_f64();
    let share = 100.0 * done as f64 / f64::from(allowed) / seconds;
    println!(
        "{who}: {done} updates in {seconds:.1} s, {share:.1} % of {allowed} per second, {refused} refusals for the rate"
    );
}
