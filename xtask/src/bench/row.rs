//! A measurement, as the programs in `benches` hand it on.

use anyhow::{Context, Result, bail};

/// A row of the table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) area: String,
    pub(super) what: String,
    pub(super) unit: String,
    pub(super) ours: f64,
    /// The name of the peer and what was measured of it.
    pub(super) peer: Option<(String, f64)>,
    /// What the bound is about: the ratio, or the value where there is no peer.
    pub(super) judged: f64,
    pub(super) bound: Bound,
    /// Between which two it may be in truth, where the bound is between them too, so that nothing is judged.
    pub(super) untold: Option<(f64, f64)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Bound {
    AtMost(f64),
    AtLeast(f64),
    None,
}

impl Row {
    /// Reads a line of nine fields: see `benches/rows`.
    pub(super) fn parse(line: &str) -> Result<Self> {
        let fields: Vec<&str> = line.split('\t').collect();
        let &[area, what, unit, ours, peer, theirs, judged, kind, bound] = fields.as_slice() else {
            bail!("`{line}` has {} fields, not 9", fields.len());
        };
        let number =
            |text: &str| text.parse::<f64>().with_context(|| format!("`{text}` in `{line}` is no number"));
        let (bound, untold) = match bound.split(' ').collect::<Vec<_>>()[..] {
            [bound, low, high] => (bound, Some((number(low)?, number(high)?))),
            _ => (bound, None),
        };
        Ok(Self {
            untold,
            area: area.to_owned(),
            what: what.to_owned(),
            unit: unit.to_owned(),
            ours: number(ours)?,
            peer: if peer.is_empty() { None } else { Some((peer.to_owned(), number(theirs)?)) },
            judged: number(judged)?,
            bound: match kind {
                "<=" => Bound::AtMost(number(bound)?),
                ">=" => Bound::AtLeast(number(bound)?),
                "" => Bound::None,
                other => bail!("`{other}` in `{line}` is no bound"),
            },
        })
    }

    /// Whether the bound is met; `None` without one, and where what was measured does not tell.
    pub(super) fn met(&self) -> Option<bool> {
        match self.bound {
            _ if self.untold.is_some() => None,
            Bound::AtMost(most) => Some(self.judged <= most),
            Bound::AtLeast(least) => Some(self.judged >= least),
            Bound::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_rows() {
        let row = Row::parse("policy\t`decide`\tns\t4.8\tCedar\t21000\t4375\t>=\t3000").unwrap();
        assert_eq!((row.area.as_str(), row.ours, row.met()), ("policy", 4.8, Some(true)));
        assert_eq!(row.peer, Some(("Cedar".to_owned(), 21_000.0)));
        let row = Row::parse("service\tmemory\tMiB\t25\t\t\t25\t<=\t24").unwrap();
        assert_eq!((row.peer.as_ref(), row.met()), (None, Some(false)));
        assert_eq!(Row::parse("a\tb\tc\t1\td\t2\t0.5\t\t").unwrap().met(), None);
        let row = Row::parse("a\tb\tc\t1\td\t2\t1.03\t<=\t1.02 1.01 1.04").unwrap();
        assert_eq!((row.bound, row.met(), row.untold), (Bound::AtMost(1.02), None, Some((1.01, 1.04))));
        for wrong in ["", "a\tb", "a\tb\tc\tx\td\t2\t0.5\t\t", "a\tb\tc\t1\td\t2\t0.5\t==\t1"] {
            assert!(Row::parse(wrong).is_err(), "{wrong}");
        }
    }
}
