//! What `cs-tokens` adds to a single call over `reqwest` and over `ureq` by themselves. Fails when a bound is not met.
//!
//! `cargo run --profile linked -p cs-wire-benches --bin single`: time, turn by turn, median.
//!
//! A call over loopback takes 30 us where client and server share a core, and 50 to 100 where one wakes the other on another
//! core: which of them it is, the scheduler chooses for each connection and keeps to it for long. So all of it runs on one
//! core. A second client of the peer, the same in every way, tells whether the machine is quiet enough: what it takes beside
//! the first is what nothing at all takes. And where a process has its memory moves the ratio by one or two in a hundred, so
//! that several processes measure, one after the other, and the one in the middle counts, where it tells: where more
//! processes could as well say the opposite about the bound, it is for the instructions to say (`instructions`).
//! `... -- once` is one of the processes.

use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use cs_bench_load::answers;
use cs_bench_rows::{Bound, Table, exit};
use cs_transport::{Proxy, ReqwestTransport, Settings, UreqTransport};
use cs_wire_benches::raw::{Failure, Place};
use cs_wire_benches::{ours, raw, server};

/// The most that the median of ours may be beside the peer's.
const BOUND: f64 = 1.02;

/// How many calls a client makes before it is another's turn. The first finds the caches full of what is another's, and is
/// not counted: a program makes its calls with one client.
const ROUND: u32 = 20;

/// How many rounds are measured of each client.
const ROUNDS: u32 = 400;

/// How many rounds come before, to make connections and to warm caches.
const WARM: u32 = 10;

/// How many processes measure.
const PROCESSES: usize = 9;

/// What is measured, over which peer, in the order of its numbers.
const WHAT: [(&str, &str); 4] = [
    ("`GET` of a token, median", "`ureq`"),
    ("creation, median", "`ureq`"),
    ("`GET` of a token, median", "`reqwest`"),
    ("creation, median", "`reqwest`"),
];

/// The medians of ours, of the peer's, and of the peer's once more, in microseconds.
type Medians = [f64; 3];

/// A call, and how long it took.
type Side<'a> = Box<dyn Fn() -> Result<Duration, Failure> + 'a>;

/// Ours, the peer's, and the peer's once more.
type Sides<'a> = [Side<'a>; 3];

fn main() -> ExitCode {
    exit(match std::env::args().nth(1).as_deref() {
        None => measure(),
        Some("once") => once(),
        Some(_) => Err("usage: single [once]".into()),
    })
}

fn measure() -> Result<bool, Failure> {
    let processes: Vec<Vec<Medians>> = (0..PROCESSES).map(|_| process()).collect::<Result<_, _>>()?;
    let mut table = Table::new("client");
    for (row, (what, peer)) in WHAT.into_iter().enumerate() {
        let mut measured: Vec<Medians> = processes.iter().filter_map(|rows| rows.get(row).copied()).collect();
        measured.sort_by(|one, other| (one[0] / one[1]).total_cmp(&(other[0] / other[1])));
        let ratios: Vec<f64> = measured.iter().map(|[ours, first, _]| ours / first).collect();
        let shown: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.3}")).collect();
        println!("{what}, beside {peer}, by process: {}", shown.join(" "));
        let [ours, first, second] =
            measured.get(PROCESSES / 2).copied().ok_or("a process says too little")?;
        table.among(what, "us", ours, (peer, first), &ratios, Bound::AtMost(BOUND));
        let again = format!("{what}, a second client of {peer}");
        table.beside(&again, "us", second, (&format!("the first of {peer}"), first), Bound::None);
    }
    Ok(table.finish()?)
}

/// What another process measures.
fn process() -> Result<Vec<Medians>, Failure> {
    let output = Command::new(std::env::current_exe()?).arg("once").stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    text.lines()
        .map(|line| {
            let numbers: Vec<f64> = line.split('\t').map(str::parse).collect::<Result<_, _>>()?;
            Medians::try_from(numbers).map_err(|_| format!("a process says `{line}`").into())
        })
        .collect()
}

