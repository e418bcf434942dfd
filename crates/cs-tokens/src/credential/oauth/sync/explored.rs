//! Locks for unit tests, and compiled for them alone: those of `loom` work within its models only, so a lock is one of them there, and one of `std` elsewhere.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::sync::{LockResult, PoisonError};

use loom::model::Builder;
use loom::thread::JoinHandle;

thread_local! {
    /// Whether this thread is in a model, all of whose threads it runs.
    static IS_EXPLORED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a model in every way in which its threads can interleave.
pub(in super::super) fn explore(model: &Builder, run: impl Fn() + Send + Sync + 'static) {
    IS_EXPLORED.set(true);
    model.check(run);
    IS_EXPLORED.set(false);
}

/// A thread of a model, whose stack has room for a refresh: of themselves they have 32 kB.
pub(in super::super) fn spawn(run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    let words = 1 << 18;
    loom::thread::Builder::new().stack_size(words).spawn(run).unwrap()
}

#[derive(Debug)]
pub(in super::super) enum Mutex<T> {
    Explored(loom::sync::Mutex<T>),
    Plain(std::sync::Mutex<T>),
}

pub(in super::super) enum MutexGuard<'a, T> {
    Explored(loom::sync::MutexGuard<'a, T>),
    Plain(std::sync::MutexGuard<'a, T>),
}

impl<T> Mutex<T> {
    pub(in super::super) fn new(value: T) -> Self {
        if IS_EXPLORED.get() {
            Self::Explored(loom::sync::Mutex::new(value))
        } else {
            Self::Plain(std::sync::Mutex::new(value))
        }
    }

    pub(in super::super) fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        match self {
            Self::Explored(lock) => guarded(lock.lock(), MutexGuard::Explored),
            Self::Plain(lock) => guarded(lock.lock(), MutexGuard::Plain),
        }
    }
}

fn guarded<G, H>(locked: LockResult<G>, guard: fn(G) -> H) -> LockResult<H> {
    locked.map(guard).map_err(|poisoned| PoisonError::new(guard(poisoned.into_inner())))
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Self::Explored(guard) => guard,
            Self::Plain(guard) => guard,
        }
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        match self {
            Self::Explored(guard) => guard,
            Self::Plain(guard) => guard,
        }
    }
}
