//! What a request may cost.

use std::time::Duration;

/// What a request may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How many connections may be open. When one more comes, the one that is idle for longest is closed for it; when none
    /// is idle, it waits.
    pub connections: usize,
    /// How many bytes a head may have. One of more is answered with 431.
    pub head: usize,
    /// How many headers a head may have. One of more is answered with 431, too.
    pub headers: usize,
    /// How many bytes a body may have.
    pub body: usize,
    /// How many bodies may come in at once of which more than 64 KiB have come; more wait.
    pub large_bodies: usize,
    /// How many bytes a large body must bring each second, from its place among the large ones on; one that stays behind is answered with
    /// 408 and gives its place to another. The first so many are awaited for `body_grace`.
    pub body_rate: usize,
    /// How far a large body may stay behind.
    pub body_grace: Duration,
    /// How many bytes the body of a login may have: logins wait in line with their bodies.
    pub login_body: usize,
    /// How many logins may wait for others to be done; more are answered with 503.
    pub logins_waiting: usize,
    /// How long a TLS handshake may take.
    pub handshake_time: Duration,
    /// How long a head may take to come in, from the end of the answer before: also how long a connection may idle.
    pub head_time: Duration,
    /// How long a body may take to come in, waiting for others with it; one that takes longer is answered with 408.
    pub body_time: Duration,
    /// How long the client may wait for an answer that has to wait for something; then it is 503, and what was asked for
    /// may still be done. What waits for nothing, such as reading from memory or from a file, is answered by the thread that read
    /// the request, and nothing can cut that short: how long it takes is bounded by the sizes of the request and of what it asks for.
    pub answer_time: Duration,
    /// How long a client may take to accept any byte of an answer.
    pub send_time: Duration,
    /// How long what a client still sends is thrown away, up to 16 MiB, when its connection ends in the middle of a request: it would
    /// not see the answer that says why if it were cut off at once.
    pub linger_time: Duration,
    /// How long requests that are running when the service is to end may go on.
    pub grace: Duration,
}

/// A body of at most this many bytes is not counted among the large ones.
pub(super) const LARGE: usize = 64 << 10;

/// How much of what a client still sends is thrown away.
pub(super) const LINGER_BYTES: usize = 16 << 20;

impl Default for Limits {
    /// A thousand connections; heads of 64 KiB and a hundred headers; bodies of 1 MiB, far more than any token needs, 32 large ones
    /// at once, of 32 KiB a second or more but for two seconds; 16 KiB and 128 logins; two seconds to linger, ten for a handshake and at the end, thirty for everything else, sixty for
    /// an answer.
    fn default() -> Self {
        Self {
            connections: 1000,
            head: 64 << 10,
            headers: 100,
            body: 1 << 20,
            large_bodies: 32,
            body_rate: 32 << 10,
            body_grace: Duration::from_secs(2),
            login_body: 16 << 10,
            logins_waiting: 128,
            handshake_time: Duration::from_secs(10),
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(30),
            answer_time: Duration::from_secs(60),
            send_time: Duration::from_secs(30),
            linger_time: Duration::from_secs(2),
            grace: Duration::from_secs(10),
        }
    }
}
