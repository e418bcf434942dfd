//! The transcript and the table of exit codes in the README.

use crate::home::Home;

const README: &str = include_str!("../../README.md");

#[test]
fn the_transcript_is_what_happens() {
    let home = Home::new();
    home.write("shop.toml", include_str!("../shop.toml"));
    let transcript = README.split("```console\n").nth(1).unwrap().split("```").next().unwrap();
    let mut steps = transcript.split("$ cstok ").skip(1).peekable();
    assert!(steps.peek().is_some());
    for step in steps {
        let (command, expected) = step.split_once('\n').unwrap();
        let ran = home.run(command);
        assert!([0, 3].contains(&ran.code), "{command}\n{}{}", ran.out, ran.err);
        let (expected, found): (Vec<&str>, Vec<&str>) =
            (expected.lines().collect(), ran.out.lines().collect());
        assert!(
            matches(&expected, &found),
            "$ cstok {command}\nexpected:\n{}\nfound:\n{}",
            expected.join("\n"),
            ran.out
        );
    }
}

/// Whether lines are as expected: `...` stands for any lines, `[..]` for any text within one.
fn matches(expected: &[&str], found: &[&str]) -> bool {
    match (expected.split_first(), found.split_first()) {
        (None, None) => true,
        (Some((&"...", rest)), _) => (0..=found.len()).any(|skipped| matches(rest, &found[skipped..])),
        (Some((line, rest)), Some((text, others))) => is_like(line, text) && matches(rest, others),
        _ => false,
    }
}

fn is_like(line: &str, text: &str) -> bool {
    let mut parts = line.split("[..]");
    let first = parts.next().unwrap_or_default();
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut closed = true;
    for part in parts {
        closed = part.is_empty();
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
        if closed {
            text = "";
        }
    }
    text.is_empty() || closed && line.ends_with("[..]")
}

#[test]
fn exit_codes_are_those_of_the_help() {
    let help = Home::new().run("--help").out;
    let rows: Vec<(&str, &str)> = README
        .lines()
        .skip_while(|line| !line.starts_with("| exit"))
        .skip(2)
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "))
        .collect();
    assert_eq!(rows.len(), 10);
    for (number, meaning) in rows {
        assert!(help.contains(&format!("  {number}  {meaning}")), "{number} {meaning}");
    }
}
