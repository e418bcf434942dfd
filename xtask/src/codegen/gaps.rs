//! What no document answers.

use std::fmt::Write as _;

use anyhow::Result;

use super::spec::Spec;
use super::{OutFile, markdown};

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    let mut body = String::from(
        "# What no document answers\n\nQuestions that were looked into and stayed open, and what this project does about each.\n",
    );
    for row in &spec.gaps {
        writeln!(body, "\n## {}\n\n**{}**\n\n{}\n", row.id, row.question, row.ours)?;
        writeln!(body, "What there is: {}", markdown::sources(&row.sources))?;
    }
    Ok(vec![OutFile::markdown("docs/reference/gaps.md", "xtask/spec/gaps.toml", &body)])
}
