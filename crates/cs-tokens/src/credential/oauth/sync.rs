//! The locks of what callers share: those of `std`, and those of `loom` where a test explores how threads interleave.

#[cfg(test)]
pub(super) mod explored;

#[cfg(test)]
pub(super) use self::explored::{Mutex, MutexGuard};
#[cfg(not(test))]
pub(super) use std::sync::{Mutex, MutexGuard};
