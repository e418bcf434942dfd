//! Why a value was not written.

use std::io;

/// Why a value could not be written, or was not.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// The file could not be read or replaced; then it is as it was.
    #[error("`{file}` could not be written")]
    Io {
        /// The file.
        file: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Someone else has given the variable a value since the plan was made. It was not overwritten.
    #[error("`{variable}` in `{file}` has been changed since it was looked at, and was not overwritten")]
    Changed {
        /// The file.
        file: String,
        /// The variable.
        variable: String,
    },
    /// The variable holds a value that is not ours to overwrite.
    #[error("{0}")]
    Occupied(String),
    /// The file holds something else than lines of an env file.
    #[error("line {line} of `{file}` is not a line of an env file, so nothing was written to it")]
    NotEnvFile {
        /// The file.
        file: String,
        /// The line.
        line: usize,
    },
}

impl SinkError {
    /// What to do about it.
    #[must_use]
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::TimedOut => {
                "wait for the other process, then try again"
            }
            Self::Io { .. } => "make the file writable, then try again",
            Self::Changed { .. } => "look at the file, then plan again",
            Self::Occupied(_) => "choose another variable, or delete the line, then try again",
            Self::NotEnvFile { .. } => "name another file, or correct the line, then try again",
        }
    }
}

/// What goes wrong inside of one edit, before the file has its name.
#[derive(Debug)]
pub(crate) enum Trouble {
    Io(io::Error),
    Told(SinkError),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<SinkError> for Trouble {
    fn from(error: SinkError) -> Self {
        Self::Told(error)
    }
}

impl Trouble {
    pub(crate) fn at(self, file: &str) -> SinkError {
        match self {
            Self::Io(source) => SinkError::Io { file: file.to_owned(), source },
            Self::Told(error) => error,
        }
    }
}
