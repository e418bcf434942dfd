//! What the service judges and does not do.

use anyhow::Result;

use super::openapi::{is_served, shapes};
use super::routes::api_title;
use super::spec::Spec;
use super::{OutFile, markdown};

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    let mut body = String::from(
        "# What the service does not do\n\nThese routes are documented, and the local service judges them like all others: whoever may not \
         make a request is refused as documented. Whoever may is answered with 501 and a body that names the route, because nothing is \
         done: they are neither requests for documents of a collection, nor for publishing entries and assets.\n\n\
         The same answer comes to a request of another route that asks to publish at a later time, or that answers a request to \
         publish.\n\n",
    );
    body.push_str(&markdown::head(&["API", "route", "module", "action"]));
    for methods in shapes(spec).values() {
        for rows in methods.values().filter(|rows| !is_served(spec, rows)) {
            for row in rows {
                body.push_str(&markdown::row([
                    api_title(row.api).to_owned(),
                    markdown::code(&row.title()),
                    markdown::code(&row.module),
                    markdown::code(&row.action),
                ]));
            }
        }
    }
    Ok(vec![OutFile::markdown("docs/reference/not-served.md", "xtask/spec/openapi.json", &body)])
}
