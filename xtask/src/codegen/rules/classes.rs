//! Classes: kinds and routes that meet the same rules share one. And the OAuth scope of each route.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Result, ensure};

use super::FOLDER;
use super::rows::{Kind, RuleRow};
use super::select::subjects;
use crate::codegen::OutFile;
use crate::codegen::spec::Spec;

/// `classes.rs`
pub(super) fn classes(spec: &Spec) -> Result<OutFile> {
    let subjects = subjects(spec);
    let words = spec.rules.rule.len().div_ceil(64);
    let mask = |covers: &dyn Fn(&RuleRow) -> bool| {
        let mut mask = vec![0_u64; words];
        for (index, row) in spec.rules.rule.iter().enumerate() {
            if covers(row) {
                mask[index / 64] |= 1 << (index % 64);
            }
        }
        mask
    };
    let mut masks: Vec<Vec<u64>> = Vec::new();
    let mut table = Vec::new();
    for kind in Kind::ALL {
        let mut row = Vec::new();
        let routes = subjects.iter().map(|subject| mask(&|rule| rule.covers(kind, subject)));
        let operations =
            spec.rules.operation.iter().map(|item| mask(&|rule| rule.covers_operation(kind, &item.id)));
        for mask in routes.chain(operations) {
            let class = masks.iter().position(|known| *known == mask).unwrap_or_else(|| {
                masks.push(mask);
                masks.len() - 1
            });
            row.push(class);
        }
        table.push((kind, row));
    }
    ensure!(masks.len() <= 256, "{} classes of kinds and routes do not fit a byte", masks.len());

    let count = subjects.len() + spec.rules.operation.len();
    let mut body = String::new();
    writeln!(body, "/// How many routes the tables were made for.")?;
    writeln!(body, "pub(crate) const ROUTE_COUNT: usize = {};\n", subjects.len())?;
    writeln!(body, "/// How many classes there are.")?;
    writeln!(body, "pub(crate) const CLASS_COUNT: usize = {};\n", masks.len())?;
    writeln!(body, "/// The rules of each class, as bits by the number of the rule.")?;
    writeln!(body, "pub(crate) static CLASS_RULES: [[u64; {words}]; CLASS_COUNT] = [")?;
    for mask in &masks {
        let words: Vec<_> = mask.iter().map(|word| format!("0x{word:016x}")).collect();
        writeln!(body, "[{}],", words.join(", "))?;
    }
    writeln!(body, "];\n\n/// The class of each kind on each route, then on each operation.")?;
    writeln!(body, "pub(crate) static CLASS_OF: [[u8; {count}]; {}] = [", Kind::ALL.len())?;
    for (kind, row) in &table {
        let row: Vec<_> = row.iter().map(ToString::to_string).collect();
        writeln!(body, "// {}\n[{}],", kind.title(), row.join(", "))?;
    }
    writeln!(body, "];")?;
    OutFile::rust(&format!("{FOLDER}/classes.rs"), "xtask/spec/rules.toml and routes.toml", &body)
}

/// `oauth.rs`
pub(super) fn oauth(spec: &Spec) -> Result<OutFile> {
    let subjects = subjects(spec);
    let scopes: BTreeSet<&str> = subjects.iter().filter_map(|subject| subject.scope).collect();
    let scopes: Vec<&str> = scopes.into_iter().collect();
    ensure!(scopes.len() <= 128, "{} OAuth scopes do not fit a u128", scopes.len());
    let mut body = String::new();
    writeln!(body, "/// Every OAuth scope that a route takes, sorted.")?;
    writeln!(body, "pub(crate) static OAUTH_SCOPES: [&str; {}] = {scopes:?};\n", scopes.len())?;
    let others: BTreeSet<&str> = spec.rules.oauth_scope.iter().map(|row| row.scope.as_str()).collect();
    let others: Vec<&str> = others.into_iter().collect();
    writeln!(body, "/// Every OAuth scope that a document names and no route takes, sorted.")?;
    writeln!(body, "pub(crate) static OTHER_OAUTH_SCOPES: [&str; {}] = {others:?};\n", others.len())?;
    writeln!(body, "/// The number of the scope that each route takes; 255 where no document names any.")?;
    writeln!(body, "pub(crate) static OAUTH_SCOPE_OF: [u8; {}] = [", subjects.len())?;
    let numbers = subjects.iter().map(|subject| {
        let number = subject.scope.and_then(|scope| scopes.binary_search(&scope).ok());
        number.unwrap_or(usize::from(u8::MAX)).to_string()
    });
    writeln!(body, "{}", numbers.collect::<Vec<_>>().join(", "))?;
    writeln!(body, "];")?;
    OutFile::rust(&format!("{FOLDER}/oauth.rs"), "xtask/spec/rules.toml and routes.toml", &body)
}
