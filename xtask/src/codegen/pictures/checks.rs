//! The order of checks: steps from top to bottom, with what each refuses at its right.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::super::spec::Spec;
use super::svg::{At, Picture, as_size, wrapped};
use super::{Anchor, hold};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Checks {
    title: String,
    says: String,
    step: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    name: String,
    says: String,
    /// Ids of errors.
    refuses: Vec<String>,
    file: String,
    code: String,
    /// What steps that follow one another share.
    stage: String,
}

const WIDTH: u32 = 980;
const MARGIN: f64 = 24.0;
const BOX: [f64; 3] = [60.0, 400.0, 58.0];
const GAP: f64 = 22.0;
const REFUSALS: f64 = 540.0;
/// What of a line fits in a box, and at its right.
const LETTERS: usize = 54;
const LINE: f64 = 17.0;
/// As many as stand beside a box and the gaps around it.
const MOST_LINES: usize = 5;
/// Room for the name of a stage.
const HEADING: f64 = 30.0;

pub(super) fn draw(root: &Path, spec: &Spec, checks: &Checks) -> Result<Picture> {
    hold(root, "checks", checks.step.iter().map(|step| Anchor { file: &step.file, code: &step.code }), true)?;
    let refusals: Vec<Vec<String>> =
        checks.step.iter().map(|step| refusals(spec, step)).collect::<Result<_>>()?;
    for (step, lines) in checks.step.iter().zip(&refusals) {
        ensure!(
            step.says.len() <= LETTERS && lines.len() <= MOST_LINES,
            "xtask/pictures/checks.toml: `{}` has more to say than there is room for",
            step.name
        );
    }
    let begins = |number: usize| {
        let stage = |number: usize| checks.step.get(number).map(|step| &step.stage);
        number.checked_sub(1).and_then(stage) != stage(number)
    };
    let [x, width, height] = BOX;
    let mut places = Vec::new();
    let mut y = MARGIN;
    for number in 0..checks.step.len() {
        y += if begins(number) { HEADING } else { 0.0 };
        places.push(y);
        y += height + GAP;
    }
    let mut picture = Picture::new(&checks.title, &checks.says, WIDTH, as_size(y + 6.0));
    for (number, ((step, lines), y)) in
        checks.step.iter().zip(&refusals).zip(places.iter().copied()).enumerate()
    {
        if begins(number) {
            picture.text("quiet", At::Start, [MARGIN, y - 10.0], &step.stage);
            let last = checks.step.iter().rposition(|other| other.stage == step.stage).unwrap_or(number);
            let end = places.get(last).map_or(y, |y| y + height);
            picture.line("", [MARGIN + 10.0, y], [MARGIN + 10.0, end]);
        }
        picture.rect("box", [x, y, width, height]);
        picture.text("name", At::Start, [x + 14.0, y + 24.0], &format!("{}. {}", number + 1, step.name));
        picture.text("", At::Start, [x + 14.0, y + 45.0], &step.says);
        if let Some(next) = places.get(number + 1) {
            picture.arrow("", [x + width / 2.0, y + height], [x + width / 2.0, *next]);
        }
        if !lines.is_empty() {
            let middle = y + height / 2.0;
            picture.arrow("", [x + width, middle], [REFUSALS - 12.0, middle]);
            let mut foot = lines.iter().fold(middle + 13.0, |foot, _| foot - LINE / 2.0);
            for line in lines {
                picture.text("code", At::Start, [REFUSALS, foot], line);
                foot += LINE;
            }
        }
    }
    Ok(picture)
}

/// The answers of a step, in lines: those with the same status and number together.
fn refusals(spec: &Spec, step: &Step) -> Result<Vec<String>> {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for id in &step.refuses {
        let row = spec.errors.iter().find(|row| row.id == *id);
        let row = row.with_context(|| format!("xtask/pictures/checks.toml: unknown error `{id}`"))?;
        let status = row.statuses.first().copied().unwrap_or_default();
        let number = row.code.or(row.service_code).filter(|number| *number != u32::from(status));
        let answer = number.map_or(status.to_string(), |number| format!("{status}, {number}"));
        match groups.iter_mut().find(|(same, _)| *same == answer) {
            Some((_, ids)) => ids.push(id),
            None => groups.push((answer, vec![id])),
        }
    }
    let lines =
        |(answer, ids): (String, Vec<&str>)| wrapped(&format!("{answer}: {}", ids.join(", ")), LETTERS);
    Ok(groups.into_iter().flat_map(lines).collect())
}
