//! How numbers are taken on a machine that has other work: two things turn by turn, so that both meet the same weather.

use std::time::Duration;

/// What was measured of two things that do the same job.
#[derive(Clone, Debug, Default)]
pub struct Pair {
    ours: Vec<Duration>,
    theirs: Vec<Duration>,
}

impl Pair {
    /// Takes one measurement of each. Who came first changes from turn to turn.
    pub fn add(&mut self, ours: Duration, theirs: Duration) {
        self.ours.push(ours);
        self.theirs.push(theirs);
    }

    /// The quantile of ours, of theirs, and their ratio.
    #[must_use]
    pub fn at(&self, quantile: f64) -> (Duration, Duration, f64) {
        let (ours, theirs) = (at(&self.ours, quantile), at(&self.theirs, quantile));
        (ours, theirs, ours.as_secs_f64() / theirs.as_secs_f64())
    }
}

fn at(times: &[Duration], quantile: f64) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index near a fraction of the length"
    )]
    let index = (times.len() as f64 * quantile) as usize;
    times.get(index.min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// Runs futures side by side until all are done; the first failure is that of all.
///
/// # Errors
///
/// As the futures.
pub async fn all<F, E>(mut futures: Vec<F>) -> Result<(), E>
where
    F: Future<Output = Result<(), E>> + Unpin,
{
    std::future::poll_fn(|context| {
        let mut failure = None;
        futures.retain_mut(|future| match std::pin::Pin::new(future).poll(context) {
            std::task::Poll::Ready(Ok(())) => false,
            std::task::Poll::Ready(Err(error)) => {
                failure = Some(error);
                false
            }
            std::task::Poll::Pending => true,
        });
        match failure {
            Some(error) => std::task::Poll::Ready(Err(error)),
            None if futures.is_empty() => std::task::Poll::Ready(Ok(())),
            None => std::task::Poll::Pending,
        }
    })
    .await
}
