use super::*;

/// A time after the beginning.
fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_800_000_000_000 + milliseconds).unwrap()
}

const fn assume(calls: u32) -> Allowed {
    Allowed { assumed: NonZeroU32::new(calls), ceiling: None }
}

fn meter() -> Meter {
    Meter::new(Duration::from_secs(1))
}

fn answer(status: u16, headers: &[(&'static str, &'static str)]) -> Response<()> {
    let mut answer = Response::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(*name, *value);
    }
    answer.body(()).unwrap()
}

/// Leaves at once, or fails.
fn go(meter: &mut Meter, allowed: Allowed, now: i64) -> (u64, Departure) {
    let ticket = meter.join();
    match meter.step(ticket, allowed, at(now)) {
        Step::Go(departure) => (ticket, departure),
        Step::Wait { now, until } => panic!("waits {} us", until - now),
    }
}

/// How many milliseconds a newcomer would wait; it gives up then.
fn wait(meter: &mut Meter, allowed: Allowed, now: i64) -> i64 {
    let ticket = meter.join();
    match meter.step(ticket, allowed, at(now)) {
        Step::Go(_) => panic!("goes"),
        Step::Wait { now, until } => {
            meter.leave(ticket);
            (until - now) / 1_000
        }
    }
}

/// Leaves and is answered within 10 ms.
fn call(meter: &mut Meter, allowed: Allowed, now: i64, answer: &Response<()>) {
    let (ticket, departure) = go(meter, allowed, now);
    meter.answered(ticket, departure, answer, at(now + 10));
}

#[test]
fn a_place_is_free_again_a_window_and_a_margin_later() {
    let mut meter = meter();
    // Calls that may have made a connection count from their answers.
    call(&mut meter, assume(2), 0, &answer(200, &[]));
    assert!(!meter.trips.is_cold(at(10).as_microsecond()));
    call(&mut meter, assume(2), 10, &answer(200, &[]));
    assert_eq!(wait(&mut meter, assume(2), 20), 998);
    assert_eq!(wait(&mut meter, assume(2), 1_017), 1);
    go(&mut meter, assume(2), 1_018);
    // The second was warm, but there was nothing to compare its round trip with.
    assert_eq!(wait(&mut meter, assume(2), 1_018), 10);
}

/// A peer may say anything: what it says takes no memory.
#[test]
fn billions_of_calls_of_others_are_a_number() {
    let mut meter = meter();
    let all = answer(200, &[("x-ratelimit-limit", "4294967295"), ("x-ratelimit-remaining", "0")]);
    call(&mut meter, Allowed::default(), 0, &all);
    assert_eq!(meter.foreign.0, u32::MAX - 1);
    assert_eq!(wait(&mut meter, Allowed::default(), 20), 990);
    go(&mut meter, Allowed::default(), 1_018);
}

#[test]
fn the_calls_of_others_stand_in_order_among_ours() {
    let ours = [1, 3, 3, 7];
    for over in 0..9 {
        for foreign in 0..4 {
            let mut all = ours.to_vec();
            all.extend(std::iter::repeat_n(over, foreign));
            all.sort_unstable();
            for nth in 0..=all.len() {
                assert_eq!(
                    nth_of(nth, &ours, foreign, over),
                    all.get(nth).copied(),
                    "{nth} {over} {foreign}"
                );
            }
        }
    }
}

#[test]
fn nothing_is_held_back_that_nobody_limits() {
    let mut meter = meter();
    for _ in 0..1_000 {
        go(&mut meter, Allowed::default(), 0);
    }
}

#[test]
fn the_peer_knows_better_than_the_caller_and_a_ceiling_bounds_both() {
    let ten = NonZeroU32::new(10);
    for (assumed, said, ceiling, limit) in [
        (None, None, None, None),
        (Some(5), None, None, Some(5)),
        (Some(5), ten, None, Some(10)),
        (Some(5), ten, Some(7), Some(7)),
        (Some(5), None, Some(7), Some(5)),
        (None, None, Some(7), Some(7)),
    ] {
        let allowed = Allowed {
            assumed: assumed.and_then(NonZeroU32::new),
            ceiling: ceiling.and_then(NonZeroU32::new),
        };
        assert_eq!(allowed.limit(said).map(NonZeroU32::get), limit);
    }
    let mut meter = meter();
    call(&mut meter, assume(1), 0, &answer(200, &[("x-ratelimit-limit", "3")]));
    go(&mut meter, assume(1), 20);
    go(&mut meter, assume(1), 20);
    assert!(wait(&mut meter, assume(1), 20) > 900);
}

#[test]
fn what_others_use_is_left_to_them() {
    let mut meter = meter();
    let headers = [("x-ratelimit-limit", "10"), ("x-ratelimit-remaining", "3")];
    call(&mut meter, assume(10), 0, &answer(200, &headers));
    // Seven are used, one of them by us: three are left.
    for _ in 0..3 {
        go(&mut meter, assume(10), 20);
    }
    assert_eq!(wait(&mut meter, assume(10), 20), 990);
    // A window later, theirs are gone, whatever they do next.
    for _ in 0..6 {
        go(&mut meter, assume(10), 1_010);
    }
}

