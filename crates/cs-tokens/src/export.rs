//! The file form of what a stack has.

use std::collections::BTreeSet;
use std::fmt::Write;

use cs_model::{DeliveryTokenDraft, Draft, Expiry, Grant, ManagementTokenDraft, ScopeEntry, is_disruptive};

use crate::plan::Inventory;

/// Writes the file that declares the tokens of a stack as they are, without any secret.
///
/// Sinks are suggestions: a file for each token, named after it. What the file form cannot say stands in comments.
///
/// ```
/// use cs_model::StackNames;
/// use cs_tokens::{Declaration, Inventory, export};
/// let inventory = Inventory::new("blt0123456789abcdef".parse()?, StackNames::default());
/// let declaration = Declaration::parse("exported.toml", &export(&inventory))?;
/// assert_eq!(declaration.api_key, Some(inventory.api_key));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn export(inventory: &Inventory) -> String {
    let mut out = String::from(
        "# The tokens of a stack, as they are. Sinks are suggestions.\n\
         #\n\
         # The API never shows the value of a management token again. Where you have it, put it into the sink under a line\n\
         #   # cstok: management token `name` uid of stack api_key\n\
         # else the next plan proposes to replace the token.\n\n",
    );
    // Writing to a text cannot fail, so the results of `writeln!` say nothing.
    let _ = writeln!(out, "[stack]\napi_key = {}", quoted(inventory.api_key.as_str()));
    let mut slugs = BTreeSet::new();
    for token in &inventory.delivery {
        delivery(&mut out, &token.to_draft(), token.uid.as_str(), token.preview_token.is_some(), &mut slugs);
    }
    for token in &inventory.management {
        management(&mut out, &token.to_draft(), token.uid.as_str(), &mut slugs);
    }
    out
}

fn delivery(
    out: &mut String,
    draft: &DeliveryTokenDraft,
    uid: &str,
    preview: bool,
    slugs: &mut BTreeSet<String>,
) {
    head(out, "delivery", uid, &draft.name, &draft.description);
    let _ = writeln!(out, "environments = {}", list(&draft.environments));
    grants(out, draft.grants());
    inexpressible(out, &draft.other_scope);
    let slug = slug(&draft.name, slugs);
    let mut sink = format!("env_file = \".env.{slug}\", variable = \"CONTENTSTACK_DELIVERY_TOKEN\"");
    if preview {
        out.push_str("preview = true\n");
        sink.push_str(", preview_variable = \"CONTENTSTACK_PREVIEW_TOKEN\"");
    }
    let _ = writeln!(out, "sink = {{ {sink} }}");
}

fn management(out: &mut String, draft: &ManagementTokenDraft, uid: &str, slugs: &mut BTreeSet<String>) {
    head(out, "management", uid, &draft.name, &draft.description);
    let scope: Vec<_> = draft
        .modules
        .iter()
        .map(|(module, access)| format!("{} = \"{}\"", key(module.as_str()), access.short()))
        .collect();
    let _ = writeln!(out, "scope = {{ {} }}", scope.join(", "));
    grants(out, draft.grants());
    inexpressible(out, &draft.other_scope);
    match &draft.expiry {
        Expiry::Never => {}
        Expiry::Unreadable(text) => {
            let _ = writeln!(out, "# expires_on = {} is neither a date nor a time", quoted(text));
        }
        expiry => {
            let _ = writeln!(out, "expires_on = {}", quoted(&expiry.to_string()));
        }
    }
    if draft.email_notification {
        out.push_str("notify = true\n");
    }
    let slug = slug(&draft.name, slugs);
    let _ = writeln!(
        out,
        "sink = {{ env_file = \".env.{slug}\", variable = \"CONTENTSTACK_MANAGEMENT_TOKEN\" }}"
    );
}

fn head(out: &mut String, kind: &str, uid: &str, name: &str, description: &str) {
    let _ = writeln!(out, "\n[[{kind}]] # {uid}\nname = {}", quoted(name));
    if !description.is_empty() {
        let _ = writeln!(out, "description = {}", quoted(description));
    }
}

fn grants(out: &mut String, (branches, aliases): (&Grant, &Grant)) {
    for (field, grant) in [("branches", branches), ("aliases", aliases)] {
        let _ = match grant {
            Grant::None => Ok(()),
            Grant::All => writeln!(out, "{field} = \"all\""),
            Grant::Only(names) => writeln!(out, "{field} = {}", list(names)),
        };
    }
}

fn inexpressible(out: &mut String, entries: &[ScopeEntry]) {
    for entry in entries {
        let module = entry.module.as_str().escape_debug();
        let _ = writeln!(out, "# the token has a scope entry for `{module}` that this form cannot express");
    }
}

/// A text of TOML, on one line, in which every character is one to look at.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if is_disruptive(c) => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A key of TOML: bare where it can be.
fn key(text: &str) -> String {
    let bare = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if bare { text.to_owned() } else { quoted(text) }
}

fn list(names: &BTreeSet<String>) -> String {
    format!("[{}]", names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", "))
}

/// A part of a file's name, made from a token's name; each is given once.
fn slug(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    let slug = slug.trim_end_matches('-');
    let slug = if slug.is_empty() { "token" } else { slug };
    let candidates = std::iter::once(slug.to_owned()).chain((2..).map(|number| format!("{slug}-{number}")));
    for candidate in candidates {
        if taken.insert(candidate.clone()) {
            return candidate;
        }
    }
    slug.to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_come_back_and_do_nothing(text in ".*|[\\u{1b}\\u{80}-\\u{9f}\\u{202e}\\u{2028}\\n\"\\\\]*") {
            let quoted = quoted(&text);
            prop_assert!(!quoted.contains(is_disruptive));
            let table: toml::Table = format!("a = {quoted}").parse().unwrap();
            prop_assert_eq!(table["a"].as_str(), Some(text.as_str()));
        }
    }
}
