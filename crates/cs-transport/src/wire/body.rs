//! The body of an answer, which may hold values of tokens: what it was kept in is overwritten when it goes.

#[cfg(feature = "ureq")]
use std::io::{self, Read};

use bytes::Bytes;
use zeroize::optimization_barrier;

/// The most that is set aside for a body before it comes: what an answer says of its length is not believed, only
/// prepared for.
const PREPARED: usize = 64 * 1024;

/// What is set aside for a body of which no length is said.
const USUAL: usize = 4 * 1024;

/// Bytes that are overwritten when they go.
struct Wiped(Vec<u8>);

impl Drop for Wiped {
    fn drop(&mut self) {
        // What is beyond its length was never written to.
        self.0.fill(0);
        optimization_barrier(self.0.as_slice());
    }
}

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// A body that is not all there yet.
pub(crate) struct Body {
    /// Room, of which some is used. The rest is zeros.
    room: Wiped,
    used: usize,
    limit: usize,
}

/// More came than the limit allows.
#[derive(Debug)]
pub(crate) struct TooMuch;

impl Body {
    /// Nothing yet of a body that is said to have so many bytes, and may have `limit`.
    pub(crate) fn new(said: Option<u64>, limit: usize) -> Self {
        let said = said.map_or(USUAL, |said| usize::try_from(said).unwrap_or(PREPARED));
        // One byte more than is said, so that the end is seen without more room; one more than allowed tells a full body
        // from one that is too big.
        let room = said.min(PREPARED).min(limit).saturating_add(1);
        Self { room: Wiped(vec![0; room]), used: 0, limit }
    }

    /// Makes room for as many bytes more, at least for one.
    fn make_room(&mut self, more: usize) -> Result<(), TooMuch> {
        let needed = self.used.saturating_add(more.max(1));
        if needed <= self.room.0.len() {
            return Ok(());
        }
        let most = self.limit.saturating_add(1);
        if needed > most {
            return Err(TooMuch);
        }
        // Not by the vector itself, which leaves a copy of what it holds where it was.
        let mut wider = Wiped(vec![0; needed.max(self.room.0.len().saturating_mul(2)).max(USUAL).min(most)]);
        wider.0[..self.used].copy_from_slice(&self.room.0[..self.used]);
        self.room = wider;
        Ok(())
    }

    /// Adds a piece.
    #[cfg(feature = "reqwest")]
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<(), TooMuch> {
        self.make_room(piece.len())?;
        let end = self.used + piece.len();
        self.room.0[self.used..end].copy_from_slice(piece);
        self.used = end;
        if end > self.limit { Err(TooMuch) } else { Ok(()) }
    }

    /// Reads all that comes.
    #[cfg(feature = "ureq")]
    pub(crate) fn read(&mut self, mut from: impl Read) -> io::Result<Result<(), TooMuch>> {
        loop {
            if self.used > self.limit || self.make_room(1).is_err() {
                return Ok(Err(TooMuch));
            }
            match from.read(&mut self.room.0[self.used..]) {
                Ok(0) => return Ok(Ok(())),
                Ok(more) => self.used += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The whole of it.
    pub(crate) fn finish(mut self) -> Bytes {
        if self.used == 0 {
            return Bytes::new();
        }
        self.room.0.truncate(self.used);
        Bytes::from_owner(self.room)
    }
}

#[cfg(test)]
#[cfg(all(feature = "reqwest", feature = "ureq"))]
mod tests;
