//! What `cs-tokens` adds to calls over `reqwest` by itself that run at a time. Fails when a bound is not met.
//!
//! `cargo run --profile linked -p cs-wire-benches`: time, turn by turn, median. `... -- together` is one of the processes that
//! measure. `... -- count URL WHAT N` makes N calls and nothing else, also over `ureq` and one by one, for a counter of
//! instructions; `... -- serve` is the server for it.

use std::future::Future;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use cs_bench_load::answers;
use cs_bench_rows::{Bound, Table, exit, grown};
use cs_transport::{Proxy, ReqwestTransport, Settings, UreqTransport};
use cs_wire_benches::raw::{Failure, Place};
use cs_wire_benches::server::Server;
use cs_wire_benches::timing::Pair;
use cs_wire_benches::{ours, raw, server};
use futures_util::stream::{FuturesUnordered, TryStreamExt as _};

/// The least throughput of 32 calls at a time beside the peer's.
const THROUGHPUT: f64 = 0.98;

/// How many calls run at a time.
const TOGETHER: u32 = 32;

/// How many calls a round of them takes: some 30 ms, so that both sides meet the same weather.
const ROUND: u32 = 640;

/// How many run at a time at first, in the rows of growth, and how many times as many after that.
const FEW: u32 = 1;
const TIMES: [u32; 3] = [1, 10, 100];

/// How many rounds are measured of each in a process.
const ROUNDS: u32 = 120;

/// How many processes measure them: where each has its memory moves the ratio by three in a hundred, more than the bound is about.
const PROCESSES: usize = 9;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    exit(match words.as_slice() {
        [] => measure(),
        ["together"] => tell_together(),
        ["serve"] => serve(),
        ["count", url, what, calls] => count(url, what, calls),
        _ => Err("usage: overhead [together | serve | count URL WHAT N]".into()),
    })
}

/// Settings without a proxy.
fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.proxy = Proxy::Direct;
    settings
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn measure() -> Result<bool, Failure> {
    let server = server::start(&answers::one()?, &answers::one()?)?;
    let mut table = Table::new("client");
    let Together { ours, theirs, ratio } = apart()?;
    let what = format!("{TOGETHER} `GET` at a time");
    table.judged(&what, "calls/s", ours, ("`reqwest`", theirs), ratio, Bound::AtLeast(THROUGHPUT));
    for times in TIMES {
        let at_a_time = FEW * times;
        let rounds = runtime()?.block_on(together(&server, at_a_time, ROUNDS / 4))?;
        let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(round_of(at_a_time));
        let (ours, theirs, _) = rounds.at(0.5);
        let of = "calls at a time";
        let what = grown("a `GET`, its share of the time", at_a_time as usize, of, times as usize);
        table.judged(&what, "us", each(ours), ("`reqwest`", each(theirs)), rounds.ratio(), Bound::None);
    }
    Ok(table.finish()?)
}

/// Calls at a time, for each second, of ours and of the peer's; and the median of the ratios, round by round.
struct Together {
    ours: f64,
    theirs: f64,
    ratio: f64,
}

/// What the process in the middle measured, by the ratio, of several that run one after the other.
fn apart() -> Result<Together, Failure> {
    let program = std::env::current_exe()?;
    let mut measured = Vec::new();
    for _ in 0..PROCESSES {
        let output = Command::new(&program).arg("together").stderr(Stdio::inherit()).output()?;
        let text = String::from_utf8(output.stdout)?;
        let last = text.lines().last().unwrap_or_default();
        let numbers: Vec<f64> = last.split('\t').map(str::parse).collect::<Result<_, _>>()?;
        let [ours, theirs, ratio] = numbers[..] else {
            return Err(format!("a process that measures calls at a time says `{last}`").into());
        };
        measured.push(Together { ours, theirs, ratio });
    }
    measured.sort_by(|one, other| one.ratio.total_cmp(&other.ratio));
    let ratios: Vec<String> = measured.iter().map(|one| format!("{:.3}", one.ratio)).collect();
    println!("{TOGETHER} at a time, beside `reqwest`, by process: {}", ratios.join(" "));
    Ok(measured.swap_remove(PROCESSES / 2))
}

/// Measures calls at a time in this process, and prints the numbers in its last line.
fn tell_together() -> Result<bool, Failure> {
    let server = server::start(&answers::one()?, &answers::one()?)?;
    let rounds = runtime()?.block_on(together(&server, TOGETHER, ROUNDS))?;
    let rate = |time: Duration| f64::from(ROUND) / time.as_secs_f64();
    let (ours, theirs, _) = rounds.at(0.5);
    println!("{}\t{}\t{}", rate(ours), rate(theirs), 1.0 / rounds.ratio());
    Ok(true)
}

/// Times two calls, one after the other.
async fn both(
    is_first: bool,
    ours: impl Future<Output = Result<(), Failure>>,
    theirs: impl Future<Output = Result<(), Failure>>,
) -> Result<(Duration, Duration), Failure> {
    async fn timed(call: impl Future<Output = Result<(), Failure>>) -> Result<Duration, Failure> {
        let start = Instant::now();
        call.await?;
        Ok(start.elapsed())
    }
    if is_first {
        let ours = timed(ours).await?;
        Ok((ours, timed(theirs).await?))
    } else {
        let theirs = timed(theirs).await?;
        Ok((timed(ours).await?, theirs))
    }
}

