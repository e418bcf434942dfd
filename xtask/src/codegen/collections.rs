//! Collections: which routes keep documents, and in what envelopes.

use std::fmt::Write as _;

use anyhow::{Context, Result};

use super::rust::{pascal, sources, text};
use super::spec::{NamedBy, Spec};
use super::{OutFile, markdown, routes};

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    Ok(vec![table(spec)?, page(spec)])
}

fn table(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from(
        "use crate::facts::{Collection, NamedBy, Source};\nuse super::{ErrorId, ModuleId, route};\n\n",
    );
    writeln!(body, "/// The collections, sorted by path. Each names its sources.")?;
    writeln!(body, "pub static COLLECTIONS: [Collection; {}] = [", spec.collections.len())?;
    for row in &spec.collections {
        let found = routes::of_collection(row, &spec.routes);
        let module = found.iter().flatten().next().and_then(|index| spec.routes.get(*index));
        let module = &module.with_context(|| format!("`{}` has no route", row.path))?.module;
        writeln!(body, "Collection {{")?;
        writeln!(body, "path: {}, title: {},", text(&row.path), text(&row.title))?;
        writeln!(body, "module: ModuleId::{},", pascal(module))?;
        writeln!(body, "one: {}, many: {}, bare: {},", text(&row.one), text(&row.many), row.bare)?;
        writeln!(body, "named: NamedBy::{},", row.id.variant())?;
        let required: Vec<_> = row.required.iter().map(|field| text(field)).collect();
        writeln!(body, "required: &[{}],", required.join(", "))?;
        writeln!(body, "versioned: {}, deleted: {},", row.versioned, row.deleted)?;
        writeln!(
            body,
            "not_found: ErrorId::{}, invalid: ErrorId::{},",
            pascal(&row.not_found),
            pascal(&row.invalid)
        )?;
        for (name, index) in ["list", "create", "read", "update", "delete"].into_iter().zip(found) {
            let id = index.and_then(|index| spec.routes.get(index)).map(routes::constant);
            let id = id.map_or("None".to_owned(), |id| format!("Some(route::{id})"));
            writeln!(body, "{name}: {id},")?;
        }
        writeln!(body, "sources: {},", sources(&row.sources))?;
        writeln!(body, "}},")?;
    }
    writeln!(body, "];")?;
    OutFile::rust("crates/cs-model/src/generated/collections.rs", "xtask/spec/collections.toml", &body)
}

fn page(spec: &Spec) -> OutFile {
    let mut body = String::from(
        "# Collections\n\nThe routes that the local service keeps documents for, in one generic store: what it is not told, it does not \
         know. Documents of modules with branches are kept for each branch.\n\n\
         - **envelopes**: under which key one document and a list of them stand; `(bare)`: it is sent without one.\n\
         - **uid**: `given` in the body, or `drawn` by the service.\n\
         - **required**: fields that a new document must have.\n\
         - **errors**: for a document that is not there, and for a body that is not valid; see [errors](errors.md).\n\n",
    );
    body.push_str(&markdown::head(&["path", "routes", "envelopes", "uid", "required", "errors", "sources"]));
    for row in &spec.collections {
        let found = routes::of_collection(row, &spec.routes);
        let names = ["list", "create", "read", "update", "delete"];
        let served: Vec<_> =
            names.into_iter().zip(found).filter(|(_, index)| index.is_some()).map(|(name, _)| name).collect();
        let bare = if row.bare { " (bare)" } else { "" };
        let envelopes = format!("{}{bare}, {}", markdown::code(&row.one), markdown::code(&row.many));
        let required: Vec<_> = row.required.iter().map(|field| markdown::code(field)).collect();
        let named = match row.id {
            NamedBy::Given => "given",
            NamedBy::Drawn => "drawn",
        };
        body.push_str(&markdown::row([
            markdown::code(&row.path),
            served.join(", "),
            envelopes,
            named.to_owned(),
            required.join(", "),
            format!("{}, {}", markdown::code(&row.not_found), markdown::code(&row.invalid)),
            markdown::sources(&row.sources),
        ]));
    }
    OutFile::markdown("docs/reference/collections.md", "xtask/spec/collections.toml", &body)
}
