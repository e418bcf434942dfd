//! SQL: tables to fill, a decision table, and a view that classifies requests and joins it.

mod condition;
mod principal;
mod tables;
mod views;

use cs_model::Profile;

pub use principal::principal as sql_principal;

/// A dialect of SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// DuckDB.
    DuckDb,
    /// PostgreSQL, from version 12.
    PostgreSql,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::DuckDb, Self::PostgreSql];

    /// The name on the command line: `duckdb`, `postgresql`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DuckDb => "duckdb",
            Self::PostgreSql => "postgresql",
        }
    }

    /// The dialect of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }

    /// Whether a list has an item.
    fn has(self, list: &str, item: &str) -> String {
        match self {
            Self::DuckDb => format!("list_contains({list}, {item})"),
            Self::PostgreSql => format!("{item} = ANY ({list})"),
        }
    }

    /// How many items a list has.
    fn length(self, list: &str) -> String {
        match self {
            Self::DuckDb => format!("len({list})"),
            Self::PostgreSql => format!("cardinality({list})"),
        }
    }

    /// Whether the whole of a text matches an expression.
    fn matches(self, text: &str, expression: &str) -> String {
        match self {
            Self::DuckDb => format!("regexp_full_match({text}, '{expression}')"),
            Self::PostgreSql => format!("{text} ~ '^({expression})$'"),
        }
    }
}

/// The policy under a profile as a script that makes tables and views; all names begin with `cs_`.
///
/// Two tables are yours to fill: `cs_principal`, one row for each credential ([`sql_principal`] writes them), and
/// `cs_access_log`, one row for each request. The view `cs_verdict` has a row for each of the log's: the route, the verdict,
/// the ids of the rules that led to it in the order of [`why`](crate::why), and those of warnings. `cs_rule` says them
/// in words.
///
/// Verdicts are those of [`Verdict`](crate::Verdict::name), and `unknown_principal` where the log names a credential that
/// `cs_principal` does not have. A line that names none is one without credential. Times are UTC, to the microsecond.
#[must_use]
pub fn sql(profile: &Profile, dialect: Dialect) -> String {
    let mut script = format!(
        "-- Who may do what with which credential, for {}, under the profile `{}`: {}\n\
         -- Fill cs_principal and cs_access_log, then read cs_verdict. Times are UTC.\n",
        dialect.name(),
        profile.name,
        profile.says
    );
    script.push_str(&tables::to_fill());
    script.push_str(&tables::generated(profile));
    script.push_str(&views::views(profile, dialect));
    script
}