#[test]
fn a_refusal_holds_everybody_up() {
    for (headers, expected) in [
        (&[][..], 1_000),
        (&[("retry-after", "3")], 3_000),
        // Somebody will find out whether an hour is meant.
        (&[("retry-after", "3600")], 30_000),
    ] {
        let mut meter = meter();
        call(&mut meter, assume(10), 0, &answer(429, headers));
        assert_eq!(wait(&mut meter, assume(10), 10), expected);
        assert_eq!(wait(&mut meter, Allowed::default(), 10), expected);
        go(&mut meter, assume(10), 10 + expected);
    }
}

#[test]
fn a_refusal_of_our_own_making_widens_the_margin_once_a_window() {
    let mut meter = meter();
    for _ in 0..5 {
        let (ticket, departure) = go(&mut meter, assume(10), 0);
        meter.paused_until = Micros::MIN;
        meter.answered(ticket, departure, &answer(429, &[]), at(0));
        meter.paused_until = Micros::MIN;
    }
    assert_eq!(meter.margin, 2 * LEAST_MARGIN);
    for second in 1..20 {
        let (ticket, departure) = go(&mut meter, assume(10), second * 5_000);
        meter.answered(ticket, departure, &answer(429, &[]), at(second * 5_000));
        meter.paused_until = Micros::MIN;
    }
    assert_eq!(meter.margin, 500_000);
    for second in 20..1_000 {
        call(&mut meter, assume(10), second * 5_000, &answer(200, &[]));
    }
    assert!(meter.margin < LEAST_MARGIN + 100, "{}", meter.margin);
    // Somebody else is the reason.
    let headers = [("x-ratelimit-limit", "10"), ("x-ratelimit-remaining", "0")];
    call(&mut meter, assume(10), 6_000_000, &answer(429, &headers));
    assert!(meter.margin < LEAST_MARGIN + 100, "{}", meter.margin);
}

#[test]
fn a_request_that_never_left_takes_no_place() {
    let mut meter = meter();
    let (ticket, departure) = go(&mut meter, assume(1), 0);
    assert!(wait(&mut meter, assume(1), 1) > 900);
    meter.failed(ticket, departure, &TransportError::new(crate::ErrorKind::Connect, Sent::No), at(5));
    let (ticket, departure) = go(&mut meter, assume(1), 6);
    meter.failed(
        ticket,
        departure,
        &TransportError::new(crate::ErrorKind::Interrupted, Sent::Maybe),
        at(300),
    );
    assert_eq!(wait(&mut meter, assume(1), 300), 6 + 1_000 + 8 + 294 - 300);
}

#[test]
fn an_answer_is_that_of_its_call_whoever_is_forgotten() {
    for unsent in 0..4 {
        let mut meter = meter();
        let calls: Vec<_> = (0..4).map(|now| go(&mut meter, assume(10), now)).collect();
        let (ticket, departure) = calls[unsent];
        meter.failed(ticket, departure, &TransportError::new(crate::ErrorKind::Connect, Sent::No), at(10));
        // The last comes back first.
        for (ticket, departure) in calls.iter().rev().copied().filter(|call| call.0 != ticket) {
            assert!(meter.departed(ticket, departure).is_some_and(|departed| departed.ticket == ticket));
            meter.answered(ticket, departure, &answer(200, &[]), at(20));
            assert!(
                meter
                    .departed(ticket, departure)
                    .is_some_and(|departed| matches!(departed.counted, Counted::Within(_)))
            );
        }
        assert!(meter.departed(ticket, departure).is_none());
        assert!(
            meter.sent.len() == 3
                && meter.sent.iter().all(|departed| matches!(departed.counted, Counted::Within(_)))
        );
    }
}

#[test]
fn the_line_moves_up_when_somebody_leaves_it() {
    let mut meter = meter();
    call(&mut meter, assume(1), 0, &answer(200, &[]));
    let tickets = [meter.join(), meter.join(), meter.join()];
    let until = |meter: &mut Meter, ticket, now| match meter.step(ticket, assume(1), at(now)) {
        Step::Wait { now, until } => (until - now) / 1_000,
        Step::Go(_) => 0,
    };
    assert_eq!(tickets.map(|ticket| until(&mut meter, ticket, 10)), [1_008, 2_016, 3_024]);
    meter.leave(tickets[0]);
    assert_eq!([tickets[1], tickets[2]].map(|ticket| until(&mut meter, ticket, 10)), [1_008, 2_016]);
    // The one that does not come back is passed over, and is the next when it does.
    assert_eq!(until(&mut meter, tickets[2], 2_019), 0);
    assert!(until(&mut meter, tickets[1], 2_020) > 0);
    assert!(meter.waiting.len() == 1);
}

#[test]
fn a_clock_that_is_set_back_does_no_harm() {
    let mut meter = meter();
    call(&mut meter, assume(1), 3_600_000, &answer(429, &[("retry-after", "5")]));
    assert_eq!(wait(&mut meter, assume(1), 3_600_010), 5_000);
    assert_eq!(wait(&mut meter, assume(1), 0), 5_000);
    assert_eq!(wait(&mut meter, assume(1), 4_000), 1_000);
    go(&mut meter, assume(1), 5_000);
    // A little back is a thread that was slower than another.
    assert!(wait(&mut meter, assume(1), 4_990) > 1_000);
}
