//! The store: its engines, what outlives a kill, what races leave.

mod audit;
mod conformance;
mod engines;
mod kills;
mod load;
mod postgres;
mod races;
mod relay;
mod secrets;

/// How often something is done that shows more the more often it is done: ten times as often when there is time.
fn often(ordinary: usize) -> usize {
    if cs_tests::is_deep() { ordinary * 10 } else { ordinary }
}
