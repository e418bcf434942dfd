//! A program that does nothing: what every start of a program costs.
#![forbid(unsafe_code)]

fn main() {}
