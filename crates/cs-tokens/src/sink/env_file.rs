//! The text of an env file.

use std::borrow::Cow;
use std::collections::BTreeMap;

use cs_model::Secret;
use zeroize::Zeroizing;

use crate::sink::quoting::{closing, quote, unquote};
use crate::sink::{Owner, is_variable};

/// What some editors put in front of a text.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// An env file, line by line. `Debug` shows names of variables only.
#[derive(Clone, Default)]
pub(crate) struct EnvFile {
    byte_order_mark: bool,
    lines: Vec<Line>,
    strange: Option<usize>,
}

#[derive(Clone)]
enum Line {
    /// One of our comments.
    Owner(Owner),
    /// A variable, with its text as it stands, which may have several lines.
    Variable { name: String, held: Held, text: Zeroizing<String> },
    /// Anything else.
    Other(Zeroizing<String>),
}

/// What a variable holds.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) value: Secret,
    /// What the comment above says, if it is one of ours.
    pub(crate) owner: Option<Owner>,
}

impl std::fmt::Debug for EnvFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.lines.iter().filter_map(|line| match line {
            Line::Variable { name, .. } => Some(name),
            _ => None,
        });
        f.debug_set().entries(names).finish()
    }
}

impl Line {
    fn sets(&self, variable: &str) -> bool {
        matches!(self, Self::Variable { name, .. } if name == variable)
    }
}

impl EnvFile {
    pub(crate) fn parse(text: &str) -> Self {
        let mut file = Self { byte_order_mark: text.starts_with(BYTE_ORDER_MARK), ..Self::default() };
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let lines = &mut file.lines;
        let mut owner = None;
        let mut number = 0;
        let mut rest = text.strip_suffix('\n').unwrap_or(text);
        let mut more = !text.is_empty();
        while more {
            let length = line_length(rest);
            let (line, tail) = rest.split_at(length);
            more = !tail.is_empty();
            rest = tail.strip_prefix('\n').unwrap_or(tail);
            number += 1;
            if let Some(note) = Owner::parse(line) {
                owner = Some(note.clone());
                lines.push(Line::Owner(note));
                continue;
            }
            let owner = owner.take();
            lines.push(match assignment(line) {
                Some((name, value)) => {
                    let held = Held { value: Secret::new(unquote(value).as_str()), owner };
                    Line::Variable { name: name.to_owned(), held, text: Zeroizing::new(line.to_owned()) }
                }
                None => {
                    if !is_harmless(line) {
                        file.strange.get_or_insert(number);
                    }
                    Line::Other(Zeroizing::new(line.to_owned()))
                }
            });
            // A quoted value may go over several lines.
            number += line.matches('\n').count();
        }
        file
    }

    /// The number of the first line that no env file has; then this is something else, which nothing may be written to.
    pub(crate) const fn strange_line(&self) -> Option<usize> {
        self.strange
    }

