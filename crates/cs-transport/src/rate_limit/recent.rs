//! The limits that a client used last, so that it does not look for them by name at every call.

use std::sync::Arc as StdArc;

use super::line::Line;
use crate::Lane;
use crate::sync::{Arc, Mutex, lock};

/// For each lane the limit that was used last, with its key. The key is known again by its place in memory: a client has
/// one and lends it to all of its calls.
#[derive(Default)]
pub(super) struct Recent(Mutex<[Option<Used>; Lane::ALL.len()]>);

/// A key and its limit.
type Used = (StdArc<str>, Arc<Line>);

impl Recent {
    /// The limit of a key, looked for only when another key was used last.
    pub(super) fn line(&self, key: &StdArc<str>, lane: Lane, find: impl FnOnce() -> Arc<Line>) -> Arc<Line> {
        let place = lane.index();
        if let Some((last, line)) = &lock(&self.0)[place]
            && StdArc::ptr_eq(last, key)
        {
            return Arc::clone(line);
        }
        let line = find();
        // What it replaces goes after the lock: it may be the last reference.
        let replaced = lock(&self.0)[place].replace((StdArc::clone(key), Arc::clone(&line)));
        drop(replaced);
        line
    }
}

impl std::fmt::Debug for Recent {
    /// Without the keys, which may be derived from credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recent").finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::RateLimiters;

    fn line_of(limiters: &RateLimiters, key: &StdArc<str>, lane: Lane) -> Arc<Line> {
        limiters.line(key, lane, || jiff::Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn each_key_and_lane_keeps_its_own_limit() {
        let (limiters, recent) = (RateLimiters::new(), Recent::default());
        let keys: [StdArc<str>; 2] = ["one".into(), "two".into()];
        for _ in 0..2 {
            for key in &keys {
                for lane in Lane::ALL {
                    let found = recent.line(key, lane, || line_of(&limiters, key, lane));
                    assert!(Arc::ptr_eq(&found, &line_of(&limiters, key, lane)), "{key} {lane:?}");
                    let again = recent.line(key, lane, || unreachable!("it was the last one"));
                    assert!(Arc::ptr_eq(&found, &again));
                }
            }
        }
    }
}
