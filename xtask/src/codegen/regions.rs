//! Regions and their hosts.

use std::fmt::Write as _;

use anyhow::Result;

use super::cited::cited;
use super::rust::text;
use super::spec::Spec;
use super::{OutFile, markdown};

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    Ok(vec![rust(spec)?, page(spec)?])
}

fn rust(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from("use crate::facts::Region;\n\n");
    let sources = spec.regions.iter().flat_map(|row| &row.sources);
    writeln!(body, "/// {}", cited(spec, "The regions, the vendor's default first.", sources))?;
    writeln!(body, "pub static REGIONS: [Region; {}] = [", spec.regions.len())?;
    for row in &spec.regions {
        writeln!(
            body,
            "Region {{ id: {}, name: {}, aliases: &{:?}, management: {}, delivery: {}, preview: {}, graphql: {}, \
             graphql_preview: {}, developer_hub: {} }},",
            text(&row.id),
            text(&row.name),
            row.aliases,
            text(&row.management),
            text(&row.delivery),
            text(&row.preview),
            text(&row.graphql),
            text(&row.graphql_preview),
            text(&row.developer_hub)
        )?;
    }
    writeln!(body, "];")?;
    OutFile::rust("crates/cs-model/src/generated/regions.rs", "xtask/spec/regions.toml", &body)
}

fn page(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from(
        "# Regions\n\n\
         A stack answers on the hosts of its own region only. A wrong region is never called by that name: it looks like an unknown \
         API key (412, [number 109](errors.md#api_key_unknown)) or like a bad credential (401).\n\n",
    );
    body.push_str(&markdown::head(&[
        "region",
        "name",
        "other spellings",
        "management",
        "delivery",
        "preview",
        "sources",
    ]));
    for row in &spec.regions {
        body.push_str(&markdown::row([
            markdown::code(&row.id),
            row.name.clone(),
            row.aliases.iter().map(|alias| markdown::code(alias)).collect::<Vec<_>>().join(", "),
            markdown::code(&row.management),
            markdown::code(&row.delivery),
            markdown::code(&row.preview),
            markdown::sources(&row.sources),
        ]));
    }
    body.push_str("\nGraphQL and the developer hub, where OAuth tokens are refreshed:\n\n");
    body.push_str(&markdown::head(&["region", "GraphQL", "GraphQL preview", "developer hub"]));
    for row in &spec.regions {
        body.push_str(&markdown::row(
            [&row.id, &row.graphql, &row.graphql_preview, &row.developer_hub]
                .map(|host| markdown::code(host)),
        ));
    }
    body.push_str("\nNotes:\n\n");
    for row in spec.regions.iter().filter(|row| !row.note.is_empty()) {
        writeln!(body, "- `{}`: {}", row.id, row.note)?;
    }
    Ok(OutFile::markdown("docs/reference/regions.md", "xtask/spec/regions.toml", &body))
}
