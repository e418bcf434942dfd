//! Rows of measurements: printed, judged by their bounds, and handed on to `cargo xtask bench`.
//!
//! Every program that measures makes one [`Table`] and adds rows to it. When the environment variable `CS_BENCH_ROWS` names a
//! file, the rows are appended to it too, a line each, so that one page shows those of all programs.
#![forbid(unsafe_code)]

use std::fmt;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::process::ExitCode;

/// What a program that measures ends with: failure where a bound was missed, or where it could not measure, which it says.
pub fn exit<E: fmt::Display>(all_met: Result<bool, E>) -> ExitCode {
    match all_met {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // All of the causes, where the error knows them.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The variable that names the file for rows.
pub const FILE: &str = "CS_BENCH_ROWS";

/// What a ratio, or a value without a peer, may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// This or less.
    AtMost(f64),
    /// This or more.
    AtLeast(f64),
    /// It is shown and not judged.
    None,
}

impl Bound {
    fn admits(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
            Self::None => true,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "at most {most}"),
            Self::AtLeast(least) => write!(f, "at least {least}"),
            Self::None => Ok(()),
        }
    }
}

/// The peer of a row: its name, and what was measured of it.
pub type Peer<'a> = (&'a str, f64);

/// The name of a row of growth: what was measured, of how many, and how many times that is the first size. The plot of
/// growth finds rows of one kind by it.
#[must_use]
pub fn grown(what: &str, count: usize, of: impl fmt::Display, times: usize) -> String {
    let of = of.to_string();
    match times {
        // One of them: `stacks` is `stack`, `calls at a time` is `call at a time`.
        1 if count == 1 => {
            let (thing, rest) = of.split_once(' ').map_or((&*of, ""), |(thing, rest)| (thing, rest));
            let thing = thing.strip_suffix('s').unwrap_or(thing);
            format!("{what}, 1 {thing} {rest}").trim_end().to_owned()
        }
        1 => format!("{what}, {count} {of}"),
        _ => format!("{what}, {count} {of}, {times} times as many"),
    }
}

/// All rows of a program.
#[derive(Debug)]
pub struct Table {
    area: &'static str,
    all_met: bool,
    lines: Vec<String>,
}

impl Table {
    /// A table of an area: `policy`, `client`, `service`, `command line`.
    #[must_use]
    pub fn new(area: &'static str) -> Self {
        println!("{:<44} {:>12} {:>12} {:>8}", area, "ours", "peer", "ratio");
        Self { area, all_met: true, lines: Vec::new() }
    }

    /// A row with a peer, in one unit; what is judged is ours divided by the peer's.
    pub fn beside(&mut self, what: &str, unit: &str, ours: f64, peer: Peer<'_>, bound: Bound) {
        self.add(what, unit, ours, Some(peer), ours / peer.1, bound);
    }

    /// A row with a peer, whose ratio was taken otherwise than by these two numbers: turn by turn, say.
    pub fn judged(&mut self, what: &str, unit: &str, ours: f64, peer: Peer<'_>, ratio: f64, bound: Bound) {
        self.add(what, unit, ours, Some(peer), ratio, bound);
    }

    /// A row with a peer, whose ratio says how many times as fast ours is, by times in one unit.
    pub fn faster(&mut self, what: &str, unit: &str, ours: f64, peer: Peer<'_>, bound: Bound) {
        self.add(what, unit, ours, Some(peer), peer.1 / ours, bound);
    }

    /// A row without a peer: the value itself is judged.
    pub fn alone(&mut self, what: &str, unit: &str, ours: f64, bound: Bound) {
        self.add(what, unit, ours, None, ours, bound);
    }

    /// A row whose ratio several processes measured: the one in the middle is shown. It is judged only where the bound is
    /// not among the ratios that the middle may have ([`middle`]): else more processes could say the opposite. So
    /// something else has to judge it.
    pub fn among(&mut self, what: &str, unit: &str, ours: f64, peer: Peer<'_>, ratios: &[f64], bound: Bound) {
        let (low, middle, high) = middle(ratios);
        if bound.admits(low) == bound.admits(high) {
            self.add(what, unit, ours, Some(peer), middle, bound);
        } else {
            self.untold(what, unit, ours, peer, (low, middle, high), bound);
        }
    }

    fn untold(
        &mut self,
        what: &str,
        unit: &str,
        ours: f64,
        (name, theirs): Peer<'_>,
        (low, middle, high): (f64, f64, f64),
        bound: Bound,
    ) {
        let (mark, limit) = match bound {
            Bound::AtMost(most) => ("<=", most),
            Bound::AtLeast(least) => (">=", least),
            // Admits everything, so that it is never here.
            Bound::None => return,
        };
        let shown = format!("{what}, beside {name}");
        let told = format!("{low:.3} to {high:.3} tells nothing of {bound}");
        println!("{shown:<44} {:>12} {:>12} {middle:>8.3}  {unit}  {told}", number(ours), number(theirs));
        let area = self.area;
        self.lines.push(format!(
            "{area}\t{what}\t{unit}\t{ours}\t{name}\t{theirs}\t{middle}\t{mark}\t{limit} {low} {high}"
        ));
    }

