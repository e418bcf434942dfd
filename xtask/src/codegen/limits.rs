//! The names of limits. Their numbers are in the profiles.

use std::fmt::Write as _;

use anyhow::Result;

use super::OutFile;
use super::rust::{id_enum, pascal, text};
use super::spec::Spec;

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    let mut body = String::from("use crate::facts::LimitRow;\n\n");
    body.push_str(&id_enum(
        "LimitId",
        "A limit: the number of a row in [`LIMITS`], and of its number in a profile.",
        spec.limits.iter().map(|row| (row.id.as_str(), row.says.clone())),
    )?);
    writeln!(body, "/// The limits, by number.\npub static LIMITS: [LimitRow; LimitId::COUNT] = [")?;
    for row in &spec.limits {
        writeln!(
            body,
            "LimitRow {{ id: LimitId::{}, name: {}, says: {} }},",
            pascal(&row.id),
            text(&row.id),
            text(&row.says)
        )?;
    }
    writeln!(body, "];")?;
    Ok(vec![OutFile::rust("crates/cs-model/src/generated/limits.rs", "xtask/spec/limits.toml", &body)?])
}
