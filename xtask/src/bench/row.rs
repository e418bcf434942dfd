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
        Ok(Self {
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

    /// Whether the bound is met; `None` without one.
    pub(super) fn met(&self) -> Option<bool> {
        match self.bound {
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
        for wrong in ["", "a\tb", "a\tb\tc\tx\td\t2\t0.5\t\t", "a\tb\tc\t1\td\t2\t0.5\t==\t1"] {
            assert!(Row::parse(wrong).is_err(), "{wrong}");
        }
    }
}
