//! The table in docs/performance.md, between two marks. The words around it are written by hand.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::row::{Bound, Row};

pub(super) const PAGE: &str = "docs/performance.md";
/// What stands beside a bound that the measurement does not judge, before what it may be.
pub(super) const UNTOLD: &str = "not told by time";
const START: &str = "<!-- rows of `cargo xtask bench`; do not edit -->";
const END: &str = "<!-- end of rows -->";
/// What stands before the rows of a run, and before those that a later run did not make: then follow machine and day.
const MEASURED: &str = "Measured on ";
const EARLIER: &str = "Not measured in that run, but in an earlier one on ";
const HEAD: &str =
    "| what | ours | beside | peer | ratio | bound | |\n| --- | ---: | --- | ---: | ---: | --- | --- |\n";

/// Writes the rows of the areas that were measured; those of others stay, and so does a row with a bound that the run did not
/// make because its peer is not installed. Whether anything still makes it is not known here, so it is told.
pub(super) fn update(root: &Path, rows: &[Row], machine: &str) -> Result<()> {
    let path = root.join(PAGE);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {PAGE}"))?;
    let (text, kept) = updated(&text, rows, machine)?;
    for row in kept {
        println!("NOT MEASURED, kept in {PAGE} (take it out if nothing measures it any more): {row}");
    }
    fs::write(&path, text).with_context(|| format!("cannot write {PAGE}"))
}

/// The page, and the rows that were kept.
fn updated(text: &str, rows: &[Row], machine: &str) -> Result<(String, Vec<String>)> {
    let (mut text, mut all_kept) = (text.to_owned(), Vec::new());
    let mut areas: Vec<&str> = rows.iter().map(|row| row.area.as_str()).collect();
    areas.dedup();
    for area in areas {
        let of_area: Vec<&Row> = rows.iter().filter(|row| row.area == area).collect();
        let heading = format!("### Rows: {area}\n");
        let (before, rest) = text
            .split_once(&heading)
            .with_context(|| format!("{PAGE} has no heading `{}`", heading.trim()))?;
        let (between, rest) = rest.split_once(START).context("a mark is missing")?;
        let (old, after) = rest.split_once(END).context("a mark is missing")?;
        let new = table(&of_area, machine);
        let kept = kept(old, &new);
        all_kept.extend(kept.iter().map(|(_, row)| (*row).to_owned()));
        text = format!("{before}{heading}{between}{START}\n\n{new}{}{END}{after}", earlier(&kept));
    }
    Ok((text, all_kept))
}

/// The rows with a bound that are not among the new ones, each after the machine of its run.
fn kept<'a>(old: &'a str, new: &str) -> Vec<(&'a str, &'a str)> {
    let name = |row: &[&str]| [row[0], row[2]].map(str::to_owned);
    let made: Vec<_> = new.lines().filter_map(row_of).map(|row| name(&row)).collect();
    let mut machine = "";
    let mut kept = Vec::new();
    for line in old.lines() {
        if let Some(words) = line.strip_prefix(MEASURED).or_else(|| line.strip_prefix(EARLIER)) {
            machine = words.trim_end_matches(['.', ':']);
        }
        let Some(row) = row_of(line) else { continue };
        if !row[5].is_empty() && !made.contains(&name(&row)) {
            kept.push((machine, line));
        }
    }
    kept
}

/// The tables of rows that were kept, one for each run.
fn earlier(kept: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for of_run in kept.chunk_by(|(one, _), (other, _)| one == other) {
        let machine = of_run.first().map_or("", |(machine, _)| machine);
        let rows: String = of_run.iter().map(|(_, row)| format!("{row}\n")).collect();
        text += &format!("{EARLIER}{machine}:\n\n{HEAD}{rows}\n");
    }
    text
}

fn table(rows: &[&Row], machine: &str) -> String {
    let mut text = format!("{MEASURED}{machine}.\n\n{HEAD}");
    for row in rows {
        let (name, theirs, ratio) = match &row.peer {
            Some((name, theirs)) => {
                (name.as_str(), format!("{} {}", number(*theirs), row.unit), number(row.judged))
            }
            None => ("", String::new(), String::new()),
        };
        let bound = match row.bound {
            Bound::AtMost(most) => format!("at most {most}"),
            Bound::AtLeast(least) => format!("at least {least}"),
            Bound::None => String::new(),
        };
        let mark = match (row.met(), row.untold) {
            (Some(true), _) => "met".to_owned(),
            (Some(false), _) => "**missed**".to_owned(),
            (None, Some((low, high))) => format!("{UNTOLD} ({low:.3} to {high:.3})"),
            (None, None) => String::new(),
        };
        text += &format!(
            "| {} | {} {} | {name} | {theirs} | {ratio} | {bound} | {mark} |\n",
            row.what,
            number(row.ours),
            row.unit
        );
    }
    text + "\n"
}

