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

    /// The median of the ratios, turn by turn: what both sides met in a turn cancels out.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        let turns = self.ours.iter().zip(&self.theirs);
        let mut ratios: Vec<_> =
            turns.map(|(ours, theirs)| ours.as_secs_f64() / theirs.as_secs_f64()).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied().unwrap_or(f64::NAN)
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
