//! The facts of `xtask/spec` that only `cstok` shows. Data only: the logic is in the other modules.

mod claims;

pub(crate) use claims::CLAIMS;
