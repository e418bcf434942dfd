//! The names of switches, what each can be, and the way to their fields by name.

use std::fmt::Write as _;

use anyhow::Result;

use super::OutFile;
use super::rust::{pascal, text};
use super::spec::{Spec, SwitchRow};

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    let mut types: Vec<&str> = spec.switches.iter().map(|row| row.rust_type.as_str()).collect();
    types.retain(|name| *name != "bool");
    types.sort_unstable();
    types.dedup();
    let mut body = format!(
        "use crate::facts::SwitchRow;\nuse crate::profile::{{{}, Switches}};\n\n\
         /// The switches, in the order of the spec.\npub static SWITCHES: [SwitchRow; {}] = [",
        types.join(", "),
        spec.switches.len()
    );
    for row in &spec.switches {
        let values: Vec<_> = row.values.iter().map(|value| text(value)).collect();
        writeln!(
            body,
            "SwitchRow {{ name: {}, says: {}, values: &[{}] }},",
            text(&row.id),
            text(&row.says),
            values.join(", ")
        )?;
    }
    writeln!(body, "];\n")?;
    writeln!(body, "impl Switches {{\n/// What each is set to, in the order of [`SWITCHES`].\n#[must_use]")?;
    writeln!(body, "pub const fn values(&self) -> [&'static str; SWITCHES.len()] {{\n[")?;
    for row in &spec.switches {
        let arms: Vec<_> =
            row.values.iter().map(|value| format!("{} => {}", variant(row, value), text(value))).collect();
        writeln!(body, "match self.{}.value {{ {} }},", row.id, arms.join(", "))?;
    }
    writeln!(body, "]\n}}\n\n/// Sets the one of this name; `false` when it is none of these values.")?;
    writeln!(
        body,
        "pub(crate) fn set(&mut self, name: &str, value: &str) -> bool {{\nmatch (name, value) {{"
    )?;
    for row in &spec.switches {
        for value in &row.values {
            let (name, to) = (text(&row.id), variant(row, value));
            writeln!(body, "({name}, {}) => self.{}.value = {to},", text(value), row.id)?;
        }
    }
    writeln!(body, "_ => return false,\n}}\ntrue\n}}\n")?;
    writeln!(body, "/// The page behind the one of this name.")?;
    writeln!(
        body,
        "pub(crate) fn source_mut(&mut self, name: &str) -> Option<&mut std::borrow::Cow<'static, str>> {{"
    )?;
    writeln!(body, "Some(match name {{")?;
    for row in &spec.switches {
        writeln!(body, "{} => &mut self.{}.source,", text(&row.id), row.id)?;
    }
    writeln!(body, "_ => return None,\n}})\n}}\n}}")?;
    Ok(vec![OutFile::rust("crates/cs-model/src/generated/switches.rs", "xtask/spec/limits.toml", &body)?])
}

fn variant(row: &SwitchRow, value: &str) -> String {
    match row.rust_type.as_str() {
        "bool" => value.to_owned(),
        name => format!("{name}::{}", pascal(value)),
    }
}
