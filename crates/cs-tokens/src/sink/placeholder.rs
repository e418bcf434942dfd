//! `{stack}` in a sink: one file declares the tokens of many stacks, and each has places of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::sink::{Sink, write};

/// What stands for a stack.
const STACK: &str = "{stack}";

impl Sink {
    /// Whether `{stack}` stands in it, so that it is a place of its own for each stack.
    #[must_use]
    pub fn is_per_stack(&self) -> bool {
        self.env_file.contains(STACK) || self.variable.contains(STACK)
    }

    /// The sink of a stack, by the stack's name or API key: `{stack}` becomes the name.
    ///
    /// In the path, what could lead to another folder becomes `_`. In the variable, letters become capitals, and all but
    /// letters and digits becomes `_`.
    ///
    /// ```
    /// use cs_tokens::Sink;
    /// let sink = Sink::new(".env.{stack}", "{stack}_TOKEN").of_stack("web-shop");
    /// assert_eq!(sink, Sink::new(".env.web-shop", "WEB_SHOP_TOKEN"));
    /// ```
    #[must_use]
    pub fn of_stack(&self, name: &str) -> Self {
        Self {
            env_file: self.env_file.replace(STACK, &in_path(name)),
            variable: self.variable.replace(STACK, &in_variable(name)),
        }
    }

    /// The first two of the stacks, by their names or API keys, of which values would be written to one variable of one
    /// file; its path is relative to `root`.
    #[must_use]
    pub fn shared_by<'a>(
        &self,
        root: &Path,
        stacks: impl IntoIterator<Item = &'a str>,
    ) -> Option<(&'a str, &'a str)> {
        let mut taken = BTreeMap::new();
        stacks
            .into_iter()
            .find_map(|name| taken.insert(self.of_stack(name).spot(root), name).map(|before| (before, name)))
    }

    /// What to do where values of several stacks would be written to the one variable.
    #[must_use]
    pub fn apart(&self) -> String {
        if self.is_per_stack() {
            return "name the stacks otherwise, or put `{stack}` into `env_file` and `variable`".to_owned();
        }
        let Self { env_file, .. } = self;
        format!("put `{{stack}}` into `env_file`, such as `{env_file}.{{stack}}`, or into `variable`")
    }

    /// The variable and the file that it is in, by whatever name.
    pub(crate) fn spot(&self, root: &Path) -> (PathBuf, String) {
        let path = root.join(self.file_key());
        (write::resolve(&path).unwrap_or(path), self.variable.clone())
    }
}

/// A part of a path, of one folder or file.
fn in_path(name: &str) -> String {
    let is_plain = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_' | '.');
    let text: String = name.chars().map(|char| if is_plain(char) { char } else { '_' }).collect();
    if text.chars().all(|char| char == '.') { text.replace('.', "_") } else { text }
}

/// A part of the name of a variable.
fn in_variable(name: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric();
    name.chars().map(|char| if is_plain(char) { char.to_ascii_uppercase() } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_where_it_is_put() {
        let sink = Sink::new("{stack}/.env.{stack}", "T_{stack}");
        for (name, path, variable) in [
            ("web-shop", "web-shop/.env.web-shop", "T_WEB_SHOP"),
            ("../../etc", ".._.._etc/.env..._.._etc", "T_______ETC"),
            ("..", "__/.env.__", "T___"),
            ("Größe 2", "Größe_2/.env.Größe_2", "T_GR__E_2"),
            ("a\\b\n{stack}", "a_b__stack_/.env.a_b__stack_", "T_A_B__STACK_"),
        ] {
            assert_eq!(sink.of_stack(name), Sink::new(path, variable), "{name}");
        }
        assert!(sink.is_per_stack() && !Sink::new(".env", "T").is_per_stack());
    }

    #[test]
    fn stacks_that_would_share_a_place_are_found() {
        let root = tempfile::tempdir().unwrap();
        let shared = |file: &str, variable: &str, names: [&'static str; 2]| {
            Sink::new(file, variable).shared_by(root.path(), names)
        };
        assert_eq!(shared(".env", "T", ["a", "b"]), Some(("a", "b")));
        assert_eq!(shared(".env.{stack}", "T", ["a", "b"]), None);
        assert_eq!(shared(".env", "{stack}_T", ["a-b", "a_b"]), Some(("a-b", "a_b")));
        assert_eq!(shared(".env.{stack}", "{stack}_T", ["a-b", "a_b"]), None);
        #[cfg(unix)]
        {
            std::fs::create_dir(root.path().join("a")).unwrap();
            std::os::unix::fs::symlink("a", root.path().join("b")).unwrap();
            assert_eq!(shared("{stack}/.env", "T", ["a", "b"]), Some(("a", "b")), "one folder by two names");
        }
    }
}
