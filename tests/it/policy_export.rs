//! Exports of the policy against the engines that they are for, and the checked-in page.

mod cedar;
mod engine;
mod log;
mod matrix;
mod points;
mod principals;
mod sql;
