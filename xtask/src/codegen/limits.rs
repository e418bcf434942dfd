//! The names of limits. Their numbers are in the profiles.

use std::fmt::Write as _;

use anyhow::{Result, bail, ensure};

use super::OutFile;
use super::cited::cited;
use super::rust::{id_enum, pascal, text};
use super::spec::{LimitRow, Spec};

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    let mut body =
        String::from("use crate::facts::{LimitRow, Served};\nuse crate::generated::ContradictionId;\n\n");
    body.push_str(&id_enum(
        "LimitId",
        "A limit: the number of a row in [`LIMITS`], and of its number in a profile.\n///\n/// Each is a count of what its sentence \
         names first. The sources are those of all profiles; the row of a profile names the one that it believes.",
        spec.limits.iter().map(|row| {
            let limits = spec.profiles.iter().filter_map(|profile| profile.limits.get(&row.id));
            (row.id.as_str(), cited(spec, &row.says, limits.map(|limit| &limit.source)))
        }),
    )?);
    writeln!(body, "/// The limits, by number.\npub static LIMITS: [LimitRow; LimitId::COUNT] = [")?;
    for row in &spec.limits {
        writeln!(
            body,
            "LimitRow {{ id: LimitId::{}, name: {}, says: {}, shown: {}, served: Served::{} }},",
            pascal(&row.id),
            text(&row.id),
            text(&row.says),
            text(&row.shown),
            served(row, spec)?
        )?;
    }
    writeln!(body, "];")?;
    Ok(vec![OutFile::rust("crates/cs-model/src/generated/limits.rs", "xtask/spec/limits.toml", &body)?])
}

/// The value of its field in Rust.
fn served(row: &LimitRow, spec: &Spec) -> Result<String> {
    ensure!(row.shown.matches("{}").count() == 1, "limits.toml: {}: `shown` has one `{{}}`", row.id);
    Ok(match row.served.split_once(':') {
        None => match row.served.as_str() {
            "always" => "Always".to_owned(),
            "per_time" => "PerTime".to_owned(),
            "errors" => "Errors".to_owned(),
            other => bail!("limits.toml: {}: there is no `{other}`", row.id),
        },
        Some(("unless", id)) if spec.contradictions.iter().any(|known| known.id == id) => {
            format!("Unless(ContradictionId::{})", pascal(id))
        }
        Some(_) => bail!("limits.toml: {}: `{}` names no contradiction", row.id, row.served),
    })
}
