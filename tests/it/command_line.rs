//! The pages on the command line, beside what the program says. `UPDATE_DOCS=1` writes the page that is made of it.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use cs_tests::{cstok, root};

const PAGE: &str = "docs/reference/cli.md";

const EXIT_CODES: &str = "docs/reference/exit-codes.md";

/// Groups of options that every command has: they are shown once.
const SHARED: [&str; 2] = ["Target:", "Output:"];

fn help(words: &[&str]) -> String {
    let mut command = Command::new(cstok().unwrap());
    command.args(words).arg("--help").env_clear().env("HOME", "/home/you").stdin(Stdio::null());
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

/// The commands that a help text lists.
fn commands(help: &str) -> Vec<&str> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = list.take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").collect()
}

/// The text without the groups that every command has.
fn own(help: &str) -> String {
    let mut kept = String::new();
    let mut is_shared = false;
    for line in help.lines() {
        if !line.is_empty() && !line.starts_with(' ') {
            is_shared = SHARED.contains(&line);
        }
        if !is_shared {
            kept.push_str(line.trim_end());
            kept.push('\n');
        }
    }
    kept.trim_end().to_owned()
}

fn section(words: &[&str], text: &str, page: &mut String) {
    let depth = if words.len() > 1 { "###" } else { "##" };
    let _ = write!(page, "\n{depth} cstok {}\n\n```text\n{}\n```\n", words.join(" "), own(text));
}

fn page() -> String {
    let main = help(&[]);
    let mut page = String::from(
        "<!-- Written from `cstok --help` by `UPDATE_DOCS=1 cargo nextest run -p cs-tests -E 'test(command_line)'`. Do not edit. -->\n\n\
         # The command line\n\n\
         What `cstok --help` and `cstok COMMAND --help` print. The options of the groups *Target* and *Output* are those of \
         every command and stand here once. See also [exit codes](exit-codes.md).\n\n\
         ## cstok\n\n```text\n",
    );
    let shown: Vec<&str> = main.lines().map(str::trim_end).collect();
    page.push_str(shown.join("\n").trim_end());
    page.push_str("\n```\n");
    for name in commands(&main) {
        let text = help(&[name]);
        section(&[name], &text, &mut page);
        for part in commands(&text) {
            section(&[name, part], &help(&[name, part]), &mut page);
        }
    }
    page
}

#[test]
fn the_page_is_what_the_program_says() {
    let (page, file) = (page(), root().join(PAGE));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let there = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = page.lines().zip(there.lines()).find(|(now, then)| now != then);
    assert!(there == page, "{PAGE} is not what is said; UPDATE_DOCS=1 writes it: {differs:?}");
    for command in ["## cstok can\n", "### cstok policy show\n", "### cstok delivery create\n"] {
        assert!(page.contains(command), "{command}");
    }
}

#[test]
fn exit_codes_are_those_of_the_help() {
    let said = help(&[]);
    let said: Vec<(&str, &str)> = said
        .lines()
        .skip_while(|line| *line != "Exit codes:")
        .skip(1)
        .filter_map(|line| line.trim().split_once("  "))
        .collect();
    assert_eq!(said.len(), 10);
    let page = std::fs::read_to_string(root().join(EXIT_CODES)).unwrap();
    let rows: Vec<(&str, &str)> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" | "))
        .filter(|(code, _)| code.parse::<u8>().is_ok())
        .map(|(code, rest)| (code, rest.split(" | ").next().unwrap_or_default()))
        .collect();
    assert_eq!(rows, said);
}
