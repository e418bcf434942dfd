//! `cstok policy export`

use cs_model::Profile;
use cs_policy::export::{self, Dialect};
use serde_json::{Value, json};

use crate::args::policy::{ExportArg, PartArg, PolicyExportArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, SCHEMA};

/// Prints the policy, as it is or, under `--json`, in a document.
pub(super) fn run(args: &PolicyExportArgs, profile: &Profile, output: &Output) -> Result<Exit, Failure> {
    check(args)?;
    let head = |rest: &[(&str, Value)]| {
        let mut document = json!({ "schema": SCHEMA, "profile": profile.name });
        for (key, value) in rest {
            document[key] = value.clone();
        }
        document
    };
    let (text, document) = match args.format {
        ExportArg::Json => (export::json(profile), Value::Null),
        ExportArg::Md | ExportArg::Html => {
            let (name, text) = match args.format {
                ExportArg::Html => ("html", export::html(profile)),
                _ => ("md", export::markdown(profile)),
            };
            let document = head(&[("format", name.into()), ("text", text.as_str().into())]);
            (text, document)
        }
        ExportArg::Sql => {
            let dialect = args.dialect.map_or(Dialect::DuckDb, Into::into);
            let text = export::sql(profile, dialect);
            let document = head(&[
                ("format", "sql".into()),
                ("dialect", dialect.name().into()),
                ("text", text.as_str().into()),
            ]);
            (text, document)
        }
        ExportArg::Cedar => {
            let cedar = export::cedar(profile);
            let document = head(&[
                ("format", "cedar".into()),
                ("cedar_schema", cedar.schema.as_str().into()),
                ("policies", cedar.policies.as_str().into()),
            ]);
            (if args.part == Some(PartArg::Schema) { cedar.schema } else { cedar.policies }, document)
        }
    };
    if output.is_json() && !document.is_null() {
        output.whole(&document)?;
    } else {
        output.write(|out| out.write_all(text.as_bytes()))?;
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
