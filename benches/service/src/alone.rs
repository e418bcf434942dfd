//! The service without a socket, for a profiler: `perf record target/release/cs-bench-service alone get 200000`.

use std::time::Instant;

use anyhow::{Result, bail};
use bytes::Bytes;
use http::Request;
use jiff::Timestamp;

use crate::ours::{CREATES, IN_A_STACK, Ours, TOKENS, body};

/// Calls the service so often, and says what one call takes. Of creations there are no more than fit into the stacks.
pub(crate) fn run(what: &str, calls: usize) -> Result<()> {
    let ours = Ours::memory()?;
    let requests: Vec<Request<Bytes>> = match what {
        "get" => {
            let token = ours.create(0, "measured")?;
            let uid = token["uid"].as_str().unwrap_or_default();
            vec![ours.call("GET", 0, &format!("{TOKENS}/{uid}"), "")?]
        }
        "create" => (0..CREATES)
            .map(|number| {
                let name = format!("token {}", number % IN_A_STACK);
                ours.call("POST", 1 + number / IN_A_STACK, TOKENS, &body(&name))
            })
            .collect::<Result<_>>()?,
        other => bail!("`{other}` is neither `get` nor `create`"),
    };
    let calls = if requests.len() == 1 { calls } else { calls.min(requests.len()) };
    let now = Timestamp::now();
    let start = Instant::now();
    for request in requests.iter().cycle().take(calls) {
        let status = ours.service().handle(now, request).status();
        anyhow::ensure!(status.is_success(), "unexpected answer: {status}");
    }
    println!("{:.1} us for one of {calls} calls", start.elapsed().as_secs_f64() * 1e6 / calls as f64);
    Ok(())
}