    fn add(&mut self, what: &str, unit: &str, ours: f64, peer: Option<Peer<'_>>, judged: f64, bound: Bound) {
        let met = bound.admits(judged);
        self.all_met &= met;
        let (name, theirs, ratio) = match peer {
            Some((name, theirs)) => (name, number(theirs), number(judged)),
            None => ("", String::new(), String::new()),
        };
        let shown = if name.is_empty() { what.to_owned() } else { format!("{what}, beside {name}") };
        let mark = match (bound, met) {
            (Bound::None, _) => "",
            (_, true) => "met",
            (_, false) => "MISSED",
        };
        println!("{shown:<44} {:>12} {theirs:>12} {ratio:>8}  {unit}  {mark} {bound}", number(ours));
        let kind = match bound {
            Bound::AtMost(most) => format!("<=\t{most}"),
            Bound::AtLeast(least) => format!(">=\t{least}"),
            Bound::None => "\t".to_owned(),
        };
        let theirs = peer.map(|(_, theirs)| theirs.to_string()).unwrap_or_default();
        self.lines.push(format!("{}\t{what}\t{unit}\t{ours}\t{name}\t{theirs}\t{judged}\t{kind}", self.area));
    }

    /// Whether every bound was met; hands the rows on.
    ///
    /// # Errors
    ///
    /// When the file that the environment names cannot be written.
    pub fn finish(self) -> std::io::Result<bool> {
        if let Some(path) = std::env::var_os(FILE) {
            let mut file = OpenOptions::new().create(true).append(true).open(path)?;
            for line in &self.lines {
                writeln!(file, "{line}")?;
            }
        }
        Ok(self.all_met)
    }
}

/// The value in the middle of several measurements, and between which two the middle of very many lies in 95 of 100 cases, at
/// least: of nine, the second lowest and the second highest. Of fewer than six, the lowest and the highest, which says less.
#[must_use]
pub fn middle(values: &[f64]) -> (f64, f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    // Each value is above the middle of all in every second case; `left` of them below is as rare as that many heads.
    let count = sorted.len();
    let (mut left, mut chance, mut sum) = (0, 0.5_f64.powi(count.try_into().unwrap_or(i32::MAX)), 0.0);
    while left < count / 2 {
        sum += chance;
        if sum > 0.025 {
            break;
        }
        chance *= (count - left) as f64 / (left + 1) as f64;
        left += 1;
    }
    let left = left.saturating_sub(1);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    (at(left), at(count / 2), at(count.saturating_sub(left + 1)))
}

/// Three digits that count, and no more.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        large if large >= 100.0 => 0,
        middle if middle >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_judge() {
        assert!(Bound::AtMost(2.0).admits(2.0));
        assert!(!Bound::AtMost(2.0).admits(2.1));
        assert!(!Bound::AtLeast(0.8).admits(0.79));
        assert!(Bound::None.admits(f64::MAX));
        let mut table = Table::new("test");
        table.beside("one", "ns", 1.0, ("two", 2.0), Bound::AtMost(0.5));
        table.faster("one", "ns", 1.0, ("two", 2.0), Bound::AtLeast(2.0));
        assert!(table.all_met);
        table.alone("memory", "MiB", 25.0, Bound::AtMost(24.0));
        assert!(!table.all_met);
        assert_eq!(table.lines[0], "test\tone\tns\t1\ttwo\t2\t0.5\t<=\t0.5");
        assert_eq!(table.lines[2], "test\tmemory\tMiB\t25\t\t\t25\t<=\t24");
    }

    #[test]
    fn what_the_middle_may_be() {
        let of = |count: u32| middle(&(0..count).map(f64::from).rev().collect::<Vec<_>>());
        assert_eq!(of(9), (1.0, 4.0, 7.0));
        assert_eq!(of(6), (0.0, 3.0, 5.0));
        assert_eq!(of(3), (0.0, 1.0, 2.0));
        // The tables of the sign test.
        assert_eq!(of(25), (7.0, 12.0, 17.0));
        assert!(of(0).1.is_nan());
    }

    #[test]
    fn what_straddles_a_bound_is_neither_met_nor_missed() {
        let mut table = Table::new("test");
        let among = |table: &mut Table, ratios: [f64; 3]| {
            table.among("one", "us", 1.0, ("two", 2.0), &ratios, Bound::AtMost(1.02));
            (table.all_met, table.lines.last().unwrap().rsplit('\t').next().unwrap().to_owned())
        };
        assert_eq!(among(&mut table, [1.0, 1.01, 1.02]), (true, "1.02".to_owned()));
        assert_eq!(among(&mut table, [1.0, 1.03, 1.04]), (true, "1.02 1 1.04".to_owned()));
        assert_eq!(among(&mut table, [1.03, 1.05, 1.04]), (false, "1.02".to_owned()));
        assert!(table.lines[1].contains("\t1.03\t<=\t"), "{}", table.lines[1]);
    }

    #[test]
    fn rows_of_growth_name_their_size() {
        assert_eq!(grown("a plan", 1, "stacks", 1), "a plan, 1 stack");
        assert_eq!(grown("`GET`", 1, "calls at a time", 1), "`GET`, 1 call at a time");
        assert_eq!(grown("a plan", 10, "stacks", 1), "a plan, 10 stacks");
        assert_eq!(grown("a plan", 10, "stacks", 10), "a plan, 10 stacks, 10 times as many");
    }

    #[test]
    fn numbers_keep_what_counts() {
        assert_eq!([number(0.5716), number(22.84), number(31_262.4)], ["0.57", "22.8", "31262"]);
    }
}
