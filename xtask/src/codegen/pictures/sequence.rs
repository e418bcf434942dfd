//! Who sends what to whom, from top to bottom.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::svg::{At, Picture, as_size};
use super::{Anchor, hold};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sequence {
    title: String,
    says: String,
    actors: Vec<String>,
    part: Vec<Part>,
}

/// A message (`from`, `to`), what an actor does (`over`), or where a case begins (`case`) or the cases end (`end`).
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Part {
    from: Option<String>,
    to: Option<String>,
    over: Option<String>,
    says: String,
    /// It does not arrive.
    lost: bool,
    case: Option<String>,
    end: Option<String>,
    file: String,
    code: String,
}

const FIRST: f64 = 130.0;
const BETWEEN: f64 = 310.0;
const TOP: f64 = 24.0;
const ACTOR: [f64; 2] = [170.0, 38.0];
const MESSAGE: f64 = 46.0;
const CASE: f64 = 40.0;

pub(super) fn draw(root: &Path, sequence: &Sequence) -> Result<Picture> {
    let Sequence { title, says, actors, part: parts } = sequence;
    let told = parts.iter().filter(|part| part.case.is_none() && part.end.is_none());
    hold(root, "create", told.map(|part| Anchor { file: &part.file, code: &part.code }), false)?;
    let steps =
        parts.iter().map(|part| if part.case.is_some() || part.end.is_some() { CASE } else { MESSAGE });
    let bottom = TOP + ACTOR[1] + steps.sum::<f64>() + 30.0;
    let last = FIRST + BETWEEN * f64::from(u32::try_from(actors.len().saturating_sub(1))?);
    let mut picture = Picture::new(title, says, as_size(last + FIRST), as_size(bottom + 14.0));
    let place = |name: &str| -> Result<f64> {
        let number = actors.iter().position(|actor| actor == name);
        let number = number.with_context(|| format!("xtask/pictures/create.toml: unknown actor `{name}`"))?;
        Ok(FIRST + BETWEEN * f64::from(u32::try_from(number)?))
    };
    for actor in actors {
        let x = place(actor)?;
        picture.line("dashed", [x, TOP + ACTOR[1]], [x, bottom]);
        picture.rect("box", [x - ACTOR[0] / 2.0, TOP, ACTOR[0], ACTOR[1]]);
        picture.text("name", At::Middle, [x, TOP + 25.0], actor);
    }
    let mut y = TOP + ACTOR[1];
    let mut first = true;
    for part in parts {
        match (&part.case, &part.end, &part.over, &part.from, &part.to) {
            (Some(heading), ..) | (_, Some(heading), ..) => {
                y += CASE;
                picture.rect("ground", [20.0, y - 24.0, last + FIRST - 40.0, 26.0]);
                let what = match (&part.end, first) {
                    (Some(_), _) => "then",
                    (None, true) => "either",
                    (None, false) => "or",
                };
                first = false;
                picture.line("", [20.0, y - 24.0], [last + FIRST - 20.0, y - 24.0]);
                picture.text("name", At::Start, [24.0, y - 5.0], what);
                picture.text("", At::Start, [90.0, y - 5.0], heading);
            }
            (.., Some(over), None, None) => {
                y += MESSAGE;
                let x = place(over)?;
                picture.rect("box pure", [x - 130.0, y - 26.0, 260.0, 30.0]);
                picture.text("", At::Middle, [x, y - 6.0], &part.says);
            }
            (.., None, Some(from), Some(to)) => {
                y += MESSAGE;
                let (from, to) = (place(from)?, place(to)?);
                let side = (to - from).signum();
                let (start, end) = (from + side * 4.0, to - side * 4.0);
                let words = wrapped_over(&part.says);
                let middle = f64::midpoint(from, to);
                if part.lost {
                    let x = to - side * 60.0;
                    picture.line("dashed bad", [start, y], [x, y]);
                    picture.cross([x, y]);
                    picture.text("bad-text", At::Middle, [middle, y - 8.0], &part.says);
                } else {
                    picture.arrow("", [start, y], [end, y]);
                    for (line, words) in words.iter().rev().enumerate() {
                        let above = 8.0 + 17.0 * f64::from(u32::try_from(line)?);
                        picture.text("", At::Middle, [middle, y - above], words);
                    }
                }
            }
            _ => bail!("xtask/pictures/create.toml: `{}` is neither a message nor a case", part.says),
        }
    }
    Ok(picture)
}

/// What is said over an arrow, in lines that fit between two actors.
fn wrapped_over(says: &str) -> Vec<String> {
    super::svg::wrapped(says, 38)
}