/// Measures in this process, and prints a line of numbers for each row.
fn once() -> Result<bool, Failure> {
    if !on_one_core() {
        eprintln!("this system does not keep a program on one core, and the medians say little");
    }
    let server = server::start(&answers::one()?, &answers::one()?)?;
    let url = server.url();
    for [ours, first, second] in blocking(&url)?.into_iter().chain(asynchronous(&url)?) {
        println!("{ours}\t{first}\t{second}");
    }
    Ok(true)
}

/// Keeps this thread, and those that it will start, on the core that it is on. Answers whether that could be done.
#[cfg(target_os = "linux")]
fn on_one_core() -> bool {
    use rustix::thread::{CpuSet, sched_getcpu, sched_setaffinity};

    let mut cores = CpuSet::new();
    cores.set(sched_getcpu());
    sched_setaffinity(None, &cores).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn on_one_core() -> bool {
    false
}

fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.proxy = Proxy::Direct;
    settings
}

/// Both sorts of call over `ureq`.
fn blocking(url: &str) -> Result<[Medians; 2], Failure> {
    let (uid, draft) = (ours::uid()?, ours::draft()?);
    let client = ours::blocking_client(UreqTransport::new(&settings())?, url)?;
    let stack = client.stack("blt0000000000000001".parse()?);
    let tokens = stack.delivery_tokens();
    let (place, peers) = (Place::new(url), [raw::ureq_agent(), raw::ureq_agent()]);
    let get = |index: usize| raw::ureq_get(&peers[index], &place, &uid).map(drop);
    let create = |index: usize| raw::ureq_create(&peers[index], &place, &draft).map(drop);
    let sides: Sides<'_> = [timed(|| Ok(tokens.get(&uid).map(drop)?)), timed(|| get(0)), timed(|| get(1))];
    let gets = medians(&sides)?;
    let sides: Sides<'_> =
        [timed(|| Ok(tokens.create(&draft).map(drop)?)), timed(|| create(0)), timed(|| create(1))];
    Ok([gets, medians(&sides)?])
}

/// Both sorts of call over `reqwest`.
fn asynchronous(url: &str) -> Result<[Medians; 2], Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (uid, draft) = (ours::uid()?, ours::draft()?);
    let client = ours::client(ReqwestTransport::new(&settings())?, url)?;
    let stack = client.stack("blt0000000000000001".parse()?);
    let tokens = stack.delivery_tokens();
    let (place, peers) = (Place::new(url), [raw::reqwest_client()?, raw::reqwest_client()?]);
    let get = |index: usize| runtime.block_on(raw::reqwest_get(&peers[index], &place, &uid)).map(drop);
    let create =
        |index: usize| runtime.block_on(raw::reqwest_create(&peers[index], &place, &draft)).map(drop);
    let sides: Sides<'_> =
        [timed(|| Ok(runtime.block_on(tokens.get(&uid)).map(drop)?)), timed(|| get(0)), timed(|| get(1))];
    let gets = medians(&sides)?;
    let sides: Sides<'_> = [
        timed(|| Ok(runtime.block_on(tokens.create(&draft)).map(drop)?)),
        timed(|| create(0)),
        timed(|| create(1)),
    ];
    Ok([gets, medians(&sides)?])
}

fn timed<'a>(call: impl Fn() -> Result<(), Failure> + 'a) -> Side<'a> {
    Box::new(move || {
        let start = Instant::now();
        call()?;
        Ok(start.elapsed())
    })
}

/// Measures the sides turn by turn.
fn medians(sides: &Sides<'_>) -> Result<Medians, Failure> {
    let mut times: [Vec<Duration>; 3] = Default::default();
    for turn in 0..(WARM + ROUNDS) as usize {
        for nth in 0..sides.len() {
            let index = (turn + nth) % sides.len();
            for call in 0..ROUND {
                let time = sides[index]()?;
                if turn >= WARM as usize && call > 0 {
                    times[index].push(time);
                }
            }
        }
    }
    Ok(times.map(|mut times| {
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1e6
    }))
}
