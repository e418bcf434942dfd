//! How the command line names a token: `FILE.json`, `FILE.json#NAME`, `FILE.toml#NAME`, or a uid or name on the target.

use std::path::Path;

use cs_model::ManagementTokenDraft;
use cs_policy::Kind;
use cs_tokens::Declaration;
use cs_tokens::declaration::DeclaredManagement;
use jiff::Timestamp;

use super::{Held, file, find};
use crate::declared;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;

/// A name on the command line, sorted out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Spec<'a> {
    /// A file as the API answers, with the name of one of its tokens.
    Json(&'a str, Option<&'a str>),
    /// A file of `apply`, with the name of one of its tokens.
    Toml(&'a str, Option<&'a str>),
    /// On the target.
    Target(&'a str),
}

impl<'a> Spec<'a> {
    /// Sorts out a name. What ends like a file, or is one, is a file.
    pub(crate) fn new(text: &'a str) -> Self {
        let (path, name) = match text.split_once('#') {
            Some((path, name)) => (path, Some(name)),
            None => (text, None),
        };
        let ends = |ending: &str| {
            Path::new(path).extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
        };
        if ends("toml") {
            Self::Toml(path, name)
        } else if ends("json") || path == input::STDIN || name.is_some() || Path::new(path).is_file() {
            Self::Json(path, name)
        } else {
            Self::Target(text)
        }
    }

    /// The token, if it is in a file; `None` when the target has to be asked.
    pub(crate) fn read(&self, kind: Option<Kind>, now: Timestamp) -> Result<Option<Held>, Failure> {
        let (tokens, file, name) = match self {
            Self::Json(file, name) => (file::tokens(file, kind)?, file, name),
            Self::Toml(file, name) => (declared(file, now)?, file, name),
            Self::Target(_) => return Ok(None),
        };
        one(tokens, file, *name).map(Some)
    }
}

/// The tokens that a file declares, as if they were made now.
pub(crate) fn declared(file: &str, now: Timestamp) -> Result<Vec<Held>, Failure> {
    let declaration = declaration(file)?;
    let delivery = declaration.delivery.iter().map(|item| Held::of_delivery_draft(&item.draft, item.preview));
    let management = declaration.management.iter();
    let management = management.map(|item| Held::of_management_draft(&made_now(item, now)));
    Ok(delivery.chain(management).collect())
}

/// A file of `apply`, if nothing is wrong with it.
fn declaration(file: &str) -> Result<Declaration, Failure> {
    parse(file, &input::text(Path::new(file))?)
}

/// The text of a file of `apply`.
pub(crate) fn parse(file: &str, text: &str) -> Result<Declaration, Failure> {
    let name = if file == input::STDIN { "stdin" } else { file };
    Declaration::parse(name, text).map_err(|problems| declared::invalid(&problems))
}

/// The draft with the expiry that it would get now.
pub(crate) fn made_now(item: &DeclaredManagement, now: Timestamp) -> ManagementTokenDraft {
    item.draft.clone().expiry(item.expires.resolve(now))
}

fn one(mut tokens: Vec<Held>, file: &str, name: Option<&str>) -> Result<Held, Failure> {
    let place = format!("the file `{file}`");
    if let Some(name) = name {
        return find(tokens, name, &place);
    }
    match (tokens.pop(), tokens.len()) {
        (Some(token), 0) => Ok(token),
        (None, _) => Err(Failure::new(Exit::Invalid, "token.unknown", format!("{place} has no token"))),
        (Some(last), others) => {
            let names: Vec<String> =
                tokens.iter().chain([&last]).map(|token| format!("`{file}#{}`", token.name)).collect();
            let message = format!("{place} has {} tokens", others + 1);
            Err(Failure::new(Exit::Invalid, "token.ambiguous", message)
                .hint(format!("name one: {}", names.join(", "))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_out() {
        assert_eq!(Spec::new("a/shop.toml#ci"), Spec::Toml("a/shop.toml", Some("ci")));
        assert_eq!(Spec::new("token.json"), Spec::Json("token.json", None));
        assert_eq!(Spec::new("answer#ci"), Spec::Json("answer", Some("ci")));
        assert_eq!(Spec::new("blt0123"), Spec::Target("blt0123"));
        assert_eq!(Spec::new("Cargo.lock.json"), Spec::Json("Cargo.lock.json", None));
    }
}
