//! DuckDB and PostgreSQL agree with `decide` on every line of an access log.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use cs_model::Profile;
use cs_policy::export::{Dialect, sql, sql_principal};
use cs_tests::{Postgres, root};
use tempfile::TempDir;

use super::log::{Answer, Log, STACK, name};

const LINES: usize = 100_000;
const PRINCIPALS: usize = 400;

/// Scripts and log in a folder: `policy.sql`, `principals.sql`, `log.csv`.
fn write(log: &Log, profile: &Profile, dialect: Dialect) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let principals: String = log
        .principals
        .iter()
        .enumerate()
        .map(|(number, principal)| sql_principal(principal, &name(number), STACK))
        .collect();
    let files =
        [("policy.sql", sql(profile, dialect)), ("principals.sql", principals), ("log.csv", log.csv())];
    for (file, text) in files {
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    folder
}

/// The answers in `out.csv`: line, verdict, rules, warnings; no field has a comma or a quote.
fn read(folder: &Path) -> Vec<Answer> {
    let text = std::fs::read_to_string(folder.join("out.csv")).unwrap();
    text.lines()
        .enumerate()
        .map(|(number, line)| {
            let fields: Vec<&str> = line.split(',').map(|field| field.trim_matches('"')).collect();
            let [line, verdict, rules, warnings] = fields[..] else { panic!("`{line}` has other fields") };
            assert_eq!(line, number.to_string());
            (verdict.to_owned(), rules.to_owned(), warnings.to_owned())
        })
        .collect()
}

fn compare(engine: &str, profile: &Profile, log: &Log, answers: &[Answer]) {
    let expected = log.expected(profile);
    assert_eq!(answers.len(), expected.len());
    let differences: Vec<usize> =
        (0..expected.len()).filter(|number| answers[*number] != expected[*number]).collect();
    if let Some(first) = differences.first() {
        panic!(
            "{engine}: {} of {} lines differ; {}\n  {engine}: {:?}\n  decide: {:?}",
            differences.len(),
            expected.len(),
            log.describe(*first),
            answers[*first],
            expected[*first]
        );
    }
    let mut verdicts: BTreeMap<&str, usize> = BTreeMap::new();
    for (verdict, _, _) in answers {
        *verdicts.entry(verdict).or_default() += 1;
    }
    println!("{engine}, profile {}: {} lines, 0 differences; {verdicts:?}", profile.name, answers.len());
    // A log in which nothing is allowed or nothing refused shows little.
    for verdict in ["allow", "not_granted", "undocumented", "forbidden", "unmapped", "unknown_principal"] {
        assert!(verdicts.contains_key(verdict), "no line is {verdict}");
    }
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn duckdb_agrees_on_an_access_log() {
    let python = root().join("tests/clients/python/.venv/bin/python");
    assert!(python.exists(), "{} is missing: run `cargo xtask test --install`", python.display());
    let log = Log::generate(LINES, PRINCIPALS);
    for profile in [Profile::seeds(), Profile::documented_2026()] {
        let folder = write(&log, &profile, Dialect::DuckDb);
        let files =
            ["policy.sql", "principals.sql", "log.csv", "out.csv"].map(|file| folder.path().join(file));
        run(Command::new(&python).arg(root().join("tests/sql/duckdb_verdicts.py")).args(files));
        compare("DuckDB", &profile, &log, &read(folder.path()));
    }
}

#[test]
fn postgresql_agrees_on_an_access_log() {
    let postgres = Postgres::start().unwrap();
    let log = Log::generate(LINES, PRINCIPALS);
    for profile in [Profile::seeds(), Profile::documented_2026()] {
        let folder = write(&log, &profile, Dialect::PostgreSql);
        let database = profile.name.replace('-', "_");
        run(postgres.psql("postgres").args(["-c", &format!("CREATE DATABASE {database}")]));
        run(postgres.psql(&database).current_dir(folder.path()).args([
            "-f",
            "policy.sql",
            "-f",
            "principals.sql",
            "-c",
            "\\copy cs_access_log FROM 'log.csv' WITH (FORMAT csv)",
            "-c",
            "ANALYZE",
            "-c",
            "\\copy (SELECT line, verdict, rules, warnings FROM cs_verdict ORDER BY line) TO 'out.csv' WITH (FORMAT csv, NULL 'null')",
        ]));
        compare("PostgreSQL", &profile, &log, &read(folder.path()));
    }
}
