//! The plot of growth: how many times what it takes at first each row takes when there is ten times, and a hundred times, as
//! much. Rows of one kind are found by the end of their names, which `cs_bench_rows::grown` writes.

use super::page;
use super::plot::{MARGIN, WIDE, head};
use crate::codegen::pictures::escaped;

const ROW: f64 = 40.0;
const TOP: f64 = 58.0;
/// What the bars need, with what stands at their ends.
const BARS: f64 = 650.0;
/// How wide one time is, and how many times there is room for.
const ONCE: f64 = 100.0;
const MOST: f64 = 5.0;
/// About how wide a letter at the end of a bar is.
const LETTER: f64 = 6.2;
/// Where a label goes on in a second line.
const BREAK: &str = ", by number of ";

/// What grows, with how many times its first value it has at ten and at a hundred times the size.
#[derive(Debug, PartialEq)]
struct Line {
    name: String,
    ten: Option<f64>,
    hundred: Option<f64>,
}

/// Draws the rows of growth that the page shows.
pub(super) fn draw(page: &str) -> String {
    svg(&lines(&page::values(page)))
}

fn lines(values: &[(String, f64)]) -> Vec<Line> {
    // `WHAT, COUNT OF, N times as many`: what and of what make a kind, and the row without the last part comes first.
    let kind = |name: &str| {
        let (what, size) = name.rsplit_once(", ")?;
        let (count, of) = size.split_once(' ')?;
        let count: u64 = count.parse().ok()?;
        // One of them stands in the singular.
        let plural = if count == 1 { "s" } else { "" };
        let (thing, rest) =
            of.split_once(' ').map_or((of, String::new()), |(of, rest)| (of, format!(" {rest}")));
        Some(format!("{what}, by number of {thing}{plural}{rest}"))
    };
    let mut lines: Vec<(Line, f64)> = Vec::new();
    for (name, value) in values {
        let cut = name.strip_suffix(" times as many");
        let Some((name, times)) = cut.and_then(|name| name.rsplit_once(", ")) else {
            if let Some(name) = kind(name) {
                lines.push((Line { name, ten: None, hundred: None }, *value));
            }
            continue;
        };
        let Some(kind) = kind(name) else { continue };
        let Some((line, first)) = lines.iter_mut().find(|(line, _)| line.name == kind) else { continue };
        match times {
            "10" => line.ten = Some(value / *first),
            "100" => line.hundred = Some(value / *first),
            _ => {}
        }
    }
    lines.into_iter().map(|(line, _)| line).filter(|line| line.ten.is_some()).collect()
}

/// The lines of a label.
fn label(name: &str) -> Vec<String> {
    let name = name.replace('`', "");
    match name.rfind(BREAK) {
        Some(at) => vec![name[..=at].to_owned(), name[at + 2..].to_owned()],
        None => vec![name],
    }
}

/// Where the bars start: all labels have room before it.
fn left(lines: &[Line]) -> f64 {
    let longest = lines.iter().flat_map(|line| label(&line.name)).map(|part| part.chars().count()).max();
    longest.unwrap_or_default() as f64 * WIDE + 2.0 * MARGIN
}

