//! Places for connections: so many, and the idle give way to the new.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// All places.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    /// Counts what happens, so that the oldest can be told.
    ticks: AtomicU64,
    taken: Mutex<BTreeMap<u64, Arc<Seat>>>,
    freed: Notify,
}

/// A place that a connection has.
#[derive(Debug)]
pub(super) struct Place {
    number: u64,
    seat: Arc<Seat>,
    places: Arc<Places>,
}

#[derive(Debug)]
struct Seat {
    /// Requests that are being answered, from their last byte on.
    busy: AtomicUsize,
    /// When it last had something to do.
    since: AtomicU64,
    /// Told to give way.
    leave: Notify,
}

impl Places {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most: most.max(1),
            ticks: AtomicU64::new(0),
            taken: Mutex::default(),
            freed: Notify::new(),
        })
    }

    /// Takes a place. When all are taken, whoever is idle for longest is told to leave.
    pub(super) async fn take(self: &Arc<Self>) -> Place {
        loop {
            // Before the look, so that none is missed who leaves in between.
            let freed = self.freed.notified();
            if let Some(place) = self.try_take() {
                return place;
            }
            self.evict();
            freed.await;
        }
    }

    fn try_take(self: &Arc<Self>) -> Option<Place> {
        let mut taken = self.lock();
        if taken.len() >= self.most {
            return None;
        }
        let number = self.tick();
        let seat =
            Arc::new(Seat { busy: AtomicUsize::new(0), since: AtomicU64::new(number), leave: Notify::new() });
        taken.insert(number, Arc::clone(&seat));
        Some(Place { number, seat, places: Arc::clone(self) })
    }

    /// Tells the one who is idle for longest to leave.
    fn evict(&self) {
        let taken = self.lock();
        let idle = taken.values().filter(|seat| seat.busy.load(Ordering::SeqCst) == 0);
        if let Some(oldest) = idle.min_by_key(|seat| seat.since.load(Ordering::Relaxed)) {
            oldest.leave.notify_one();
        }
    }

    fn tick(&self) -> u64 {
        self.ticks.fetch_add(1, Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Seat>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Keeps the place while something is done that others want the result of.
    pub(super) fn busy(&self) -> Busy {
        self.seat.busy.fetch_add(1, Ordering::SeqCst);
        Busy { seat: Arc::clone(&self.seat), places: Arc::clone(&self.places) }
    }

    /// Done when the place is wanted for another and nothing is being answered.
    pub(super) async fn wanted(&self) {
        loop {
            self.seat.leave.notified().await;
            if self.seat.busy.load(Ordering::SeqCst) == 0 {
                return;
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.lock().remove(&self.number);
        self.places.freed.notify_one();
    }
}

/// Something that is being done at a place.
#[derive(Debug)]
pub(super) struct Busy {
    seat: Arc<Seat>,
    places: Arc<Places>,
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.seat.since.store(self.places.tick(), Ordering::Relaxed);
        self.seat.busy.fetch_sub(1, Ordering::SeqCst);
        // It is idle now, which somebody may be waiting for.
        self.places.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    fn run(work: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { timeout(Duration::from_secs(10), work).await.unwrap() });
    }

    #[test]
    fn the_one_that_is_idle_for_longest_gives_way() {
        run(async {
            let places = Places::new(2);
            let first = places.take().await;
            let second = places.take().await;
            // The first did something since.
            drop(first.busy());
            tokio::join!(
                async {
                    drop(places.take().await);
                },
                async {
                    second.wanted().await;
                    drop(second);
                }
            );
            assert!(timeout(Duration::from_millis(20), first.wanted()).await.is_err());
        });
    }

    #[test]
    fn nobody_who_is_busy_has_to_leave() {
        run(async {
            let places = Places::new(1);
            let first = places.take().await;
            let busy = first.busy();
            assert!(timeout(Duration::from_millis(50), places.take()).await.is_err());
            assert!(timeout(Duration::from_millis(20), first.wanted()).await.is_err());
            // What was done ends: now the place is wanted.
            tokio::join!(
                async {
                    drop(places.take().await);
                },
                async {
                    drop(busy);
                    first.wanted().await;
                    drop(first);
                }
            );
        });
    }
}
