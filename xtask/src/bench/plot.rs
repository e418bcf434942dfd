//! The plot of docs/performance.md: how much of its bound each row takes, on one scale.

use super::page;
use crate::codegen::pictures::escaped;

const ROW: f64 = 38.0;
const TOP: f64 = 46.0;
const BAR: f64 = 17.0;
/// What is left free beside a text.
pub(super) const MARGIN: f64 = 10.0;
/// How wide a bar is that takes all of its bound, and how wide one is at most.
const FULL: f64 = 300.0;
const MOST: f64 = FULL * 1.45;
/// How wide a letter is at most, on the average of its line.
pub(super) const WIDE: f64 = 7.0;

/// Draws what the page shows: rows with a peer and a bound.
pub(super) fn draw(page: &str) -> String {
    svg(&page::shown(page).iter().filter_map(Bar::of).collect::<Vec<_>>())
}

/// A row of the plot.
#[derive(Debug, PartialEq)]
struct Bar {
    name: String,
    peer: String,
    /// The share of the bound that is taken: 1 is all of it, more is too much.
    share: f64,
    /// Whether the measurement says nothing about the bound.
    is_untold: bool,
    note: String,
}

impl Bar {
    fn of([what, peer, ratio, bound, verdict]: &[String; 5]) -> Option<Self> {
        let ratio_value: f64 = ratio.replace(',', "").parse().ok()?;
        let share = match bound.strip_prefix("at most ") {
            Some(most) => ratio_value / most.parse::<f64>().ok()?,
            None => bound.strip_prefix("at least ")?.parse::<f64>().ok()? / ratio_value,
        };
        // The ratio is rounded, the verdict was not.
        let share = if verdict.contains("missed") { share.max(1.001) } else { share };
        let (name, peer) = (what.replace('`', ""), format!("beside {}", peer.replace('`', "")));
        let is_untold = verdict.starts_with(page::UNTOLD);
        let note =
            if is_untold { format!("{ratio} x; {bound}; {verdict}") } else { format!("{ratio} x; {bound}") };
        Some(Self { name, peer, share, is_untold, note })
    }

    fn class(&self) -> &'static str {
        match self {
            Self { is_untold: true, .. } => "untold",
            Self { share, .. } if *share <= 1.0 => "met",
            Self { .. } => "missed",
        }
    }

    /// What stands in or beside it. Above all, it must be seen that a bound is missed.
    fn says(&self) -> String {
        let missed = if self.class() == "missed" { "missed: " } else { "" };
        format!("{missed}{}", self.note)
    }

    /// What is far beyond its bound ends at the edge; the note says how far.
    fn width(&self) -> f64 {
        (self.share * FULL).clamp(2.0, MOST)
    }

    /// Where its note stands, from the start of the bars: in the bar, which only those have that are not met and have room;
    /// else beside it, and past the bound where the dashes would cross letters.
    fn note(&self) -> Note {
        let long = wide(&self.says());
        let end = self.width() + 8.0;
        if self.class() != "met" && 8.0 + long <= self.width() {
            Note { class: "within", at: 8.0 }
        } else if end + long < FULL {
            Note { class: "note", at: end }
        } else {
            Note { class: "note", at: end.max(FULL + 8.0) }
        }
    }
}

struct Note {
    class: &'static str,
    at: f64,
}

/// How wide a text is at most.
fn wide(text: &str) -> f64 {
    text.chars().count() as f64 * WIDE
}

