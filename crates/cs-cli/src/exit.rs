//! Exit codes. The list, and what each one means, is `xtask/spec/exits.toml`.

use std::process::ExitCode;

pub(crate) use crate::generated::exits::Exit;

impl Exit {
    /// The number.
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    /// The list as it stands at the end of `cstok --help`.
    pub(crate) fn list() -> String {
        Self::ALL.iter().map(|exit| format!("  {}  {}\n", exit.number(), exit.says())).collect()
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_scripts_rely_on() {
        let numbers: Vec<u8> = Exit::ALL.iter().map(|exit| exit.number()).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7, 8, 130]);
    }
}
