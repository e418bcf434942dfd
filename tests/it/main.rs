//! Cross-crate tests.

// `cfg(test)` tells the lints that helpers in these files may panic.
#[cfg(test)]
mod clients;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod end_to_end;
#[cfg(test)]
mod fault_proxy;
#[cfg(test)]
mod lint_sarif;
#[cfg(test)]
mod matrix_page;
#[cfg(test)]
mod plan_action;
#[cfg(test)]
mod policy_export;
#[cfg(test)]
mod schemathesis;
#[cfg(test)]
mod storage;
#[cfg(test)]
mod transcripts;
