//! The facts of `xtask/spec` that only `cstok` shows. Data only: the logic is in the other modules.

pub(crate) mod claims;
pub(crate) mod exits;
