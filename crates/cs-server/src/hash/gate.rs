//! How many passwords are hashed at the same time: each one takes 19 MiB, and nobody must have logged in to ask for it.

use std::num::NonZero;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::available_parallelism;

/// Lets a few in at a time; the others wait, with nothing but their thread.
#[derive(Debug)]
pub(crate) struct Gate {
    free: Mutex<usize>,
    freed: Condvar,
}

/// A place inside, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place<'a>(&'a Gate);

impl Default for Gate {
    fn default() -> Self {
        Self { free: Mutex::new(Self::places()), freed: Condvar::new() }
    }
}

impl Gate {
    /// As many as there are processors, at least two and at most four: more would not be done sooner.
    pub(crate) fn places() -> usize {
        available_parallelism().map_or(2, NonZero::get).clamp(2, 4)
    }

    /// Waits for a place.
    pub(crate) fn enter(&self) -> Place<'_> {
        // The number is right whatever happened to a thread that held the lock.
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Place(self)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn no_more_than_its_places_are_inside() {
        let gate = Gate::default();
        let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    let _place = gate.enter();
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(5));
                    inside.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(most.into_inner(), Gate::places());
    }
}
