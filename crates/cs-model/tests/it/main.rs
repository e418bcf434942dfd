//! Tests of `cs-model` from outside: documented samples, checks, laws.

// `cfg(test)` tells the lints that helpers in these files may panic.
#[cfg(test)]
mod checks;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod samples;
