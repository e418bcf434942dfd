//! One connection, with its statements made ready.

use std::error::Error;
use std::time::Duration;

use tokio_postgres::config::SslMode;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, NoTls, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::PostgresAddress;
use super::failure::Failure;
use super::tls;
use crate::random::Draw;
use crate::store::Row;
use crate::store::overlay::Changes;

/// What a session is told at its beginning. Rows are found by their keys: to read the table from end to end would count as
/// having read every row, and let transactions give way that have nothing in common.
const SESSION: &str = "-c enable_seqscan=off -c enable_bitmapscan=off -c statement_timeout=15s -c lock_timeout=10s \
                       -c idle_in_transaction_session_timeout=30s";

const CONNECT_TIME: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_secs(10);

/// How connections are made.
pub(super) struct Connector {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl Connector {
    pub(super) fn new(address: &PostgresAddress) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let mut config = address.config.clone();
        let own = config.get_options().map(|options| format!("{options} {SESSION}"));
        config.options(own.as_deref().unwrap_or(SESSION));
        if config.get_application_name().is_none() {
            config.application_name("cs-server");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIME);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE);
        }
        config.keepalives_idle(SILENCE);
        let encrypted = config.get_ssl_mode() != SslMode::Disable;
        let tls = if encrypted { Some(tls::connector(address.roots.as_deref())?) } else { None };
        Ok(Self { config, tls })
    }

    /// Reaches the database, on the runtime of the caller.
    pub(super) async fn reach(&self) -> Result<Client, Failure> {
        Ok(match &self.tls {
            Some(tls) => {
                let (client, connection) = self.config.connect(tls.clone()).await?;
                // How it ends, those who wait for answers are told.
                tokio::spawn(async move { drop(connection.await) });
                client
            }
            None => {
                let (client, connection) = self.config.connect(NoTls).await?;
                tokio::spawn(async move { drop(connection.await) });
                client
            }
        })
    }

    /// A connection that is ready to work. The table is there.
    pub(super) async fn connect(&self) -> Result<Connection, Failure> {
        let client = self.reach().await?;
        let (get, scan, scan_to_end, put, delete, mark, look_up) = tokio::try_join!(
            client.prepare("SELECT value::text FROM cs_store WHERE key = $1"),
            client.prepare("SELECT key, value::text FROM cs_store WHERE key >= $1 AND key < $2 ORDER BY key"),
            client.prepare("SELECT key, value::text FROM cs_store WHERE key >= $1 ORDER BY key"),
            client.prepare_typed(
                "INSERT INTO cs_store SELECT k, v::json FROM unnest($1, $2) AS row(k, v) \
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                &[Type::BYTEA_ARRAY, Type::TEXT_ARRAY],
            ),
            client.prepare_typed("DELETE FROM cs_store WHERE key = ANY ($1)", &[Type::BYTEA_ARRAY]),
            client.prepare_typed(
                "INSERT INTO cs_store VALUES ($1, json_build_object('commit', $2, 'at', now())) \
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                &[Type::BYTEA, Type::TEXT],
            ),
            // Writing to the row, if only what is there, waits for a transaction that is about to.
            client.prepare_typed(
                "INSERT INTO cs_store VALUES ($1, json_build_object('commit', '', 'at', now())) \
                 ON CONFLICT (key) DO UPDATE SET value = cs_store.value RETURNING value ->> 'commit'",
                &[Type::BYTEA],
            ),
        )?;
        let uid = Draw::new().map_err(|_| Failure::lost())?.uid("writer");
        let writer = [super::schema::WRITERS, uid.as_bytes()].concat();
        Ok(Connection {
            client,
            get,
            scan,
            scan_to_end,
            put,
            delete,
            mark,
            look_up,
            writer,
            commits: 0,
            in_transaction: false,
        })
    }
}