fn svg(bars: &[Bar]) -> String {
    let names = bars.iter().flat_map(|bar| [&bar.name, &bar.peer]).map(|name| wide(name));
    let left = names.fold(0.0, f64::max) + 2.0 * MARGIN;
    let ends = bars.iter().map(|bar| bar.note().at + wide(&bar.says()));
    let width = left + ends.fold(MOST, f64::max) + MARGIN;
    let height = TOP + ROW * bars.len() as f64 + 16.0;
    let told = |bar: &Bar| format!("{}, {}: {}.", bar.name, bar.peer, bar.note);
    let mut text = head(
        (width, height),
        "How much of its bound each measurement takes",
        &bars.iter().map(told).collect::<Vec<_>>().join(" "),
    );
    let full = left + FULL;
    text += &format!("<text x=\"{full}\" y=\"22\" text-anchor=\"middle\">the bound</text>\n");
    text +=
        &format!("<line class=\"bound\" x1=\"{full}\" y1=\"30\" x2=\"{full}\" y2=\"{}\"/>\n", height - 10.0);
    for (index, bar) in bars.iter().enumerate() {
        let y = TOP + ROW * index as f64;
        let x = left - MARGIN;
        for (class, name, y) in [("", &bar.name, y + 6.0), (" class=\"small\"", &bar.peer, y + 21.0)] {
            text +=
                &format!("<text{class} x=\"{x}\" y=\"{y}\" text-anchor=\"end\">{}</text>\n", escaped(name));
        }
        text += &format!(
            "<rect class=\"{}\" x=\"{left}\" y=\"{y}\" width=\"{:.1}\" height=\"{BAR}\" rx=\"2\"/>\n",
            bar.class(),
            bar.width()
        );
        let Note { class, at } = bar.note();
        text += &format!(
            "<text class=\"{class}\" x=\"{:.1}\" y=\"{}\">{}</text>\n",
            left + at,
            y + 13.0,
            escaped(&bar.says())
        );
    }
    text + "</svg>\n"
}