    /// The variables that count, with what they hold.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &Held)> {
        let last: BTreeMap<&str, &Held> = self
            .lines
            .iter()
            .filter_map(|line| match line {
                Line::Variable { name, held, .. } => Some((name.as_str(), held)),
                _ => None,
            })
            .collect();
        last.into_iter()
    }

    /// What a variable holds: the last assignment counts, as in a shell, and an empty one is none.
    pub(crate) fn held(&self, variable: &str) -> Option<&Held> {
        let last = self.lines.iter().rev().find_map(|line| match line {
            Line::Variable { name, held, .. } if name == variable => Some(held),
            _ => None,
        });
        last.filter(|held| !held.value.reveal().is_empty())
    }

    /// Sets a variable where it stands, or at the end; there is one of it afterwards, with one comment.
    pub(crate) fn set(&mut self, variable: &str, value: &Secret, owner: &Owner) {
        let exported = self.is_exported(variable);
        let export = if exported { "export " } else { "" };
        // In one piece: a text that grows leaves copies of the secret behind.
        let text = Zeroizing::new([export, variable, "=", quote(value.reveal()).as_str()].concat());
        let held = Held { value: value.clone(), owner: Some(owner.clone()) };
        let new = Line::Variable { name: variable.to_owned(), held, text };
        self.put(variable, vec![Line::Owner(owner.clone()), new]);
    }

    /// Takes a variable out, with its comment.
    pub(crate) fn remove(&mut self, variable: &str) {
        self.put(variable, Vec::new());
    }

    /// Puts lines in the place of a variable, or at the end.
    fn put(&mut self, variable: &str, mut new: Vec<Line>) {
        let mut lines = Vec::with_capacity(self.lines.len() + 2);
        for line in std::mem::take(&mut self.lines) {
            if !line.sets(variable) {
                lines.push(line);
                continue;
            }
            if matches!(lines.last(), Some(Line::Owner(_))) {
                lines.pop();
            }
            lines.append(&mut new);
        }
        lines.append(&mut new);
        self.lines = lines;
    }

    /// Whether the line that counts is for the children of a shell, too.
    fn is_exported(&self, variable: &str) -> bool {
        let last = self.lines.iter().rev().find(|line| line.sets(variable));
        matches!(last, Some(Line::Variable { text, .. }) if text.trim_start().starts_with("export "))
    }

    pub(crate) fn render(&self) -> Zeroizing<String> {
        // As above: all pieces are there before the text is.
        let mark = if self.byte_order_mark { BYTE_ORDER_MARK } else { "" };
        let mut pieces = vec![Cow::Borrowed(mark)];
        for line in &self.lines {
            pieces.push(match line {
                Line::Owner(owner) => owner.to_string().into(),
                Line::Variable { text: line, .. } | Line::Other(line) => line.as_str().into(),
            });
            pieces.push("\n".into());
        }
        Zeroizing::new(pieces.concat())
    }
}

/// The length of the first line; a quoted value may go over several.
fn line_length(text: &str) -> usize {
    let end = text.find('\n').unwrap_or(text.len());
    let Some((_, value)) = assignment(&text[..end]) else { return end };
    let start = end - value.len();
    match text[start..].chars().next() {
        Some(quote @ ('"' | '\'')) => match closing(&text[start + 1..], quote) {
            Some(close) => {
                let after = start + 1 + close;
                text[after..].find('\n').map_or(text.len(), |rest| after + rest)
            }
            // Nothing closes it: dotenv readers disagree on what this means, so take the line alone.
            None => end,
        },
        _ => end,
    }
}

/// The name and the text of the value of `NAME=value`, also after `export`.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end();
    is_variable(name).then(|| (name, value.trim_start_matches([' ', '\t'])))
}

/// Whether a line that assigns nothing may stand in an env file: a blank one, a comment, `export NAME`, `NAME`.
fn is_harmless(line: &str) -> bool {
    let line = line.trim();
    let names = line.strip_prefix("export ").unwrap_or(line);
    line.is_empty() || line.starts_with('#') || names.split_whitespace().all(is_variable)
}

#[cfg(test)]
mod tests {
    use cs_model::{TokenKind, TokenUid};
    use expect_test::expect;

    use super::*;

    fn owner(uid: &str) -> Owner {
        let uid = TokenUid::new(uid).unwrap();
        Owner { kind: TokenKind::Management, name: "shop-ci".to_owned(), uid, stack: None }
    }

