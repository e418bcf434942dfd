//! `cstok policy export`

use cs_model::Profile;
use cs_policy::export::{self, Dialect};
use serde::Serialize;

use crate::args::policy::{ExportArg, PartArg, PolicyExportArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// A form in a document; that of JSON is one itself.
#[derive(Default, Serialize)]
struct Document<'a> {
    profile: &'a str,
    format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialect: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cedar_schema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policies: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// Prints the policy, as it is or, under `--json`, in a document.
pub(super) fn run(args: &PolicyExportArgs, profile: &Profile, output: &Output) -> Result<Exit, Failure> {
    check(args)?;
    let head = Document { profile: &profile.name, ..Document::default() };
    let (text, document) = match args.format {
        ExportArg::Json => (export::json(profile), None),
        ExportArg::Md | ExportArg::Html => {
            let (name, text) = match args.format {
                ExportArg::Html => ("html", export::html(profile)),
                _ => ("md", export::markdown(profile)),
            };
            (text.clone(), Some(Document { format: name, text: Some(text), ..head }))
        }
        ExportArg::Sql => {
            let dialect = args.dialect.map_or(Dialect::DuckDb, Into::into);
            let text = export::sql(profile, dialect);
            let dialect = Some(dialect.name());
            (text.clone(), Some(Document { format: "sql", dialect, text: Some(text), ..head }))
        }
        ExportArg::Cedar => {
            let cedar = export::cedar(profile);
            let text = if args.part == Some(PartArg::Schema) {
                cedar.schema.clone()
            } else {
                cedar.policies.clone()
            };
            let (cedar_schema, policies) = (Some(cedar.schema), Some(cedar.policies));
            (text, Some(Document { format: "cedar", cedar_schema, policies, ..head }))
        }
    };
    match document {
        Some(document) if output.is_json() => output.document(&document)?,
        _ => output.write(|out| out.write_all(text.as_bytes()))?,
    }
    Ok(Exit::Ok)
}

/// Options of other formats are slips, and better said than passed over.
fn check(args: &PolicyExportArgs) -> Result<(), Failure> {
    if args.dialect.is_some() && args.format != ExportArg::Sql {
        return Err(Failure::usage("--dialect is for --format sql"));
    }
    if args.part.is_some() && args.format != ExportArg::Cedar {
        return Err(Failure::usage("--part is for --format cedar"));
    }
    Ok(())
}
