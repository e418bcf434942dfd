//! The ways in which threads interleave, with up to three changes that need not be; a step of `cargo xtask test`, or
//! `RUSTFLAGS="--cfg loom" cargo test -p cs-transport --lib --release --target-dir target/loom loom_tests`.

use std::num::NonZeroU32;

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;
use loom::thread;

use super::line::{Line, Turn};
use super::{Allowed, RateLimiters};
use crate::Lane;
use crate::sync::{Arc, Mutex, lock};

/// A clock that only waiting moves, and the times at which calls left by it.
#[derive(Default)]
struct World {
    clock: Mutex<i64>,
    left: Mutex<Vec<i64>>,
}

impl World {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(*lock(&self.clock)).unwrap()
    }

    fn wait_until(&self, until: i64) {
        let mut clock = lock(&self.clock);
        *clock = until.max(*clock);
    }
}

/// Carries out one call as the decorator does; gives up its place when it would have to wait, if asked to.
fn call(limiters: &RateLimiters, world: &World, allowed: Allowed, gives_up: bool) {
    let now = || world.now();
    let mut turn = Line::join(limiters.line("key", Lane::Write, || world.now()), allowed, &now);
    loop {
        turn = match turn {
            Turn::Left(call) => {
                lock(&world.left).push(call.at());
                call.close(&Ok(Response::new(Bytes::new())), &now);
                return;
            }
            Turn::Wait { .. } if gives_up => return,
            Turn::Wait { place, until, .. } => {
                world.wait_until(until);
                place.step(&now)
            }
        }
    }
}

/// Runs calls in threads of their own, and answers when they left.
fn departures(limit: u32, gives_up: [bool; 2]) -> Vec<i64> {
    let (limiters, world) = (RateLimiters::new(), Arc::new(World::default()));
    let allowed = Allowed { assumed: NonZeroU32::new(limit), ceiling: None };
    let threads = gives_up.map(|gives_up| {
        let (limiters, world) = (limiters.clone(), Arc::clone(&world));
        thread::spawn(move || call(&limiters, &world, allowed, gives_up))
    });
    call(&limiters, &world, allowed, false);
    for thread in threads {
        thread.join().unwrap();
    }
    let mut left = lock(&world.left).clone();
    left.sort_unstable();
    left
}

fn explore(test: fn()) {
    let mut model = loom::model::Builder::new();
    // Three threads and two locks have too many interleavings with more; bugs need few.
    model.preemption_bound = Some(3);
    model.check(test);
}

#[test]
fn one_place_is_never_taken_twice() {
    explore(|| {
        let left = departures(1, [false, false]);
        assert_eq!(left.len(), 3);
        assert!(left.windows(2).all(|pair| pair[1] - pair[0] >= 1_000_000), "{left:?}");
    });
}

#[test]
fn two_places_are_never_taken_thrice() {
    explore(|| {
        let left = departures(2, [false, false]);
        assert_eq!(left.len(), 3);
        assert!(left[2] - left[0] >= 1_000_000, "{left:?}");
    });
}

#[test]
fn a_place_that_is_given_up_is_lost_to_nobody() {
    explore(|| {
        let left = departures(1, [true, false]);
        assert!(left.len() >= 2 && left.windows(2).all(|pair| pair[1] - pair[0] >= 1_000_000), "{left:?}");
    });
}
