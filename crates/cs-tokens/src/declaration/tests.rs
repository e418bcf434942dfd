use expect_test::{Expect, expect};

use super::*;
use crate::declaration::{Known, check};
use crate::sink::Sinks;

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// The problems of a text, as one would see them.
fn problems(text: &str) -> String {
    let declaration = Declaration::read("shop.toml", text);
    let folder = tempfile::tempdir().unwrap();
    let sinks = Sinks::read(folder.path(), &declaration);
    let names =
        cs_model::StackNames::new(["production", "staging"], ["main", "development"], ["deploy", "release"]);
    let touched = vec![true; declaration.management.len()];
    let known = Known { names: Some(&names), touched: Some(&touched) };
    let mut found = check(&declaration, &sinks, &Profile::seeds(), now(), known);
    found.sort_by(|left, right| left.place.cmp(&right.place));
    let root = folder.path().to_string_lossy().into_owned();
    found
        .iter()
        .map(|item| format!("{item}\n  fix: {}\n", item.fix))
        .collect::<String>()
        .replace(&root, "ROOT")
}

fn expect_problems(text: &str, expected: &Expect) {
    expected.assert_eq(&problems(text));
}

#[test]
fn a_relative_expiry_is_a_date() {
    let now = "2026-11-21T23:59:59Z".parse().unwrap();
    assert_eq!(DeclaredExpiry::In { days: 90 }.resolve(now).to_string(), "2027-02-19");
    assert_eq!(DeclaredExpiry::Never.resolve(now), Expiry::Never);
}

#[test]
fn the_example_is_in_order() {
    let text = include_str!("../../tests/shop.toml");
    assert_eq!(problems(text), "");
    let declaration = Declaration::parse("shop.toml", text).unwrap();
    assert_eq!((declaration.delivery.len(), declaration.management.len()), (2, 2));
    assert!(declaration.delivery[0].preview);
    assert_eq!(declaration.management[0].expires, DeclaredExpiry::In { days: 90 });
    assert_eq!(declaration.management[1].draft.branches, cs_model::Grant::All);
}

#[test]
fn the_module_page_is_in_order() {
    let page = include_str!("../declaration.rs");
    let toml: String = page
        .lines()
        .skip_while(|line| *line != "//! ```toml")
        .skip(1)
        .take_while(|line| *line != "//! ```")
        .map(|line| format!("{}\n", line.trim_start_matches("//!").trim_start()))
        .collect();
    Declaration::parse("page.toml", &toml).unwrap();
}

