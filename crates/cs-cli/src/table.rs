//! Tables for people.

use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Table, Width, presets};

/// The widest a table gets, whatever the terminal: it still fits into a mail or a ticket.
const WIDTH: usize = 100;
/// Blanks between columns.
const GAP: usize = 2;

/// A table without lines: columns under their headings, cells wrapped between words where there is no room.
pub(crate) fn table<const N: usize>(
    headings: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let rows: Vec<[String; N]> = rows.into_iter().collect();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(WIDTH + GAP).unwrap_or(u16::MAX));
    table.set_header(headings.map(Cell::new));
    for row in &rows {
        table.add_row(row.each_ref().map(Cell::new));
    }
    let cells = |index: usize| rows.iter().map(move |row| row[index].as_str()).chain([headings[index]]);
    let natural: [usize; N] = std::array::from_fn(|index| longest(cells(index), str::lines));
    let least: [usize; N] = std::array::from_fn(|index| longest(cells(index), str::split_whitespace));
    let widths = share(natural, least, WIDTH - GAP * (N - 1));
    for (column, width) in table.column_iter_mut().zip(widths) {
        column.set_padding((0, GAP as u16));
        let width = u16::try_from(width + GAP).unwrap_or(u16::MAX);
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
    }
    // Cells are padded to the column; the last one needs no blanks after it.
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// The longest part of all cells, in characters.
fn longest<'a, I: Iterator<Item = &'a str>>(
    cells: impl Iterator<Item = &'a str>,
    parts: fn(&'a str) -> I,
) -> usize {
    cells.flat_map(parts).map(|part| part.chars().count()).max().unwrap_or(0).max(1)
}

/// Widths that fit into `room`: each column gets its longest word, then what is left goes to those that want more. When
/// even the words do not fit, the widest columns break theirs.
fn share<const N: usize>(natural: [usize; N], least: [usize; N], room: usize) -> [usize; N] {
    let mut widths = least;
    while widths.iter().sum::<usize>() > room {
        let Some(widest) = widths.iter_mut().max().filter(|width| **width > 1) else { break };
        *widest -= 1;
    }
    while widths.iter().sum::<usize>() < room {
        let wanting = widths.iter_mut().zip(natural).filter(|(width, wanted)| **width < *wanted);
        let Some((narrowest, _)) = wanting.min_by_key(|(width, _)| **width) else { break };
        *narrowest += 1;
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_table_is_as_wide_as_it_is() {
        let text = table(
            ["NAME", "KIND"],
            [["a".to_owned(), "delivery".to_owned()], ["bb".to_owned(), "-".to_owned()]],
        );
        assert_eq!(text, "NAME  KIND\na     delivery\nbb    -");
    }

    #[test]
    fn a_wide_one_fits_into_a_hundred_columns() {
        let long =
            "entry:rw, content_type:r, asset:rw, environment:r, release:rw, workflow:r, locale:r".to_owned();
        let row = ["shop-production-and-a-rather-long-name".to_owned(), long, "main, development".to_owned()];
        let text = table(["NAME", "SCOPE", "BRANCHES"], [row]);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.contains("shop-production-and-a-rather-long-name"), "{text}");
    }

    #[test]
    fn words_break_only_when_they_must() {
        let text = table(["A", "B"], [["x".repeat(90), "y".repeat(90)]]);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
    }
}
