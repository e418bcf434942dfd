//! Bare redb: the rows of so many tokens made durable, sixteen tokens a commit, with nothing around it.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use redb::{Database, TableDefinition};

use crate::load::{CONNECTIONS, Run};
use crate::ours::{CREATES, RECORD};

const TABLE: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("bare");

/// Writes for each token what the service writes: a record, its name, where its value belongs, a counter.
pub(crate) fn run(path: &Path) -> Result<Run> {
    let database = Database::create(path)?;
    let record = vec![b'x'; RECORD];
    let start = Instant::now();
    for batch in 0..CREATES / CONNECTIONS {
        let transaction = database.begin_write()?;
        {
            let mut table = transaction.open_table(TABLE)?;
            for index in 0..CONNECTIONS {
                let number = (batch * CONNECTIONS + index) as u64;
                // Spread like random uids and hashes.
                let uid = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                table.insert(
                    format!("delivery/blt0123456789abcdef/{uid:016x}").as_bytes(),
                    record.as_slice(),
                )?;
                let name = format!("delivery_name/blt0123456789abcdef/token {number}");
                table.insert(name.as_bytes(), uid.to_string().as_bytes())?;
                table.insert(format!("token/{uid:064x}").as_bytes(), &record[..90])?;
                table.insert(b"counter".as_slice(), number.to_string().as_bytes())?;
            }
        }
        transaction.commit()?;
    }
    Ok(Run { count: CREATES, time: start.elapsed(), cpu: std::time::Duration::ZERO })
}