/// One connection.
pub(super) struct Connection {
    client: Client,
    get: Statement,
    scan: Statement,
    scan_to_end: Statement,
    put: Statement,
    delete: Statement,
    mark: Statement,
    look_up: Statement,
    /// The key of its own row.
    writer: Vec<u8>,
    /// How many commits it made: each is marked by its number.
    commits: u64,
    /// Whether a transaction may be open.
    in_transaction: bool,
}

/// A commit, as it marks the row of its writer.
#[derive(Clone, Debug)]
pub(super) struct Commit {
    writer: Vec<u8>,
    number: String,
}

impl Connection {
    /// Whether it is of no more use.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Whether no transaction is open on it.
    pub(super) fn is_free(&self) -> bool {
        !self.in_transaction
    }

    /// Begins a transaction.
    pub(super) async fn begin(&mut self, command: &str) -> Result<(), Failure> {
        self.in_transaction = true;
        Ok(self.client.batch_execute(command).await?)
    }

    /// Ends the transaction as if it had not been.
    pub(super) async fn roll_back(&mut self) -> Result<(), Failure> {
        self.client.batch_execute("ROLLBACK").await?;
        self.in_transaction = false;
        Ok(())
    }

    pub(super) async fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
        let row = self.client.query_opt(&self.get, &[&key]).await?;
        Ok(row.map(|row| row.try_get::<_, String>(0)).transpose()?.map(String::into_bytes))
    }

    pub(super) async fn scan(&self, prefix: &[u8]) -> Result<Vec<Row>, Failure> {
        if prefix.first() == Some(&0) {
            return Ok(Vec::new());
        }
        // What begins with a NUL byte is the engine's own.
        let from: &[u8] = if prefix.is_empty() { &[1] } else { prefix };
        let rows = match behind(prefix) {
            Some(to) => self.client.query(&self.scan, &[&from, &to]).await?,
            None => self.client.query(&self.scan_to_end, &[&from]).await?,
        };
        rows.into_iter().map(|row| Ok((row.try_get(0)?, row.try_get::<_, String>(1)?.into_bytes()))).collect()
    }

    /// The next commit of this connection.
    pub(super) fn next_commit(&mut self) -> Commit {
        self.commits += 1;
        Commit { writer: self.writer.clone(), number: self.commits.to_string() }
    }

    /// Writes all changes and commits: all messages leave together. What went wrong first comes back; after it, the server
    /// makes no commit of the rest.
    pub(super) async fn commit(&mut self, changes: &Changes, commit: &Commit) -> Result<(), Failure> {
        let (mut keys, mut values, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for (key, change) in changes {
            match change {
                Some(value) => {
                    keys.push(key.as_slice());
                    values.push(String::from_utf8_lossy(value));
                }
                None => gone.push(key.as_slice()),
            }
        }
        let put: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&keys, &values];
        let delete: [&(dyn tokio_postgres::types::ToSql + Sync); 1] = [&gone];
        let mark: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&commit.writer, &commit.number];
        let (put, delete, mark, committed) = tokio::join!(
            self.client.execute(&self.put, &put),
            self.client.execute(&self.delete, &delete),
            self.client.execute(&self.mark, &mark),
            self.client.batch_execute("COMMIT"),
        );
        put.and(delete).and(mark)?;
        committed?;
        self.in_transaction = false;
        Ok(())
    }

    /// Whether a commit was made. Waits for the transaction behind it to end.
    pub(super) async fn is_committed(&self, commit: &Commit) -> Result<bool, Failure> {
        let row = self.client.query_one(&self.look_up, &[&commit.writer]).await?;
        Ok(row.try_get::<_, String>(0)? == commit.number)
    }
}

/// The first key behind all that begin with `prefix`; `None` when there is none.
fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    let kept = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix.get(..=kept)?.to_vec();
    *end.last_mut()? += 1;
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_the_next_begins() {
        assert_eq!(behind(b"a/").unwrap(), b"a0");
        assert_eq!(behind(b"a\xff\xff").unwrap(), b"b");
        assert_eq!(behind(b"\xff"), None);
        assert_eq!(behind(b""), None);
    }
}