fn svg(lines: &[Line]) -> String {
    let left = left(lines);
    let height = TOP + ROW * lines.len() as f64 + 34.0;
    let told = |line: &Line| {
        let part = |times: &str, value: Option<f64>| {
            value.map(|value| format!("{value:.2} at {times} times the size"))
        };
        let parts: Vec<_> =
            [part("ten", line.ten), part("a hundred", line.hundred)].into_iter().flatten().collect();
        format!("{}: {}.", line.name.replace('`', ""), parts.join(", "))
    };
    let mut text = head(
        (left + BARS, height),
        "What each measurement takes when there is more, beside what it takes at first",
        &lines.iter().map(told).collect::<Vec<_>>().join(" "),
    );
    for times in 1..=MOST as usize {
        let x = left + ONCE * times as f64;
        let class = if times == 1 { "bound" } else { "grid" };
        let words = if times == 1 { "as at first".to_owned() } else { format!("{times} x") };
        text += &format!("<text class=\"note\" x=\"{x}\" y=\"22\" text-anchor=\"middle\">{words}</text>\n");
        text +=
            &format!("<line class=\"{class}\" x1=\"{x}\" y1=\"30\" x2=\"{x}\" y2=\"{}\"/>\n", height - 30.0);
    }
    for (index, line) in lines.iter().enumerate() {
        let y = TOP + ROW * index as f64;
        let parts = label(&line.name);
        // One line stands between the bars, two beside them.
        let first = if parts.len() == 1 { y + 10.0 } else { y + 4.0 };
        for (class, part, y) in [("", parts.first(), first), (" class=\"small\"", parts.get(1), y + 19.0)] {
            let Some(part) = part.map(|part| escaped(part)) else { continue };
            let x = left - MARGIN;
            text += &format!("<text{class} x=\"{x}\" y=\"{y}\" text-anchor=\"end\">{part}</text>\n");
        }
        let bars = [("ten", "10", line.ten, 0.0), ("hundred", "100", line.hundred, 15.0)];
        for (class, times, value, down) in bars {
            let Some(value) = value else { continue };
            let width = value.clamp(0.02, MOST) * ONCE;
            let (top, right) = (y - 6.0 + down, left + width + 8.0);
            text += &format!(
                "<rect class=\"{class}\" x=\"{left}\" y=\"{top}\" width=\"{width:.1}\" height=\"12\" rx=\"2\"/>\n"
            );
            let is_cut = value > MOST;
            if is_cut {
                // Two strokes of the ground across its end, as a broken axis has them.
                for at in [right - 32.0, right - 24.0] {
                    text += &format!("<path class=\"cut\" d=\"M{at:.1} {} l8 -16\"/>\n", top + 14.0);
                }
            }
            let label = format!("{value:.2} at {times} x{}", if is_cut { ", cut" } else { "" });
            // A ground of its own, so that no line goes through the letters.
            let wide = LETTER * label.len() as f64;
            text += &format!(
                "<rect class=\"ground\" x=\"{:.1}\" y=\"{top}\" width=\"{wide:.1}\" height=\"12\"/>\n",
                right - 3.0
            );
            text += &format!("<text class=\"small\" x=\"{right:.1}\" y=\"{}\">{label}</text>\n", top + 10.5);
        }
    }
    text += &format!(
        "<text class=\"note\" x=\"{left}\" y=\"{}\">Bars end at {MOST} x; one with two strokes across goes on, as far as its number says.</text>\n",
        height - 10.0
    );
    text + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_kind_make_a_line() {
        let values = [
            ("`a`, 10 tokens", 2.0),
            ("`a`, 100 tokens, 10 times as many", 3.0),
            ("`a`, 1000 tokens, 100 times as many", 8.0),
            ("`b`, for each, 1 stack", 4.0),
            ("`b`, for each, 10 stacks, 10 times as many", 2.0),
            ("alone, 5 stacks", 1.0),
            ("`decide` on a table", 4.0),
            ("resident with 10,000 tokens", 23.0),
        ];
        let lines = lines(&values.map(|(name, value)| (name.to_owned(), value)));
        let line = |name: &str, ten, hundred| Line { name: name.to_owned(), ten: Some(ten), hundred };
        assert_eq!(
            lines,
            [
                line("`a`, by number of tokens", 1.5, Some(4.0)),
                line("`b`, for each, by number of stacks", 0.5, None),
            ]
        );
        let text = svg(&lines);
        assert!(text.contains(
            "a, by number of tokens: 1.50 at ten times the size, 4.00 at a hundred times the size."
        ));
        assert_eq!(text.matches("<rect class=\"ten\"").count(), 2);
        assert!(!text.contains("class=\"cut\""));
    }

    #[test]
    fn the_longest_label_fits() {
        let line = |name: &str| Line { name: name.to_owned(), ten: Some(1.0), hundred: None };
        let long = "creation and deletion, client and service in one process, by number of tokens";
        // As a browser draws it, in the letters of Debian: 503 wide in one line, 56 letters of 6.6 in the first of two.
        assert_eq!(label(long)[1], "by number of tokens");
        let lines = [line("`a`, by number of tokens"), line(long)];
        assert!(left(&lines) >= 56.0 * 6.6 + MARGIN, "{}", left(&lines));
        let unbroken = [line(&"a".repeat(77))];
        assert!(left(&unbroken) >= 503.0 + MARGIN);
        assert!(svg(&unbroken).contains(&format!("viewBox=\"0 0 {} ", left(&unbroken) + BARS)));
        assert!(lines_of_the_page().iter().any(|line| label(&line.name).len() == 2));
    }

    fn lines_of_the_page() -> Vec<Line> {
        let page = std::fs::read_to_string(crate::codegen::root().join("docs/performance.md")).unwrap();
        lines(&page::values(&page))
    }

    #[test]
    fn bars_that_are_cut_say_so() {
        let line = Line { name: "a".to_owned(), ten: Some(5.68), hundred: Some(56.7) };
        let text = svg(&[line]);
        assert_eq!(text.matches("class=\"cut\"").count(), 4);
        assert!(text.contains(">56.70 at 100 x, cut</text>"));
        // Labels lie on a ground of their own: beside that of the picture.
        assert_eq!(text.matches("class=\"ground\"").count(), 1 + 2);
    }

    #[test]
    fn one_of_several_words_is_of_the_same_kind() {
        let values = [("`c`, 1 call at a time", 1.0), ("`c`, 10 calls at a time, 10 times as many", 2.0)];
        let lines = lines(&values.map(|(name, value)| (name.to_owned(), value)));
        assert_eq!(lines[0].name, "`c`, by number of calls at a time");
    }
}
