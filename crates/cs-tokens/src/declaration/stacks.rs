//! One file for many stacks: `{stack}` in its sinks, and what two stacks would share.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cs_model::ViolationId;

use crate::declaration::{Declaration, Problem, names};
use crate::sink;

impl Declaration {
    /// What it declares for a stack of this name: `{stack}` in its sinks becomes the name, see
    /// [`Sink::of_stack`](crate::Sink::of_stack). A variable that is none with this name, or that takes two values with it,
    /// is a problem.
    ///
    /// ```
    /// use cs_tokens::Declaration;
    /// let text = "[[delivery]]\nname = \"web\"\nenvironments = [\"production\"]\nbranches = [\"main\"]\n\
    ///             sink = { env_file = \".env.{stack}\", variable = \"TOKEN\" }\n";
    /// let shop = Declaration::parse("tokens.toml", text)?.of_stack("shop");
    /// assert_eq!(shop.sinks().next().map(ToString::to_string).as_deref(), Some(".env.shop:TOKEN"));
    /// # Ok::<(), cs_tokens::Problems>(())
    /// ```
    #[must_use]
    pub fn of_stack(&self, name: &str) -> Self {
        let mut own = self.clone();
        if !self.sinks().any(sink::Sink::is_per_stack) {
            return own;
        }
        let delivery = own.delivery.iter_mut().flat_map(|item| [&mut item.sink, &mut item.preview_sink]);
        for sink in delivery.chain(own.management.iter_mut().map(|item| &mut item.sink)).flatten() {
            *sink = sink.of_stack(name);
        }
        let wrong = own.placed_sinks().filter(|(sink, ..)| !sink::is_variable(&sink.variable));
        let mut found: Vec<Problem> = wrong
            .map(|(sink, key, places)| {
                let message = format!(
                    "with the stack `{}`, `{}` is not a name that a shell takes for a variable",
                    name.escape_debug(),
                    sink.variable
                );
                Problem::new(ViolationId::SinkVariable, places.of(key).clone(), message)
                    .with_fix(Some("put a letter or `_` before `{stack}`".to_owned()))
            })
            .collect();
        let is_told = |problem: &Problem| own.problems.iter().any(|told| told.place == problem.place);
        found.extend(names::taken_twice(&own).into_iter().filter(|problem| !is_told(problem)));
        own.problems.extend(found);
        own.problems.sort_by(|left, right| left.place.cmp(&right.place));
        own
    }

    /// Where values of two stacks would be written to one variable of one file: a problem for each sink, with the first two
    /// stacks of which that holds. Paths are relative to `root`; nothing is asked and nothing is written.
    #[must_use]
    pub fn shared_by(&self, root: &Path, stacks: &[&str]) -> Vec<Problem> {
        let mut taken = BTreeMap::new();
        let mut told = BTreeSet::new();
        let mut problems = Vec::new();
        for name in stacks {
            for (sink, key, places) in self.placed_sinks() {
                let place = places.of(key);
                let before = *taken.entry(sink.of_stack(name).spot(root)).or_insert(name);
                if before == name || !told.insert(place) {
                    continue;
                }
                let (file, variable) = (&sink.env_file, &sink.variable);
                let message = format!(
                    "`{variable}` of `{file}` would take values of the stacks `{before}` and `{name}`"
                );
                let found = Problem::new(ViolationId::SinkConflict, place.clone(), message);
                problems.push(found.with_fix(Some(sink.apart())));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(first: &str, second: &str) -> Declaration {
        let block = |name: &str, sink: &str| {
            format!(
                "[[management]]\nname = \"{name}\"\nscope = {{ entry = \"r\" }}\nbranches = [\"main\"]\nsink = {sink}\n"
            )
        };
        let text = format!("{}{}", block("a", first), block("b", second));
        Declaration::parse("tokens.toml", &text).unwrap()
    }

    fn texts(problems: &[Problem]) -> Vec<String> {
        problems.iter().map(|problem| format!("{problem}; {}", problem.fix)).collect()
    }

    const A: &str = r#"{ env_file = ".env.{stack}", variable = "A" }"#;

    #[test]
    fn each_stack_has_its_own() {
        let file = declared(A, r#"{ env_file = ".env", variable = "{stack}_B" }"#);
        let root = tempfile::tempdir().unwrap();
        assert_eq!(file.shared_by(root.path(), &["shop", "blog"]), []);
        let shop = file.of_stack("web-shop");
        let sinks: Vec<String> = shop.sinks().map(ToString::to_string).collect();
        assert_eq!(
            (sinks, shop.problems()),
            (vec![".env.web-shop:A".into(), ".env:WEB_SHOP_B".into()], &[][..])
        );
    }

    #[test]
    fn what_two_stacks_would_share_is_told_once_for_each_sink() {
        let root = tempfile::tempdir().unwrap();
        let file = declared(A, r#"{ env_file = ".env", variable = "B" }"#);
        assert_eq!(
            texts(&file.shared_by(root.path(), &["shop", "blog", "more"])),
            [
                "tokens.toml:10:40: error[sink.conflict]: `B` of `.env` would take values of the stacks `shop` and `blog`; \
                put `{stack}` into `env_file`, such as `.env.{stack}`, or into `variable`"
            ]
        );
        // One sink of one stack, and another of another.
        let file = declared(
            r#"{ env_file = ".env", variable = "{stack}_A" }"#,
            r#"{ env_file = ".env", variable = "BLOG_{stack}" }"#,
        );
        let found = texts(&file.shared_by(root.path(), &["blog", "a"]));
        assert!(found.len() == 1 && found[0].contains("`blog` and `a`"), "{found:?}");
    }

    #[test]
    fn what_a_name_makes_wrong_is_told() {
        let file = declared(
            r#"{ env_file = ".env", variable = "{stack}_A" }"#,
            r#"{ env_file = ".env", variable = "SHOP_A" }"#,
        );
        let found = texts(file.of_stack("shop").problems());
        assert!(found.len() == 1 && found[0].contains("already takes a value at line 5"), "{found:?}");
        let found = texts(file.of_stack("2024").problems());
        assert!(found.len() == 1 && found[0].contains("with the stack `2024`, `2024_A` is not"), "{found:?}");
        assert!(found[0].ends_with("put a letter or `_` before `{stack}`"), "{found:?}");
    }
}
