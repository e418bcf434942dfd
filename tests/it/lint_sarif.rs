//! Findings as SARIF, against the official schema.

use std::process::Command;

use cs_model::{Access, Expiry, Grant, ManagementTokenDraft, Module, Profile};
use cs_policy::lint::{self, Baseline, Options, Origin, Report, Token};
use cs_tests::root;

/// The documents of a report of nothing, of findings with and without a place, and of silenced ones.
fn documents() -> Vec<String> {
    let (profile, now) = (Profile::seeds(), "2026-11-21T00:00:00Z".parse().unwrap());
    let risky = ManagementTokenDraft::new("ci `é` \u{202e}")
        .module(Module::All, Access::ReadWrite)
        .branches(Grant::All)
        .expiry(Expiry::Never);
    let placed = Token::from(&risky).at(Origin::new("my tokens/é#1.toml", 0));
    let baseline = "[[silence]]\nlint = 'expiry.never'\nsubject = 'management/ci `é` \u{202e}'\nreason = 'known'\n\
                    until = 2026-12-31\n[[silence]]\nlint = 'expiry.past'\nsubject = 'management/gone'\n\
                    reason = 'was'\nuntil = 2026-01-01\n";
    let options = Options::new(&profile, now);
    let of = |tokens: &[Token], baseline: &str| {
        let report =
            Report::new(lint::check_stack(tokens, &options), &Baseline::parse(baseline).unwrap(), now);
        report.to_sarif().to_string()
    };
    vec![of(&[], ""), of(&[Token::from(&risky)], ""), of(&[placed], baseline)]
}

fn validate(documents: &[String]) -> (bool, String) {
    let js = root().join("tests/clients/js");
    let schema = js.join("node_modules/@microsoft/jest-sarif");
    assert!(schema.exists(), "{} is missing: run `cargo xtask test --install`", schema.display());
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("node");
    command.arg(js.join("sarif.mjs")).current_dir(&js);
    for (number, document) in documents.iter().enumerate() {
        let file = folder.path().join(format!("{number}.sarif"));
        std::fs::write(&file, document).unwrap();
        command.arg(file);
    }
    let output = command.output().unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

#[test]
fn findings_are_valid_by_the_official_schema() {
    let (valid, text) = validate(&documents());
    assert!(valid && text.contains("3 documents, 0 wrong"), "{text}");
}

#[test]
fn the_schema_would_find_what_is_wrong() {
    let document = documents().remove(1).replace("\"warning\"", "\"worrying\"");
    let (valid, text) = validate(&[document]);
    assert!(!valid && text.contains("level"), "{text}");
}