    #[test]
    fn other_lines_stay_and_ours_are_replaced() {
        let text = "# my file\nexport A=1\n\nTOKEN=old # gone\nB='x\ny' \nTOKEN=older\n";
        let mut file = EnvFile::parse(text);
        assert_eq!(file.render().as_str(), text);
        assert_eq!(file.held("TOKEN").unwrap().value.reveal(), "older");
        file.set("TOKEN", &Secret::new("cs1"), &owner("blt1"));
        file.set("NEW", &Secret::new("it's"), &owner("blt1"));
        expect![[r#"
            # my file
            export A=1

            # cstok: management token `shop-ci` blt1
            TOKEN=cs1
            B='x
            y' 
            # cstok: management token `shop-ci` blt1
            NEW="it's"
        "#]]
        .assert_eq(&file.render());
        file.set("TOKEN", &Secret::new("cs2"), &owner("blt2"));
        let again = EnvFile::parse(&file.render());
        assert_eq!(again.render(), file.render());
        let held = again.held("TOKEN").unwrap();
        assert_eq!((held.value.reveal(), held.owner.as_ref()), ("cs2", Some(&owner("blt2"))));
        assert_eq!(again.held("B").unwrap().value.reveal(), "x\ny");
        assert_eq!(again.held("B").unwrap().owner, None);
        assert!(!format!("{again:?}").contains("cs2"));
    }

    #[test]
    fn values_come_back_as_they_went() {
        for value in ["abc", "", "a b", "a'b", "a\"b", "$HOME", "`x`", "a\\n", "a\nb'", "a # b", "ü", " a "]
        {
            let mut file = EnvFile::default();
            file.set("A", &Secret::new(value), &owner("blt1"));
            let again = EnvFile::parse(&file.render());
            let held = again.held("A").map_or("", |held| held.value.reveal());
            assert_eq!(held, value, "{:?}", file.render().as_str());
        }
    }

    #[test]
    fn no_text_with_a_value_grows() {
        for value in ["plain", "with spaces in it", "a'\"\"\"$$$$\\\\\\\\`b"] {
            let mut file = EnvFile::parse("\u{feff}# mine\nB='x\ny'\n");
            file.set("A", &Secret::new(value), &owner("blt1"));
            let text = file.render();
            assert_eq!(text.capacity(), text.len(), "{value}");
            let lines = file.lines.iter().filter_map(|line| match line {
                Line::Variable { text, .. } => Some(text),
                _ => None,
            });
            assert!(lines.into_iter().all(|text| text.capacity() == text.len()), "{value}");
        }
    }

    #[test]
    fn a_comment_must_stand_right_above() {
        let text = "# cstok: management token `a b` blt1\n\nA=1\n";
        assert_eq!(EnvFile::parse(text).held("A").unwrap().owner, None);
        let text = "# cstok: delivery token `a b` blt1\nA=1\n";
        assert_eq!(EnvFile::parse(text).held("A").unwrap().owner.as_ref().unwrap().name, "a b");
    }

    #[test]
    fn odd_files_are_no_trouble() {
        for text in
            ["", "\n", "=", "A", "A=\"", "A='", "A=\"x\nB=2", "\u{feff}A=1", "A=1", "# cstok: x", "A=\"\\"]
        {
            let file = EnvFile::parse(text);
            let once = file.render();
            assert_eq!(EnvFile::parse(&once).render(), once, "{text:?}");
        }
        assert_eq!(EnvFile::parse("A=\"x\nB=2").held("B").unwrap().value.reveal(), "2");
    }

    #[test]
    fn an_empty_value_is_none() {
        for text in ["A=", "A=''", "A=\"\"", "# cstok: management token `a` blt1\nA=\n", "A=1\nA="] {
            assert!(EnvFile::parse(text).held("A").is_none(), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_env_file_is_recognised() {
        for text in [
            "",
            "\n \n",
            "# a",
            "A=1",
            "export A B",
            "A",
            "A = 1",
            "A='x\n]]'\nB=1",
            "\u{feff}A=1",
            "A=1\r\n",
        ] {
            assert_eq!(EnvFile::parse(text).strange_line(), None, "{text:?}");
        }
        for (text, line) in [
            ("[[delivery]]\nname = \"a\"\n", 1),
            ("A='x\ny'\n{\n}\n", 3),
            ("{ \"a\": 1 }", 1),
            ("a: 1\n", 1),
            ("A=1\nif true; then\n", 2),
        ] {
            assert_eq!(EnvFile::parse(text).strange_line(), Some(line), "{text:?}");
        }
    }

    #[test]
    fn a_variable_goes_with_its_comment_and_stays_exported() {
        let text = "\u{feff}# mine\n# cstok: management token `a` blt1\nexport A=1\nB=2\n";
        let mut file = EnvFile::parse(text);
        file.set("A", &Secret::new("9"), &owner("blt2"));
        assert!(file.render().contains("\n# cstok: management token `shop-ci` blt2\nexport A=9\nB=2\n"));
        file.remove("A");
        assert_eq!(file.render().as_str(), "\u{feff}# mine\nB=2\n");
        assert_eq!(file.variables().map(|(name, _)| name).collect::<Vec<_>>(), ["B"]);
    }
}
