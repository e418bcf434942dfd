//! The plot of docs/performance.md: how much of its bound each row takes, on one scale.

use super::page;
use crate::codegen::pictures::escaped;

const ROW: f64 = 26.0;
const TOP: f64 = 46.0;
/// Where the bars start, and where a row stands that takes all of its bound.
const LEFT: f64 = 590.0;
const FULL: f64 = 300.0;
const WIDTH: f64 = 1080.0;

/// Draws what the page shows: rows with a peer and a bound.
pub(super) fn draw(page: &str) -> String {
    svg(&page::shown(page).iter().filter_map(Bar::of).collect::<Vec<_>>())
}

/// A row of the plot.
#[derive(Debug, PartialEq)]
struct Bar {
    name: String,
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
        let name = format!("{what}, beside {peer}").replace('`', "");
        let is_untold = verdict.starts_with(page::UNTOLD);
        let note =
            if is_untold { format!("{ratio} x; {bound}; {verdict}") } else { format!("{ratio} x; {bound}") };
        Some(Self { name, share, is_untold, note })
    }
}

fn svg(bars: &[Bar]) -> String {
    let height = TOP + ROW * bars.len() as f64 + 16.0;
    let mut text = head(
        (WIDTH, height),
        "How much of its bound each measurement takes",
        &bars.iter().map(|bar| format!("{}: {}.", bar.name, bar.note)).collect::<Vec<_>>().join(" "),
    );
    let full = LEFT + FULL;
    text += &format!("<text x=\"{full}\" y=\"22\" text-anchor=\"middle\">the bound</text>\n");
    text +=
        &format!("<line class=\"bound\" x1=\"{full}\" y1=\"30\" x2=\"{full}\" y2=\"{}\"/>\n", height - 10.0);
    for (index, bar) in bars.iter().enumerate() {
        let y = TOP + ROW * index as f64;
        // What is far beyond its bound ends at the edge; the note says how far.
        let width = (bar.share * FULL).clamp(2.0, FULL * 1.45);
        let class = match bar {
            Bar { is_untold: true, .. } => "untold",
            Bar { share, .. } if *share <= 1.0 => "met",
            Bar { .. } => "missed",
        };
        // Past the bound, if the bar ends near it, so that the dashes cross no letter.
        let is_met = class == "met";
        let near = bar.share > 0.45 && is_met;
        let note_at = if near { full + 8.0 } else { (LEFT + width + 8.0).min(WIDTH - 160.0) };
        text += &format!(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n",
            LEFT - 10.0,
            y + 13.0,
            escaped(&bar.name)
        );
        text += &format!(
            "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"17\" rx=\"2\"/>\n"
        );
        if is_met {
            text += &format!(
                "<text class=\"note\" x=\"{note_at:.1}\" y=\"{}\">{}</text>\n",
                y + 13.0,
                escaped(&bar.note)
            );
        } else {
            // Within the bar's own row there is no room beside it: above all, it must be seen that it is not met.
            let missed = if bar.is_untold { "" } else { "missed: " };
            text += &format!(
                "<text x=\"{}\" y=\"{}\" style=\"fill:#fff\">{missed}{}</text>\n",
                LEFT + 8.0,
                y + 13.0,
                escaped(&bar.note)
            );
        }
    }
    text + "</svg>\n"
}

/// The beginning of a picture: what it is in words, its ground, and its colours on light and on dark. With a ground of its
/// own it can be read in a book whose theme is not that of the system.
pub(super) fn head((width, height): (f64, f64), title: &str, description: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"t d\">\n\
         <title id=\"t\">{}</title>\n\
         <desc id=\"d\">{}</desc>\n\
         <style>\n  .ground {{ fill: #fff; }}\n  text {{ font: 13px system-ui, sans-serif; fill: #24292f; }}\n  .note {{ fill: #57606a; }}\n  \
         .small {{ font-size: 11px; fill: #57606a; }}\n  .met, .ten {{ fill: #2f7d4f; }}\n  .missed {{ fill: #b35900; }} .untold {{ fill: #656d76; }}\n  \
         .hundred {{ fill: #2f5f8f; }}\n  .bound {{ stroke: #24292f; stroke-dasharray: 4 3; }}\n  \
         .grid {{ stroke: #d0d7de; }}\n  .cut {{ stroke: #fff; stroke-width: 3; fill: none; }}\n  @media (prefers-color-scheme: dark) {{\n    .ground {{ fill: #14191f; }}\n    text {{ fill: #e6edf3; }}\n    \
         .note, .small {{ fill: #9da7b3; }}\n    .met, .ten {{ fill: #4cae76; }}\n    .missed {{ fill: #e0903a; }}\n    \
         .hundred {{ fill: #6aa3d8; }}\n    .bound {{ stroke: #e6edf3; }}\n    .grid {{ stroke: #3d444d; }}\n    .cut {{ stroke: #14191f; }}\n  }}\n</style>\n<rect class=\"ground\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>\n",
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
}
