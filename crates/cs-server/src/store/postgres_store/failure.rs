//! What PostgreSQL answers when something failed, without anything that a row may hold.

use std::error::Error;
use std::fmt;

use tokio_postgres::error::SqlState;

/// A failure of the database or of the way to it.
#[derive(Debug)]
pub(super) struct Failure {
    kind: Kind,
    text: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What can be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The transaction had to give way to another one.
    GaveWay,
    /// The connection is gone, or the server is just starting or stopping.
    Lost,
    /// It would fail again.
    Lasting,
}

impl Failure {
    /// A connection that is gone.
    pub(super) fn lost() -> Self {
        Self { kind: Kind::Lost, text: "the connection to the database was lost".to_owned(), source: None }
    }

    /// A pool all of whose connections stayed in use.
    pub(super) fn busy() -> Self {
        Self {
            kind: Kind::Lasting,
            text: "all connections to the database are in use".to_owned(),
            source: None,
        }
    }

    /// A key that is none of the callers'.
    pub(super) fn reserved() -> Self {
        Self { kind: Kind::Lasting, text: "keys do not begin with a NUL byte".to_owned(), source: None }
    }

    /// Whether the transaction had to give way to another one, and nothing else is wrong.
    pub(super) fn gave_way(&self) -> bool {
        self.kind == Kind::GaveWay
    }

    /// Whether nothing more is known of what was asked.
    pub(super) fn is_lost(&self) -> bool {
        self.kind == Kind::Lost
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(answer) = error.as_db_error() else {
            // Not an answer of the server: input and output, TLS, authentication.
            let kind = if error.is_closed() || is_io(&error) { Kind::Lost } else { Kind::Lasting };
            let text = error.to_string();
            return Self { kind, text, source: error.into_source() };
        };
        // Detail and hint can quote a row; the message does not.
        let text = format!("the database answers: {} ({})", answer.message(), answer.code().code());
        Self { kind: kind(answer.code()), text, source: None }
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    error.source().is_some_and(|source| source.is::<std::io::Error>())
}

fn kind(code: &SqlState) -> Kind {
    let gave_way = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
    if gave_way.contains(code) {
        return Kind::GaveWay;
    }
    // Connections, resources such as their number, and an operator who intervenes: 57P03 says that the server starts. A
    // statement that took too long (57014) does so again.
    let passing = ["08", "53", "57"].iter().any(|class| code.code().starts_with(class));
    if passing && *code != SqlState::QUERY_CANCELED && *code != SqlState::DISK_FULL {
        return Kind::Lost;
    }
    Kind::Lasting
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_what_can_be_done() {
        for (code, expected) in [
            ("40001", Kind::GaveWay),
            ("40P01", Kind::GaveWay),
            ("57P01", Kind::Lost),
            ("57P03", Kind::Lost),
            ("08006", Kind::Lost),
            ("53300", Kind::Lost),
            ("53100", Kind::Lasting),
            ("57014", Kind::Lasting),
            ("42P01", Kind::Lasting),
            ("28P01", Kind::Lasting),
        ] {
            assert_eq!(kind(&SqlState::from_code(code)), expected, "{code}");
        }
    }
}
