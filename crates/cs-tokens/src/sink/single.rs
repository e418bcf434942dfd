//! The sink of a single token, which no declaration names.

use std::path::Path;

use cs_model::{Secret, TokenKind, TokenUid, Violation, ViolationId};

use crate::sink::{EnvFile, Owner, Sink, SinkError, is_variable, write};

impl Sink {
    /// A variable of an env file. Nothing is checked: see [`Sink::check`].
    pub fn new(env_file: impl Into<String>, variable: impl Into<String>) -> Self {
        Self { env_file: env_file.into(), variable: variable.into() }
    }

    /// Whether a value could be written: a name that shells take, and a file that can be replaced. Its path is
    /// relative to `root`.
    ///
    /// # Errors
    ///
    /// All that is wrong, with empty paths.
    pub fn check(&self, root: &Path) -> Result<(), Vec<Violation>> {
        let mut found = Vec::new();
        if !is_variable(&self.variable) {
            let message =
                format!("`{}` is not a name that a shell takes for a variable", self.variable.escape_debug());
            found.push(Violation::new(ViolationId::SinkVariable, "", message));
        }
        if let Err(why) = write::inspect(&root.join(self.file_key())) {
            let message = format!("`{}` cannot be written: {why}", self.env_file);
            found.push(Violation::new(ViolationId::SinkUnwritable, "", message));
        }
        if found.is_empty() { Ok(()) } else { Err(found) }
    }

    /// Writes the value of a token, under a comment with its kind, name and uid. For a preview token the last two are
    /// those of its delivery token.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or replaced; then it is as it was.
    pub fn deliver(
        &self,
        root: &Path,
        kind: TokenKind,
        name: &str,
        uid: &TokenUid,
        value: &Secret,
    ) -> Result<(), SinkError> {
        self.write(root, value, &Owner { kind: kind_name(kind), name: name.to_owned(), uid: uid.clone() })
    }

    /// Reads the file again, sets the variable, replaces the file.
    pub(crate) fn write(&self, root: &Path, value: &Secret, owner: &Owner) -> Result<(), SinkError> {
        let path = root.join(self.file_key());
        let failed = |source| SinkError { file: self.env_file.clone(), source };
        let text = write::read(&path).map_err(failed)?;
        let mut file = EnvFile::parse(&text);
        file.set(&self.variable, value, owner);
        write::replace(&path, &file.render()).map_err(failed)
    }
}

/// The kind as the comment has it.
const fn kind_name(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Delivery => "delivery token",
        TokenKind::Preview => "preview token",
        TokenKind::Management => "management token",
        TokenKind::Authtoken => "authtoken",
        TokenKind::AccessToken => "access token",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_with_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let sink = Sink::new(".env", "TOKEN");
        sink.check(folder.path()).unwrap();
        let uid = TokenUid::new("blt1").unwrap();
        sink.deliver(folder.path(), TokenKind::Delivery, "shop", &uid, &Secret::new("cs1")).unwrap();
        let text = std::fs::read_to_string(folder.path().join(".env")).unwrap();
        assert_eq!(text, "# cstok: delivery token `shop` blt1\nTOKEN=cs1\n");
    }

    #[test]
    fn everything_wrong_is_found_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let found = Sink::new("no/.env", "A-B").check(folder.path()).unwrap_err();
        let rules: Vec<_> = found.iter().map(|item| item.rule).collect();
        assert_eq!(rules, [ViolationId::SinkVariable, ViolationId::SinkUnwritable]);
    }
}
