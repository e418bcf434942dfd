//! The sink of a single token, which no declaration names.

use std::path::Path;

use cs_model::{ApiKey, Secret, TokenKind, TokenUid, Violation, ViolationId};

use crate::sink::{Claim, Held, Sink, SinkError, State, is_variable, write};

/// The token whose value is to go to a [`Sink`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Delivery<'a> {
    /// Its stack.
    pub stack: &'a ApiKey,
    /// Its kind.
    pub kind: TokenKind,
    /// Its name; for a preview token, that of its delivery token.
    pub name: &'a str,
    /// Its uid, once it has one; for a preview token, that of its delivery token.
    pub uid: Option<&'a TokenUid>,
}

impl<'a> Delivery<'a> {
    /// The value of a token that is still to be made.
    #[must_use]
    pub const fn new(stack: &'a ApiKey, kind: TokenKind, name: &'a str) -> Self {
        Self { stack, kind, name, uid: None }
    }

    /// The value of a token that exists.
    #[must_use]
    pub const fn of(mut self, uid: &'a TokenUid) -> Self {
        self.uid = Some(uid);
        self
    }

    const fn claim(&self) -> Claim<'a> {
        Claim { stack: self.stack, kind: self.kind, name: self.name, uid: self.uid }
    }

    /// Why the variable is not free. Which tokens the stack has is not known here, so each that a comment names may be alive.
    fn refused_by(&self, sink: &Sink, held: &Held) -> Option<String> {
        self.claim().refused_by(sink, held, |_| false)
    }
}

impl Sink {
    /// Whether a value could be written: a name that shells take, and an env file that can be replaced. Its path is
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
        let place = write::resolve(&root.join(&self.env_file));
        let tried = place.and_then(|place| write::try_folder(&write::folder(&place)).map(|()| place));
        match tried.map(|place| State::read(&place)) {
            Ok(State::Usable(_)) => {}
            Ok(State::Strange(why)) => {
                let message = format!("`{}` is no env file: {why}", self.env_file);
                found.push(Violation::new(ViolationId::SinkNotEnvFile, "", message));
            }
            Ok(State::Unusable(why)) | Err(why) => {
                let message = format!("`{}` cannot be written: {why}", self.env_file);
                found.push(Violation::new(ViolationId::SinkUnwritable, "", message));
            }
        }
        if found.is_empty() { Ok(()) } else { Err(found) }
    }

    /// Whether the variable is free for a token's value: it holds none, one of the same token, or one of an earlier token of
    /// the same name. `value` is the token's value where it is known already: then it may stand there, too.
    ///
    /// # Errors
    ///
    /// `sink.occupied`, with an empty path. A file that cannot be read is [`Sink::check`]'s matter.
    pub fn check_free(
        &self,
        root: &Path,
        delivery: &Delivery<'_>,
        value: Option<&Secret>,
    ) -> Result<(), Violation> {
        let Ok(place) = write::resolve(&root.join(&self.env_file)) else { return Ok(()) };
        let State::Usable(usable) = State::read(&place) else { return Ok(()) };
        let Some(held) = usable.file.held(&self.variable) else { return Ok(()) };
        if value.is_some_and(|value| held.value.same_as(value)) {
            return Ok(());
        }
        match delivery.refused_by(self, held) {
            Some(why) => {
                Err(Violation::new(ViolationId::SinkOccupied, "", why).fix(delivery.claim().fix(held)))
            }
            None => Ok(()),
        }
    }

    /// Writes the value of a token, under a comment with its kind, name, uid and stack; the file is relative to `root`.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or replaced, when it is no env file, and when the variable holds a value that is not ours
    /// to overwrite; then the file is as it was.
    pub fn deliver(
        &self,
        root: &Path,
        delivery: &Delivery<'_>,
        uid: &TokenUid,
        value: &Secret,
    ) -> Result<(), SinkError> {
        let place = write::resolve(&root.join(&self.env_file)).map_err(|why| SinkError::Io {
            file: self.env_file.clone(),
            source: std::io::Error::other(why),
        })?;
        let delivery = delivery.of(uid);
        self.edit(&place, |file, _| {
            if let Some(held) = file.held(&self.variable)
                && !held.value.same_as(value)
                && let Some(why) = delivery.refused_by(self, held)
            {
                return Err(SinkError::Occupied(why));
            }
            file.set(&self.variable, value, &delivery.claim().owner(uid));
            Ok(true)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn world() -> (tempfile::TempDir, ApiKey, TokenUid) {
        (tempfile::tempdir().unwrap(), ApiKey::new("bltS").unwrap(), TokenUid::new("blt1").unwrap())
    }

    #[test]
    fn a_value_is_written_with_its_owner() {
        let (folder, stack, uid) = world();
        let sink = Sink::new(".env", "TOKEN");
        sink.check(folder.path()).unwrap();
        let delivery = Delivery::new(&stack, TokenKind::Delivery, "shop");
        for value in ["cs1", "cs2"] {
            sink.check_free(folder.path(), &delivery, None).unwrap();
            sink.deliver(folder.path(), &delivery, &uid, &Secret::new(value)).unwrap();
            let text = fs::read_to_string(folder.path().join(".env")).unwrap();
            assert_eq!(text, format!("# cstok: delivery token `shop` blt1 of stack bltS\nTOKEN={value}\n"));
        }
    }

    #[test]
    fn everything_wrong_is_found_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let found = Sink::new("no/.env", "A-B").check(folder.path()).unwrap_err();
        let rules: Vec<_> = found.iter().map(|item| item.rule).collect();
        assert_eq!(rules, [ViolationId::SinkVariable, ViolationId::SinkUnwritable]);
        fs::write(folder.path().join("shop.toml"), "[[delivery]]\n").unwrap();
        let found = Sink::new("shop.toml", "A").check(folder.path()).unwrap_err();
        assert_eq!(found[0].rule, ViolationId::SinkNotEnvFile);
    }

    #[test]
    fn a_value_of_somebody_else_stays() {
        let (folder, stack, uid) = world();
        let (sink, value) = (Sink::new(".env", "TOKEN"), Secret::new("cs1"));
        let delivery = Delivery::new(&stack, TokenKind::Delivery, "shop");
        let text = "TOKEN=mine\n";
        fs::write(folder.path().join(".env"), text).unwrap();
        let found = sink.check_free(folder.path(), &delivery.of(&uid), Some(&value)).unwrap_err();
        assert_eq!(found.rule, ViolationId::SinkOccupied);
        assert!(found.fix.ends_with("# cstok: delivery token `shop` blt1 of stack bltS"), "{}", found.fix);
        let error = sink.deliver(folder.path(), &delivery, &uid, &value).unwrap_err();
        assert!(matches!(error, SinkError::Occupied(_)), "{error:?}");
        assert_eq!(fs::read_to_string(folder.path().join(".env")).unwrap(), text);
        sink.check_free(folder.path(), &delivery, Some(&Secret::new("mine"))).unwrap();
    }
}
