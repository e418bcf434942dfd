//! One file for each command.

pub(crate) mod apply;
pub(crate) mod can;
pub(crate) mod completions;
pub(crate) mod delivery;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod lint;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod man;
pub(crate) mod management;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod preview;
mod question;
pub(crate) mod serve;
pub(crate) mod who_can;
pub(crate) mod whoami;
