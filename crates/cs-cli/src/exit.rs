//! Exit codes: the whole list, and what each one means.

use std::process::ExitCode;

/// How `cstok` ended. Scripts may rely on the numbers: they change with a major version only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Ok = 0,
    /// Something that should not happen: a file that cannot be written, an answer that cannot be read.
    Unexpected = 1,
    /// The command line, the environment or the configuration is wrong or incomplete.
    Usage = 2,
    /// The policy denies it, or findings were found.
    Denied = 3,
    /// The input is wrong: a file, a draft, a name. Nothing was changed.
    Invalid = 4,
    /// Changes are pending (`plan --check`, a confirmation that was declined), or something is due.
    Pending = 5,
    /// The API answered and refused.
    Refused = 6,
    /// No answer came, or the local store is in use by another process. Nothing was changed.
    NoAnswer = 7,
    /// A request was sent and its answer was lost: look before you repeat it.
    Unknown = 8,
}

impl Exit {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 9] = [
        Self::Ok,
        Self::Unexpected,
        Self::Usage,
        Self::Denied,
        Self::Invalid,
        Self::Pending,
        Self::Refused,
        Self::NoAnswer,
        Self::Unknown,
    ];

    /// The number.
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    /// What it means, in a few words.
    pub(crate) const fn says(self) -> &'static str {
        match self {
            Self::Ok => "done, or nothing to do",
            Self::Unexpected => "unexpected failure",
            Self::Usage => "wrong usage: command line, environment or configuration",
            Self::Denied => "denied by policy, or findings found",
            Self::Invalid => "invalid input; nothing was changed",
            Self::Pending => "changes pending, or something due",
            Self::Refused => "refused by the API",
            Self::NoAnswer => "no answer, or the local store is in use",
            Self::Unknown => "outcome unknown: a request was sent and its answer was lost",
        }
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
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }
}