/// The times of so many rounds of calls, so many at a time, of ours and of the peer's. Says how many connections each of them made.
async fn together(server: &Server, at_a_time: u32, rounds: u32) -> Result<Pair, Failure> {
    let (uid, url) = (ours::uid()?, server.url());
    let client = ours::client(ReqwestTransport::new(&settings())?, &url)?;
    let stack = client.stack("blt0000000000000001".parse()?);
    let tokens = stack.delivery_tokens();
    let (peer, place) = (raw::reqwest_client()?, Place::new(&url));
    let ours = || round(at_a_time, async || tokens.get(&uid).await.map(drop).map_err(Failure::from));
    let theirs = || round(at_a_time, async || raw::reqwest_get(&peer, &place, &uid).await.map(drop));
    let before = server.connections();
    ours().await?;
    let made = server.connections();
    theirs().await?;
    let (of_ours, of_theirs) = (made - before, server.connections() - made);
    eprintln!("connections for {at_a_time} calls at a time: ours {of_ours}, `reqwest` {of_theirs}");
    let mut pair = Pair::default();
    for turn in 0..rounds {
        let (ours, theirs) = both(turn % 2 == 0, ours(), theirs()).await?;
        pair.add(ours, theirs);
    }
    eprintln!("connections made after that: {}", server.connections() - before - of_ours - of_theirs);
    Ok(pair)
}

/// How many calls a round has: the same for each of those that run at a time, three at the least.
fn round_of(at_a_time: u32) -> u32 {
    at_a_time * (ROUND / at_a_time).max(3)
}

/// Makes the calls of a round, so many at a time. Each is polled when it is woken, and not with the others.
async fn round(at_a_time: u32, call: impl AsyncFn() -> Result<(), Failure>) -> Result<(), Failure> {
    let call = &call;
    let each = round_of(at_a_time) / at_a_time;
    let worker = |_| async move {
        for _ in 0..each {
            call().await?;
        }
        Ok(())
    };
    let workers: FuturesUnordered<_> = (0..at_a_time).map(worker).collect();
    workers.try_collect().await
}

/// Serves until it is killed, and says where.
fn serve() -> Result<bool, Failure> {
    println!("{}", server::start(&answers::one()?, &answers::one()?)?.url());
    loop {
        std::thread::park();
    }
}

/// Makes so many calls of one sort.
fn count(url: &str, what: &str, calls: &str) -> Result<bool, Failure> {
    let calls: u32 = calls.parse()?;
    let (uid, draft) = (ours::uid()?, ours::draft()?);
    let place = Place::new(url);
    let stack_key = "blt0000000000000001".parse()?;
    match what {
        "ureq-get-raw" | "ureq-create-raw" => {
            let agent = raw::ureq_agent();
            for _ in 0..calls {
                match what {
                    "ureq-get-raw" => raw::ureq_get(&agent, &place, &uid)?,
                    _ => raw::ureq_create(&agent, &place, &draft)?,
                };
            }
        }
        "ureq-get" | "ureq-create" => {
            let client = ours::blocking_client(UreqTransport::new(&settings())?, url)?;
            let stack = client.stack(stack_key);
            for _ in 0..calls {
                match what {
                    "ureq-get" => stack.delivery_tokens().get(&uid)?,
                    _ => stack.delivery_tokens().create(&draft)?,
                };
            }
        }
        "reqwest-get-raw" | "reqwest-create-raw" => runtime()?.block_on(async {
            let client = raw::reqwest_client()?;
            for _ in 0..calls {
                match what {
                    "reqwest-get-raw" => raw::reqwest_get(&client, &place, &uid).await?,
                    _ => raw::reqwest_create(&client, &place, &draft).await?,
                };
            }
            Ok::<_, Failure>(())
        })?,
        "reqwest-get" | "reqwest-create" => runtime()?.block_on(async {
            let client = ours::client(ReqwestTransport::new(&settings())?, url)?;
            let stack = client.stack(stack_key);
            for _ in 0..calls {
                match what {
                    "reqwest-get" => stack.delivery_tokens().get(&uid).await?,
                    _ => stack.delivery_tokens().create(&draft).await?,
                };
            }
            Ok::<_, Failure>(())
        })?,
        "reqwest-together-raw" => runtime()?.block_on(async {
            let client = raw::reqwest_client()?;
            for _ in 0..calls / ROUND {
                round(TOGETHER, async || raw::reqwest_get(&client, &place, &uid).await.map(drop)).await?;
            }
            Ok::<_, Failure>(())
        })?,
        "reqwest-together" => runtime()?.block_on(async {
            let client = ours::client(ReqwestTransport::new(&settings())?, url)?;
            let stack = client.stack(stack_key);
            let tokens = stack.delivery_tokens();
            for _ in 0..calls / ROUND {
                round(TOGETHER, async || tokens.get(&uid).await.map(drop).map_err(Failure::from)).await?;
            }
            Ok::<_, Failure>(())
        })?,
        unknown => return Err(format!("`{unknown}` is not measured").into()),
    }
    Ok(true)
}
