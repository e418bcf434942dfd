//! The table: made, and brought up to date.

use tokio_postgres::Client;

use super::failure::Failure;

/// The version of the table that this program knows.
pub(super) const VERSION: u32 = 1;

/// The engine's own rows: the version, and those of connections that write.
const SCHEMA: &[u8] = b"\0schema";
pub(super) const WRITERS: &[u8] = b"\0writer/";

/// What leads from each version to the next; the first one from nothing.
const STEPS: [&str; VERSION as usize] =
    ["CREATE TABLE cs_store (key bytea PRIMARY KEY, value json NOT NULL); \
     COMMENT ON TABLE cs_store IS 'The store of a Contentstack-compatible token service'"];

/// The lock under which the table is made: any number, the same in every version of this program.
const LOCK: i64 = 0x6373_5f73_746f_7265;

/// Why the table cannot be used.
pub(super) enum Problem {
    Failed(Failure),
    Newer { found: u32 },
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<tokio_postgres::Error> for Problem {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Makes the table, or brings it up to date. Others who do the same at this time wait, and find it done.
pub(super) async fn prepare(client: &Client) -> Result<(), Problem> {
    // A second statement sees what was done while the first one waited: read committed, whatever the default is.
    client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    client.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    let found = version(client).await?;
    if found > VERSION {
        return Err(Problem::Newer { found });
    }
    for step in STEPS.iter().skip(found as usize) {
        client.batch_execute(step).await?;
    }
    if found < VERSION {
        let text = format!(r#"{{"version":{VERSION}}}"#);
        client
            .execute(
                "INSERT INTO cs_store VALUES ($1, $2::text::json) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                &[&SCHEMA, &text],
            )
            .await?;
    }
    // Of connections that are long gone: an answer is not waited for that long.
    client
        .execute(
            "DELETE FROM cs_store WHERE key > $1 AND key < $2 AND (value ->> 'at')::timestamptz < now() - interval '1 day'",
            &[&WRITERS, &b"\0writer0".as_slice()],
        )
        .await?;
    Ok(client.batch_execute("COMMIT").await?)
}

/// The version of the table; 0 without one.
async fn version(client: &Client) -> Result<u32, Failure> {
    let there = client.query_one("SELECT to_regclass('cs_store') IS NOT NULL", &[]).await?;
    if !there.try_get::<_, bool>(0)? {
        return Ok(0);
    }
    // A table of this name without the row is not ours: then the first step fails, and says that it exists.
    let row = client
        .query_opt("SELECT (value ->> 'version')::int FROM cs_store WHERE key = $1", &[&SCHEMA])
        .await?;
    let version = row.map(|row| row.try_get::<_, i32>(0)).transpose()?.unwrap_or_default();
    Ok(u32::try_from(version).unwrap_or_default())
}
