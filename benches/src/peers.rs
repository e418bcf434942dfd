//! What others offer for the same work.

mod cedar;
mod router;

pub use cedar::Cedar;
pub use router::Router;