/// Three digits that count, and thousands apart.
pub(super) fn number(value: f64) -> String {
    let digits = match value.abs() {
        large if large >= 100.0 => 0,
        middle if middle >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.digits$}");
    if digits > 0 || text.len() < 5 {
        return text;
    }
    let mut grouped = String::new();
    for (index, digit) in text.chars().enumerate() {
        if index > 0 && (text.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The rows as the page shows them, for the plot: what, beside what, the ratio, the bound.
pub(super) fn shown(text: &str) -> Vec<[String; 5]> {
    cells(text).into_iter().map(|row| [row[0], row[2], row[4], row[5], row[6]].map(str::to_owned)).collect()
}

/// What was measured of ours: the name of the row, and the value without its unit.
pub(super) fn values(text: &str) -> Vec<(String, f64)> {
    let value = |cell: &str| cell.split(' ').next()?.replace(',', "").parse().ok();
    cells(text).into_iter().filter_map(|row| Some((row[0].to_owned(), value(row[1])?))).collect()
}

/// The cells of all rows between the marks.
fn cells(text: &str) -> Vec<Vec<&str>> {
    let mut rows = Vec::new();
    let mut within = false;
    for line in text.lines() {
        within = (within || line == START) && line != END;
        if within {
            rows.extend(row_of(line));
        }
    }
    rows
}

/// The cells of a line that is a row.
fn row_of(line: &str) -> Option<Vec<&str>> {
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    let is_row = line.starts_with("| ") && cells.len() == 7 && cells[0] != "what" && cells[0] != "---";
    is_row.then_some(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# P\n\n### Rows: policy\n\nwords\n\n<!-- rows of `cargo xtask bench`; do not edit -->\nold\n<!-- end of rows -->\n\n### Rows: client\n<!-- rows of `cargo xtask bench`; do not edit -->\nkept\n<!-- end of rows -->\n";

    #[test]
    fn only_what_was_measured_changes() {
        let row = Row::parse("policy\t`decide`\tns\t4.8\tCedar\t21000\t4375\t>=\t3000").unwrap();
        let (text, _) = updated(PAGE, &[row], "a machine").unwrap();
        assert!(text.contains("Measured on a machine."));
        assert!(
            text.contains("| `decide` | 4.80 ns | Cedar | 21,000 ns | 4375 | at least 3000 | met |"),
            "{text}"
        );
        let row = Row::parse("policy\tx\tus\t3\ty\t2.9\t1.03\t<=\t1.02 1.0112 1.04").unwrap();
        let (untold, _) = updated(PAGE, &[row], "").unwrap();
        assert!(untold.contains("| at most 1.02 | not told by time (1.011 to 1.040) |"), "{untold}");
        assert!(text.contains("words") && text.contains("kept") && !text.contains("old"));
        let unknown = Row::parse("weather\tx\tns\t1\t\t\t1\t\t").unwrap();
        assert!(updated(PAGE, &[unknown], "").is_err());
        assert_eq!(shown(&text), [["`decide`", "Cedar", "4375", "at least 3000", "met"].map(str::to_owned)]);
        assert_eq!(values(&text), [("`decide`".to_owned(), 4.8)]);
    }

    #[test]
    fn a_row_with_a_bound_stays_when_its_peer_was_not_there() {
        let read =
            |lines: &[&str]| -> Vec<Row> { lines.iter().map(|line| Row::parse(line).unwrap()).collect() };
        let axum = "policy\tGET\t/s\t90\taxum\t100\t0.9\t>=\t0.8";
        let prism = "policy\tGET\t/s\t90\tPrism\t1\t90\t>=\t30";
        let unbound = "policy\tPOST\t/s\t7\t\t\t7\t\t";
        let (first, kept) = updated(PAGE, &read(&[axum, prism, unbound]), "one, Monday").unwrap();
        assert!(kept.is_empty());

        let (second, kept) = updated(&first, &read(&[axum]), "two, Tuesday").unwrap();
        let row = "| GET | 90.0 /s | Prism | 1.00 /s | 90.0 | at least 30 | met |";
        assert_eq!(kept, [row]);
        assert!(second.contains("Measured on two, Tuesday."));
        let below = format!("{EARLIER}one, Monday:\n\n{HEAD}{row}\n\n{END}");
        assert!(second.contains(&below), "{second}");
        assert!(!second.contains("POST"));
        assert_eq!(shown(&second).len(), 2);

        // It stays as it is however many runs follow, and goes when one makes it.
        let (third, _) = updated(&second, &read(&[axum]), "three, Wednesday").unwrap();
        assert!(third.contains(&below) && !third.contains("Tuesday"), "{third}");
        let (last, kept) = updated(&third, &read(&[axum, prism]), "four, Thursday").unwrap();
        assert!(kept.is_empty() && !last.contains(EARLIER), "{last}");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [number(0.567), number(12.34), number(999.6), number(12_345.6)],
            ["0.57", "12.3", "1000", "12,346"]
        );
    }
}
