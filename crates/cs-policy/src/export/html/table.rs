//! The table of the page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cs_model::Api;

use super::super::matrix::{Cell, Place, apis, heading};
use super::{called, escaped};
use crate::Kind;

/// A row: API, module and action, with the words of each kind.
pub(super) type Rows =
    BTreeMap<(Option<Api>, &'static str, &'static str, bool), [Vec<&'static str>; Kind::COUNT]>;

/// The rows that the cells make.
pub(super) fn rows(cells: &[Cell]) -> Rows {
    let mut rows = Rows::new();
    for cell in cells {
        let Place { kind, api, module, action, state_change } = cell.place;
        let words = &mut rows.entry((api, module, action, state_change)).or_default()[kind as usize];
        if !words.contains(&cell.word()) {
            words.push(cell.word());
        }
    }
    rows
}

/// What a cell is called in addresses and data: `management/entry/update/authtoken`.
pub(super) fn key(place: Place) -> String {
    let api = place.api.map_or("none", Api::name);
    format!("{api}/{}/{}/{}", place.module, place.action, place.kind.name())
}

/// A choice of the kind.
pub(super) fn option(kind: Kind) -> String {
    format!("<option value=\"{}\">{}</option>\n", kind.name(), called(kind))
}

/// The head of a column.
pub(super) fn column(kind: Kind) -> String {
    format!("<th scope=\"col\" data-kind=\"{}\">{}</th>", kind.name(), called(kind))
}

/// The body of the table: a part for each API.
pub(super) fn table(rows: &Rows) -> String {
    let mut table = String::new();
    for api in apis() {
        let name = api.map_or("none", Api::name);
        let _ = write!(
            table,
            "<tbody data-api=\"{name}\">\n<tr><th scope=\"rowgroup\" colspan=\"{}\">{}</th></tr>\n",
            Kind::COUNT + 1,
            heading(api)
        );
        for ((_, module, action, state_change), words) in rows.iter().filter(|(row, _)| row.0 == api) {
            let mark = if *state_change { " (<code>GET</code>)" } else { "" };
            let (module_shown, action_shown) = (escaped(module), escaped(action));
            let _ = write!(
                table,
                "<tr data-row><th scope=\"row\"><code>{module_shown}</code> {action_shown}{mark}</th>"
            );
            for (kind, words) in Kind::ALL.into_iter().zip(words) {
                let place = Place { kind, api, module, action, state_change: *state_change };
                table.push_str(&cell(place, words));
            }
            table.push_str("</tr>\n");
        }
        table.push_str("</tbody>\n");
    }
    table
}

/// A cell: a button that says its words, and where it is for those who do not see the heads.
fn cell(place: Place, words: &[&str]) -> String {
    let shown = words.join(", ");
    let class = if let [word] = words { word } else { "mixed" };
    let Place { kind, module, action, .. } = place;
    let on = place.api.map_or(String::new(), |api| format!(" on the {} API", api.name()));
    let label = escaped(&format!("{shown}: {}, {module} {action}{on}", called(kind)));
    format!(
        "<td data-kind=\"{}\"><button type=\"button\" class=\"{class}\" aria-haspopup=\"dialog\" data-cell=\"{}\" \
         aria-label=\"{label}\">{shown}</button></td>",
        kind.name(),
        key(place)
    )
}