#[test]
fn everything_is_reported_at_once() {
    let text = r#"
title = "no such key"

[stack]
api_key = "../escape"

[[delivery]]
name = "web"
environments = ["production", "stagng"]
branchs = ["main"]
preview = true
sink = { env_file = "no/such/folder/.env", variable = "TOKEN" }

[[delivery]]
name = "web"
environments = ["staging"]
branches = ["maine"]
aliases = ["deplo"]
preview = "yes"
sink = { env_file = ".env", variable = "TOKEN", preview_variable = "PREVIEW" }

[[management]]
name = "ci"
scope = { entry = "rx", contenttype = "r" }
branches = "main"
expires_on = "2020-01-01"
expires_in = "90d"

[[management]]
name = "old"
scope = { entrie = "r", stack = "rw", branch = "r" }
branches = ["*"]
expires_on = 2020-01-01
sink = { env_file = "./.env", variable = "TOKEN" }

[[management]]
scope = { }
branches = ["main"]
expires_in = "soon"
notify = true
sink = { env_file = ".env", variable = "1-X" }
"#;
    expect_problems(
        text,
        &expect![[r#"
            shop.toml:2:1: error[file.unknown_key]: the file has no key `title`
              fix: remove it; known keys are `stack`, `delivery`, `management`
            shop.toml:5:11: error[file.wrong_type]: `../escape` is not the API key of a stack
              fix: copy the API key from the stack's settings
            shop.toml:9:16: error[environments.too_many]: 2 environments are named; profile `seeds` allows 1 (seed 001, Delivery Tokens)
              fix: make one delivery token for each environment
            shop.toml:9:31: error[environments.unknown]: the stack has no environment `stagng`; it has `production`, `staging`
              fix: did you mean `staging`?
            shop.toml:10:1: error[file.unknown_key]: a `[[delivery]]` block has no key `branchs`
              fix: did you mean `branches`?
            shop.toml:12:8: error[sink.missing]: the preview token of the delivery token `web` has no sink
              fix: add `preview_variable = "..."` to the sink
            shop.toml:12:21: error[sink.unwritable]: `no/such/folder/.env` cannot be written: there is no folder `ROOT/no/such/folder`
              fix: name a file in a folder that is there and that you may write to, or correct what the message names
            shop.toml:15:8: error[file.duplicate_name]: a delivery token named `web` is already declared at line 8
              fix: give each its own name, or remove one
            shop.toml:17:13: error[branches.unknown]: the stack has no branch `maine`; it has `development`, `main`
              fix: did you mean `main`?
            shop.toml:18:12: error[aliases.unknown]: the stack has no branch alias `deplo`; it has `deploy`, `release`
              fix: did you mean `deploy`?
            shop.toml:19:11: error[file.wrong_type]: `preview` must be `true` or `false`, not a text
              fix: write `true` or `false`
            shop.toml:22:1: error[sink.missing]: the management token `ci` has no sink
              fix: add `sink = { env_file = "...", variable = "..." }`
            shop.toml:24:19: error[file.wrong_type]: `rx` is not an access
              fix: write `"r"`, `"w"` or `"rw"`
            shop.toml:24:25: warning[scope.module_unknown]: no document names a module `contenttype` for management tokens
              fix: did you mean `content_type`?
            shop.toml:25:12: error[file.wrong_type]: `branches` must be a list of names, or "all", not the text `main`
              fix: write `branches = ["main"]`
            shop.toml:26:14: error[expiry.past]: `2020-01-01` is in the past: the token would have ended at 2020-01-01T00:00:00Z
              fix: choose a later date, or remove `expires_on` for a token that never expires
            shop.toml:27:14: error[file.contradiction]: `expires_on` and `expires_in` are both there
              fix: keep one of them
            shop.toml:31:11: warning[scope.module_unknown]: no document names a module `entrie` for management tokens
              fix: did you mean `entry`?
            shop.toml:31:25: error[scope.module_not_grantable]: a management token cannot be given `stack`
              fix: remove the module; use an authtoken for it
            shop.toml:31:39: error[scope.reserved_module]: `branch` is not granted as a module
              fix: use `branches` and `aliases`
            shop.toml:32:13: error[branches.wildcard]: `*` would be read as a name
              fix: say `all` instead of `*`
            shop.toml:33:14: error[expiry.past]: `2020-01-01` is in the past: the token would have ended at 2020-01-01T00:00:00Z
              fix: choose a later date, or remove `expires_on` for a token that never expires
            shop.toml:34:42: error[sink.conflict]: `TOKEN` of `./.env` already takes a value at line 20
              fix: give each its own variable
            shop.toml:36:1: error[file.missing_key]: a `[[management]]` block needs a key `name`
              fix: add `name = "..."`
            shop.toml:37:1: error[scope.modules_missing]: no module is granted
              fix: grant a module, such as `entry`, or `$all`
            shop.toml:39:14: error[file.wrong_type]: `soon` is not a number of days or weeks
              fix: write `"90d"` or `"12w"`
            shop.toml:41:40: error[sink.variable]: `1-X` is not a name that a shell takes for a variable
              fix: use letters, digits and `_`, not starting with a digit
        "#]],
    );
}

#[test]
fn text_that_is_not_toml_has_a_place() {
    expect_problems(
        "[[delivery]]\nname = \"a\nenvironments = [\"production\"]\nname = 1\n",
        &expect![[r#"
            shop.toml:2:10: error[file.syntax]: invalid basic string, expected `"`
              fix: correct the syntax at this place
            shop.toml:4:1: error[file.syntax]: duplicate key
              fix: correct the syntax at this place
        "#]],
    );
    expect_problems(
        "[[delivery]]\nname = \"a\"\nname = \"b\"\n",
        &expect![[r#"
            shop.toml:3:1: error[file.syntax]: duplicate key
              fix: correct the syntax at this place
        "#]],
    );
}

#[test]
fn wrong_types_are_named() {
    expect_problems(
        "stack = 1\n[delivery]\nname = \"a\"\n[[management]]\nname = 5\nscope = \"rw\"\nbranches = [1]\nsink = \".env\"\n",
        &expect![[r#"
            shop.toml:1:9: error[file.wrong_type]: `stack` must be a table, `[stack]`, not a whole number
              fix: write a table, `[stack]`
            shop.toml:2:2: error[file.wrong_type]: `delivery` must be a list of blocks, each under `[[delivery]]`, not a table
              fix: write a list of blocks, each under `[[delivery]]`
            shop.toml:5:8: error[file.wrong_type]: `name` must be a text, not a whole number
              fix: write a text
            shop.toml:6:9: error[file.wrong_type]: `scope` must be a table of modules, such as `{ entry = "rw" }`, not a text
              fix: write a table of modules, such as `{ entry = "rw" }`
            shop.toml:7:13: error[file.wrong_type]: `branches` must be a list of names, or "all", not a whole number
              fix: write a list of names, or "all"
            shop.toml:8:8: error[file.wrong_type]: `sink` must be a table, such as `{ env_file = ".env", variable = "TOKEN" }`, not a text
              fix: write a table, such as `{ env_file = ".env", variable = "TOKEN" }`
        "#]],
    );
}

/// The name of a module is looked at whatever is wrong with its access.
#[test]
fn both_sides_of_a_scope_are_told() {
    expect_problems(
        "[[management]]\nname = \"a\"\nscope = { entrie = \"x\", stack = 1 }\nbranches = [\"main\"]\nsink = { env_file = \".env\", variable = \"A\" }\n",
        &expect![[r#"
            shop.toml:3:11: warning[scope.module_unknown]: no document names a module `entrie` for management tokens
              fix: did you mean `entry`?
            shop.toml:3:20: error[file.wrong_type]: `x` is not an access
              fix: write `"r"`, `"w"` or `"rw"`
            shop.toml:3:25: error[scope.module_not_grantable]: a management token cannot be given `stack`
              fix: remove the module; use an authtoken for it
            shop.toml:3:33: error[file.wrong_type]: `stack` must be `"r"`, `"w"` or `"rw"`, not a whole number
              fix: write `"r"`, `"w"` or `"rw"`
        "#]],
    );
}

#[test]
fn nothing_makes_it_panic() {
    let pieces = [
        "[[delivery]]\n",
        "[[management]]\n",
        "name = \"a\"\n",
        "sink = {}\n",
        "scope = {}\n",
        "[stack]\n",
        "=",
        "\u{0}",
        "ü = 1\n",
        "expires_in = \"ü\"\n",
        "sink = { env_file = \"\", variable = \"\" }\n",
    ];
    for a in pieces {
        for b in pieces {
            for c in pieces {
                let _ = Declaration::read("shop.toml", &format!("{a}{b}{c}"));
            }
        }
    }
}
