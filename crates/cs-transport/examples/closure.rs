//! A closure as a transport, with the decorators of this crate around it: here one that fails now and then.
//!
//! `cargo run -p cs-transport --example closure`

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use cs_transport::{
    BlockingTransport, CallInfo, Decorator, ErrorKind, Lane, RateLimit, RateLimiters, Retry, Sent,
    TransportError, Tries, from_fn,
};
use http::{Request, Response};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let calls = AtomicU32::new(0);
    let flaky = from_fn(|request: Request<Bytes>| {
        match calls.fetch_add(1, Ordering::Relaxed) % 3 {
            // Every third connection cannot be made.
            1 => Err(TransportError::new(ErrorKind::Connect, Sent::No)),
            _ => Ok(Response::new(request.into_body())),
        }
    });
    let pace = RateLimit::new(RateLimiters::of_process());
    let pace = pace.assume(Lane::Write, NonZeroU32::new(10).ok_or("ten is not zero")?);
    let transport = Retry::default()
        .on_pause(|pause| println!("  waits {:?} after try {}", pause.duration, pause.attempts))
        .around(pace.around(flaky));

    for number in 1..=4 {
        let mut request = Request::post("https://api.example.com/v3/things")
            .body(Bytes::from(format!("thing {number}")))?;
        request.extensions_mut().insert(CallInfo::new("/v3/things"));
        let answer = transport.send(request)?;
        let tries = answer.extensions().get::<Tries>().map_or(0, |tries| tries.made);
        println!("{} after {tries} tries", String::from_utf8_lossy(answer.body()));
    }
    Ok(())
}
