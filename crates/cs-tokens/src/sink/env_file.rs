//! The text of an env file.

use cs_model::{Secret, TokenUid};
use zeroize::Zeroizing;

use crate::sink::quoting::{closing, quote, unquote};
use crate::sink::{Owner, is_variable};

/// What our comments begin with.
const MARK: &str = "# cstok: ";

/// The kinds of token in our comments.
const KINDS: [&str; 3] = ["delivery token", "preview token", "management token"];

/// An env file, line by line. `Debug` shows names of variables only.
#[derive(Clone, Default)]
pub(crate) struct EnvFile {
    lines: Vec<Line>,
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

impl EnvFile {
    pub(crate) fn parse(text: &str) -> Self {
        let mut lines = Vec::new();
        let mut owner = None;
        let mut rest = text.strip_suffix('\n').unwrap_or(text);
        let mut more = !text.is_empty();
        while more {
            let length = line_length(rest);
            let (line, tail) = rest.split_at(length);
            more = !tail.is_empty();
            rest = tail.strip_prefix('\n').unwrap_or(tail);
            if let Some(note) = parse_owner(line) {
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
                None => Line::Other(Zeroizing::new(line.to_owned())),
            });
        }
        Self { lines }
    }

    /// What a variable holds: the last assignment counts, as in a shell.
    pub(crate) fn held(&self, variable: &str) -> Option<&Held> {
        self.lines.iter().rev().find_map(|line| match line {
            Line::Variable { name, held, .. } if name == variable => Some(held),
            _ => None,
        })
    }

    /// Sets a variable where it stands, or at the end; there is one of it afterwards, with one comment.
    pub(crate) fn set(&mut self, variable: &str, value: &Secret, owner: &Owner) {
        let is_it = |line: &Line| matches!(line, Line::Variable { name, .. } if name == variable);
        let text = Zeroizing::new(format!("{variable}={}", quote(value.reveal()).as_str()));
        let held = Held { value: value.clone(), owner: Some(owner.clone()) };
        let new = Line::Variable { name: variable.to_owned(), held, text };
        let mut lines = Vec::with_capacity(self.lines.len() + 2);
        let mut new = Some(new);
        for line in std::mem::take(&mut self.lines) {
            if !is_it(&line) {
                lines.push(line);
                continue;
            }
            if matches!(lines.last(), Some(Line::Owner(_))) {
                lines.pop();
            }
            if let Some(new) = new.take() {
                lines.extend([Line::Owner(owner.clone()), new]);
            }
        }
        if let Some(new) = new {
            lines.extend([Line::Owner(owner.clone()), new]);
        }
        self.lines = lines;
    }

    pub(crate) fn render(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::new());
        for line in &self.lines {
            match line {
                Line::Owner(owner) => {
                    // A line break in a name would begin a line of its own.
                    let name = owner.name.replace(char::is_control, " ");
                    text.push_str(&format!("{MARK}{} `{name}` {}", owner.kind, owner.uid));
                }
                Line::Variable { text: line, .. } | Line::Other(line) => text.push_str(line),
            }
            text.push('\n');
        }
        text
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

fn parse_owner(line: &str) -> Option<Owner> {
    let rest = line.trim_end().strip_prefix(MARK)?;
    let kind = KINDS.into_iter().find(|kind| rest.starts_with(kind))?;
    let (name, uid) = rest[kind.len()..].rsplit_once(' ')?;
    let name = name.trim().strip_prefix('`')?.strip_suffix('`')?;
    Some(Owner { kind, name: name.to_owned(), uid: TokenUid::new(uid).ok()? })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn owner(uid: &str) -> Owner {
        Owner { kind: "management token", name: "shop-ci".to_owned(), uid: TokenUid::new(uid).unwrap() }
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
            assert_eq!(again.held("A").unwrap().value.reveal(), value, "{:?}", file.render().as_str());
        }
    }

    #[test]
    fn a_name_cannot_leave_its_comment() {
        let mut file = EnvFile::default();
        let owner = Owner { name: "a\nPATH=x".to_owned(), ..owner("blt1") };
        file.set("A", &Secret::new("1"), &owner);
        assert_eq!(file.render().as_str(), "# cstok: management token `a PATH=x` blt1\nA=1\n");
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
}
