use proptest::prelude::*;

use super::*;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn answer(status: u16) -> Outcome {
    Outcome::Answer { status: StatusCode::from_u16(status).unwrap(), retry_after: None }
}

fn asking(status: u16, wait: Duration) -> Outcome {
    Outcome::Answer { status: StatusCode::from_u16(status).unwrap(), retry_after: Some(wait) }
}

fn failure(sent: Sent, is_transient: bool) -> Outcome {
    Outcome::Failure { sent, is_transient }
}

/// The step after the first try of a request that may be sent twice, and of one that may not.
fn both(outcome: Outcome) -> [Next; 2] {
    [true, false].map(|is_repeatable| {
        RetryLimits::default().next(&Situation { is_repeatable, ..Situation::new(1, outcome) })
    })
}

#[test]
fn what_is_sent_again() {
    let (again, window) = (Next::After(ms(125)), Next::After(ms(1_000)));
    let (last, in_doubt) = (Next::Stop(Because::Final), Next::Stop(Because::InDoubt));
    for (outcome, expected) in [
        (failure(Sent::No, true), [again, again]),
        (failure(Sent::Maybe, true), [again, in_doubt]),
        (failure(Sent::No, false), [last, last]),
        (failure(Sent::Maybe, false), [last, last]),
        (answer(429), [window, window]),
        (answer(408), [again, in_doubt]),
        (answer(500), [again, in_doubt]),
        (answer(502), [again, in_doubt]),
        (answer(503), [again, in_doubt]),
        (answer(504), [again, in_doubt]),
        // That a 503 names a time does not say that nothing was done.
        (asking(503, ms(3_000)), [Next::After(ms(3_000)), in_doubt]),
        (asking(429, ms(3_000)), [Next::After(ms(3_000)), Next::After(ms(3_000))]),
    ] {
        assert_eq!(both(outcome), expected, "{outcome:?}");
    }
    for status in [200, 201, 204, 301, 304, 307, 400, 401, 403, 404, 409, 412, 422, 501, 505] {
        assert_eq!(both(answer(status)), [last, last], "{status}");
        assert_eq!(both(asking(status, ms(1))), [last, last], "{status}");
    }
}

#[test]
fn waits_double_up_to_the_longest() {
    let limits = RetryLimits { attempts: 99, total: ms(u64::MAX), ..RetryLimits::default() };
    let wait = |attempts, jitter| {
        limits.wait(&Situation { jitter, ..Situation::new(attempts, failure(Sent::No, true)) }).as_millis()
    };
    assert_eq!(
        [1, 2, 3, 4, 8, 9, 60].map(|n| wait(n, 1.0)),
        [250, 500, 1_000, 2_000, 30_000, 30_000, 30_000]
    );
    assert_eq!([1, 2, 3].map(|n| wait(n, 0.0)), [125, 250, 500]);
    // Chance that is no chance.
    assert_eq!([f64::NAN, f64::INFINITY, -1.0, 7.0].map(|jitter| wait(1, jitter)), [250, 250, 125, 250]);
}

#[test]
fn every_limit_stops() {
    let limits = RetryLimits::default();
    let next = |change: fn(&mut Situation)| {
        let mut situation = Situation::new(1, answer(429));
        change(&mut situation);
        limits.next(&situation)
    };
    assert_eq!(next(|it| it.attempts = 3), Next::After(ms(1_000)));
    assert_eq!(next(|it| it.attempts = 4), Next::Stop(Because::Attempts));
    assert_eq!(next(|it| it.elapsed = ms(59_000)), Next::After(ms(1_000)));
    assert_eq!(next(|it| it.elapsed = ms(59_001)), Next::Stop(Because::Time));
    assert_eq!(next(|it| it.time_left = Some(ms(1_001))), Next::After(ms(1_000)));
    // An answer at the deadline is of no use any more.
    assert_eq!(next(|it| it.time_left = Some(ms(1_000))), Next::Stop(Because::Time));
    assert_eq!(next(|it| it.outcome = asking(429, ms(30_000))), Next::After(ms(30_000)));
    assert_eq!(next(|it| it.outcome = asking(429, ms(30_001))), Next::Stop(Because::Time));
    assert_eq!(next(|it| it.outcome = asking(429, Duration::MAX)), Next::Stop(Because::Time));
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    let asked = proptest::option::of((0..100_000_u64).prop_map(ms));
    prop_oneof![
        (100..600_u16, asked).prop_map(|(status, retry_after)| Outcome::Answer {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after
        }),
        (any::<bool>(), any::<bool>()).prop_map(|(no, is_transient)| Outcome::Failure {
            sent: if no { Sent::No } else { Sent::Maybe },
            is_transient
        }),
    ]
}

proptest! {
    /// Whatever happens: a request in doubt is not sent twice, an end comes, and no wait is shorter than what
    /// the answer asks for.
    #[test]
    fn the_laws_hold(
        outcome in outcomes(),
        attempts in 1..10_u32,
        is_repeatable: bool,
        elapsed in (0..100_000_u64).prop_map(ms),
        left in proptest::option::of((0..100_000_u64).prop_map(ms)),
        jitter in -0.5..1.5_f64,
    ) {
        let limits = RetryLimits::default();
        let situation = Situation { attempts, outcome, is_repeatable, elapsed, time_left: left, jitter };
        if let Next::After(wait) = limits.next(&situation) {
            prop_assert!(is_repeatable || outcome.had_no_effect());
            prop_assert!(attempts < limits.attempts && wait <= limits.longest_wait);
            prop_assert!(elapsed + wait <= limits.total && left.is_none_or(|left| wait < left));
            prop_assert!(wait >= outcome.retry_after().unwrap_or(limits.first_wait / 2));
        }
    }
}
