//! Modules and actions.

use std::fmt::Write as _;

use anyhow::Result;

use super::cited::cited;
use super::rust::{id_enum, pascal, sources, text};
use super::spec::{Documented, Reach, Spec};
use super::{OutFile, markdown};

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    Ok(vec![rust(spec)?, page(spec)?])
}

fn rust(spec: &Spec) -> Result<OutFile> {
    let mut body =
        String::from("use crate::facts::{ActionRow, Documented, ModuleRow, Needs, Reach, Source};\n\n");
    body.push_str(&id_enum(
        "ModuleId",
        "A module: the number of a row in [`MODULES`].\n///\n/// The vendor publishes no table of modules: this is a classification of \
         the documented routes, with the names that scopes and roles use.",
        spec.modules.iter().map(|row| (row.id.as_str(), cited(spec, &row.says, &row.sources))),
    )?);
    writeln!(body, "/// The modules, by number.\npub static MODULES: [ModuleRow; ModuleId::COUNT] = [")?;
    for row in &spec.modules {
        writeln!(
            body,
            "ModuleRow {{ id: ModuleId::{}, name: {}, granted_by: ModuleId::{}, management_scope: Documented::{}, \
             reach: Reach::{}, says: {}, sources: {} }},",
            pascal(&row.id),
            text(&row.id),
            pascal(row.granted_by()),
            row.management_scope.variant(),
            row.reach.variant(),
            text(&row.says),
            sources(&row.sources)
        )?;
    }
    writeln!(body, "];\n")?;
    body.push_str(&id_enum(
        "Action",
        "An action: the number of a row in [`ACTIONS`].\n///\n/// The words are ours, for what the documented routes do; which of the two \
         flags of an acl each takes stands in its row.",
        spec.actions.iter().map(|row| (row.id.as_str(), row.says.clone())),
    )?);
    writeln!(body, "/// The actions, by number.\npub static ACTIONS: [ActionRow; Action::COUNT] = [")?;
    for row in &spec.actions {
        writeln!(
            body,
            "ActionRow {{ id: Action::{}, name: {}, needs: Needs::{}, says: {} }},",
            pascal(&row.id),
            text(&row.id),
            row.needs.variant(),
            text(&row.says)
        )?;
    }
    writeln!(body, "];")?;
    OutFile::rust("crates/cs-model/src/generated/modules.rs", "xtask/spec/modules.toml", &body)
}

fn page(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from(
        "# Modules and actions\n\n\
         Every [route](routes.md) works on one module and does one action there. The vendor publishes no such table: \
         this is a classification of the documented routes by path and tag, with the names that scopes and roles use.\n\n\
         - **in a scope**: whether the scope of a management token may name the module. `silent`: nobody has written it down; \
         the default profile takes any name and warns of unknown ones.\n\
         - **granted by**: the entry that grants it. `$all` grants every module that is not `no`.\n\
         - **reach**: what a branch means to it.\n\n## Modules\n\n",
    );
    body.push_str(&markdown::head(&["module", "what it is", "in a scope", "granted by", "reach", "sources"]));
    for row in &spec.modules {
        let says = if row.note.is_empty() { row.says.clone() } else { format!("{} {}", row.says, row.note) };
        let grantable = match row.management_scope {
            Documented::Yes => "yes",
            Documented::No => "no",
            Documented::Silent => "silent",
        };
        let reach = match row.reach {
            Reach::Branch => "one branch",
            Reach::Global => "all branches",
            Reach::OutsideStack => "outside of stacks",
        };
        body.push_str(&markdown::row([
            markdown::code(&row.id),
            says,
            grantable.to_owned(),
            markdown::code(row.granted_by()),
            reach.to_owned(),
            markdown::sources(&row.sources),
        ]));
    }
    body.push_str(
        "\n## Actions\n\nAn action needs one of the two flags of an acl. Write does not include read.\n\n",
    );
    body.push_str(&markdown::head(&["action", "needs", "what it is"]));
    for row in &spec.actions {
        let needs = row.needs.variant().to_lowercase();
        body.push_str(&markdown::row([markdown::code(&row.id), needs, row.says.clone()]));
    }
    Ok(OutFile::markdown("docs/reference/modules.md", "xtask/spec/modules.toml", &body))
}