/// Colours on light and on dark. Letters in a bar are of the class `within`.
const STYLE: &str = "  .ground { fill: #fff; }
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .note { fill: #57606a; }
  .within { fill: #fff; }
  .small { font-size: 11px; fill: #57606a; }
  .met, .ten { fill: #2f7d4f; }
  .missed { fill: #b35900; }
  .untold { fill: #656d76; }
  .hundred { fill: #2f5f8f; }
  .bound { stroke: #24292f; stroke-dasharray: 4 3; }
  .grid { stroke: #d0d7de; }
  .cut { stroke: #fff; stroke-width: 3; fill: none; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #14191f; }
    text { fill: #e6edf3; }
    .note, .small { fill: #9da7b3; }
    .within { fill: #14191f; }
    .met, .ten { fill: #4cae76; }
    .missed { fill: #e0903a; }
    .untold { fill: #8b949e; }
    .hundred { fill: #6aa3d8; }
    .bound { stroke: #e6edf3; }
    .grid { stroke: #3d444d; }
    .cut { stroke: #14191f; }
  }
";

/// The beginning of a picture: what it is in words, its colours, and its ground. With a ground of its own it can be read in
/// a book whose theme is not that of the system.
pub(super) fn head((width, height): (f64, f64), title: &str, description: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"t d\">\n\
         <title id=\"t\">{}</title>\n\
         <desc id=\"d\">{}</desc>\n\
         <style>\n{STYLE}</style>\n<rect class=\"ground\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>\n",
        escaped(title),
        escaped(description)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ratio: &str, bound: &str) -> Option<Bar> {
        judged(ratio, bound, "")
    }

    fn judged(ratio: &str, bound: &str, verdict: &str) -> Option<Bar> {
        Bar::of(&["`a`", "b & c", ratio, bound, verdict].map(str::to_owned))
    }

    #[test]
    fn shares_of_bounds() {
        assert_eq!(row("1.50", "at most 2").unwrap().share, 0.75);
        assert_eq!(row("6,000", "at least 3000").unwrap().share, 0.5);
        assert_eq!(row("0.40", "at least 0.8").unwrap().share, 2.0);
        assert_eq!(row("0.40", ""), None);
        assert!(!row("1.03", "at most 1.02").unwrap().is_untold);
        assert!(judged("1.03", "at most 1.02", "not told by time (1.011 to 1.040)").unwrap().is_untold);
        // 0.9796, say.
        assert!(judged("0.98", "at least 0.98", "**missed**").unwrap().share > 1.0);
        assert_eq!(judged("0.98", "at least 0.98", "met").unwrap().share, 1.0);
    }

    #[test]
    fn the_picture_says_what_it_shows() {
        let untold = judged("1.01", "at most 1.02", "not told by time (1.001 to 1.040)").unwrap();
        let text = svg(&[row("1.50", "at most 2").unwrap(), row("0.40", "at least 0.8").unwrap(), untold]);
        assert!(text.contains("a, beside b &amp; c: 1.50 x; at most 2."));
        assert_eq!(text.matches("class=\"met\"").count(), 1);
        assert_eq!(text.matches("class=\"missed\"").count(), 1);
        assert_eq!(text.matches("class=\"untold\"").count(), 1);
        assert!(text.contains(">1.01 x; at most 1.02; not told by time (1.001 to 1.040)<"), "{text}");
    }

    #[test]
    fn a_note_that_does_not_fit_stands_beside_its_bar() {
        let untold = judged("1.01", "at most 1.02", "not told by time (1.001 to 1.040)").unwrap();
        let note = untold.note();
        assert_eq!(note.class, "note");
        assert!(note.at > untold.width() && note.at > FULL, "{}", note.at);
        let missed = row("2.16", "at most 2").unwrap();
        assert_eq!((missed.note().class, missed.says().as_str()), ("within", "missed: 2.16 x; at most 2"));
        // A short bar leaves room before the bound, a longer one does not.
        assert!(row("0.36", "at most 1.02").unwrap().note().at < FULL);
        assert!(row("0.9", "at most 1.02").unwrap().note().at > FULL);
        // All of it is in the picture.
        let text = svg(&[untold]);
        let (_, rest) = text.split_once("viewBox=\"0 0 ").unwrap();
        let width: f64 = rest.split(' ').next().unwrap().parse().unwrap();
        let at = text.rsplit_once("class=\"note\" x=\"").unwrap().1.split('"').next().unwrap();
        assert!(
            at.parse::<f64>().unwrap() + wide("1.01 x; at most 1.02; not told by time (1.001 to 1.040)")
                < width
        );
    }

    /// The colour of a class, or of `text`.
    fn colour(style: &str, class: &str) -> [f64; 3] {
        let is_meant =
            |line: &&str| line.split('{').next().unwrap().split(',').any(|one| one.trim() == class);
        let line = style.lines().find(is_meant).unwrap();
        let digits: Vec<u32> =
            line.split_once("fill: #").unwrap().1.chars().map_while(|letter| letter.to_digit(16)).collect();
        let channel = |at: usize| match digits.len() {
            3 => digits[at] * 17,
            _ => digits[2 * at] * 16 + digits[2 * at + 1],
        };
        [0, 1, 2].map(|at| f64::from(channel(at)) / 255.0)
    }

    /// As WCAG defines it.
    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let light = |colour: [f64; 3]| {
            let [red, green, blue] = colour.map(|channel| {
                if channel <= 0.040_45 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
            });
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        let (one, other) = (light(one) + 0.05, light(other) + 0.05);
        one.max(other) / one.min(other)
    }

    #[test]
    fn every_letter_can_be_read_on_light_and_on_dark() {
        assert!((contrast([0.0; 3], [1.0; 3]) - 21.0).abs() < 0.01);
        let (light, dark) = STYLE.split_once("@media").unwrap();
        for style in [light, dark] {
            let within = [".met", ".missed", ".untold", ".ten", ".hundred"].map(|bar| (".within", bar));
            let beside = ["text", ".note", ".small"].map(|letters| (letters, ".ground"));
            for (letters, ground) in within.into_iter().chain(beside) {
                let ratio = contrast(colour(style, letters), colour(style, ground));
                assert!(ratio >= 4.5, "{letters} on {ground}: {ratio:.2} in{style}");
            }
        }
    }
}
