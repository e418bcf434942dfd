//! Bodies of requests, which may hold secrets.

use std::io;

use serde::Serialize;
use zeroize::Zeroizing;

/// A request body: JSON in memory that is overwritten when it is dropped, because it may hold a password.
pub type Body = Zeroizing<Vec<u8>>;

/// What is set aside for a body; most have less.
const USUAL: usize = 256;

/// A value as a body. What became too small for it while it was written is overwritten, too.
///
/// # Errors
///
/// For what is no JSON: a map whose keys are no text. The bodies of this crate always serialize.
///
/// # Examples
///
/// ```
/// use cs_model::endpoint::json_body;
/// assert_eq!(json_body(&["a"])?.as_slice(), br#"["a"]"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn json_body(value: &impl Serialize) -> Result<Body, serde_json::Error> {
    let mut growing = Growing(Zeroizing::new(Vec::with_capacity(USUAL)));
    serde_json::to_writer(&mut growing, value)?;
    Ok(growing.0)
}

/// A body that is not all there yet.
struct Growing(Body);

impl Growing {
    /// Not by the vector itself, which leaves a copy of what it holds where it was.
    #[cold]
    #[inline(never)]
    fn make_room(&mut self, more: usize) {
        let needed = self.0.len().saturating_add(more);
        let mut wider = Vec::with_capacity(needed.max(self.0.capacity().saturating_mul(2)));
        wider.extend_from_slice(&self.0);
        self.0 = Zeroizing::new(wider);
    }
}

impl io::Write for Growing {
    #[inline]
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.write_all(piece)?;
        Ok(piece.len())
    }

    #[inline]
    fn write_all(&mut self, piece: &[u8]) -> io::Result<()> {
        if self.0.capacity() - self.0.len() < piece.len() {
            self.make_room(piece.len());
        }
        self.0.extend_from_slice(piece);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use io::Write as _;

    use super::*;

    #[test]
    fn a_body_of_any_size_is_whole() {
        for length in [0, 1, 100, USUAL - 2, USUAL - 1, USUAL, 3 * USUAL, 100_000] {
            let value = vec!["x".repeat(length), "\"".to_owned()];
            assert_eq!(*json_body(&value).unwrap(), serde_json::to_vec(&value).unwrap(), "{length}");
        }
    }

    #[test]
    fn the_vector_never_moves_what_it_holds() {
        let mut growing = Growing(Zeroizing::new(Vec::with_capacity(USUAL)));
        for piece in [USUAL - 1, 1, 1, 5 * USUAL, 3] {
            let room = growing.0.capacity() - growing.0.len();
            let before = growing.0.as_ptr();
            growing.write_all(&vec![b'x'; piece]).unwrap();
            assert_eq!(growing.0.as_ptr() == before, piece <= room);
        }
    }
}
