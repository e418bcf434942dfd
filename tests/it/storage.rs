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
