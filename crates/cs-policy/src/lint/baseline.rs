//! What is known and accepted, for a time.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{Finding, LintId, Silenced};
use crate::document::{Block, Problem, Problems, Reader};

/// A list of findings that are accepted, each with a reason and an end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Baseline {
    /// The entries, in the order of the file.
    pub entries: Vec<Silence>,
}

/// One accepted finding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Silence {
    /// The lint.
    pub lint: LintId,
    /// The subject of the finding: `management/ci`.
    pub subject: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is, in UTC.
    pub until: Date,
    /// The line of the file, from 1; 0 in JSON.
    pub line: usize,
}

impl Baseline {
    /// Reads a baseline. A text that begins with `{` is JSON, `{"silence": [{...}]}`; any other is TOML:
    ///
    /// ```
    /// use cs_policy::lint::Baseline;
    /// let baseline = Baseline::parse("
    ///     [[silence]]
    ///     lint = 'rotation.no_headroom'
    ///     subject = 'delivery'
    ///     reason = 'two of them go with the old site'
    ///     until = 2027-01-31
    /// ")?;
    /// assert_eq!(baseline.entries[0].subject, "delivery");
    /// let wrong = "[[silence]]\nlint = 'no.such'\nuntil = 'soon'";
    /// assert_eq!(Baseline::parse(wrong).unwrap_err().items().len(), 4);
    /// # Ok::<(), cs_policy::Problems>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, with lines: no TOML or JSON, unknown keys, a lint that does not exist, an entry without
    /// reason or end, two entries for one finding.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        if text.trim_start().starts_with('{') { Self::from_json(text) } else { Self::from_toml(text) }
    }

    fn from_toml(text: &str) -> Result<Self, Problems> {
        let mut reader = Reader::new(text);
        let mut entries = Vec::new();
        if let Some(root) = reader.root() {
            let block = Block { table: root.get_ref(), what: "a baseline".to_owned(), span: 0..0 };
            reader.only(&block, &["silence"]);
            for item in reader.tables(&block, "silence", "an entry of a baseline") {
                reader.only(&item, &["lint", "subject", "reason", "until"]);
                let line = reader.line(&item.span);
                let mut field = |key| reader.needed(&item, key).map(|(text, _)| text);
                let raw = RawEntry {
                    lint: field("lint"),
                    subject: field("subject"),
                    reason: field("reason"),
                    until: field("until"),
                };
                entries.extend(raw.read(line, "", &mut reader.problems));
            }
        }
        repeated(&entries, &mut reader.problems);
        Problems::or(reader.problems, Self { entries })
    }

    fn from_json(text: &str) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let file = serde_json::from_str(text).unwrap_or_else(|error| {
            let message = match error.classify() {
                serde_json::error::Category::Data => "it is no baseline: an object with a list `silence` of entries with texts for `lint`, `subject`, `reason` and `until`",
                _ => "it is no JSON",
            };
            problems.push(Problem { line: error.line(), message: message.to_owned() });
            RawFile::default()
        });
        let mut entries = Vec::new();
        for (index, raw) in file.silence.into_iter().enumerate() {
            let place = format!("silence[{index}]: ");
            for (key, value) in raw.fields() {
                if value.as_ref().is_none_or(|text| text.trim().is_empty()) {
                    problems.push(Problem {
                        line: 0,
                        message: format!("{place}an entry of a baseline needs a key `{key}`"),
                    });
                }
            }
            entries.extend(raw.read(0, &place, &mut problems));
        }
        repeated(&entries, &mut problems);
        Problems::or(problems, Self { entries })
    }

    /// Takes what is accepted out of the findings, and adds what is wrong with the entries themselves.
    pub(super) fn sift(&self, findings: Vec<Finding>, now: Timestamp) -> (Vec<Finding>, Vec<Silenced>) {
        let (mut kept, mut silenced) = (Vec::new(), Vec::new());
        let mut used = BTreeSet::new();
        for finding in findings {
            let entry = self.entries.iter().position(|entry| entry.is_for(&finding));
            used.extend(entry);
            match entry.map(|index| &self.entries[index]).filter(|entry| entry.holds(now)) {
                Some(entry) => silenced.push(Silenced { finding, by: entry.clone() }),
                None => kept.push(finding),
            }
        }
        for (index, entry) in self.entries.iter().enumerate() {
            let subject = format!("baseline/{}/{}", entry.lint, entry.subject);
            if !used.contains(&index) {
                let reason = format!("`{}` is not found in `{}`", entry.lint, entry.subject);
                kept.push(Finding::new(LintId::BaselineUnused, subject, reason));
            } else if !entry.holds(now) {
                let reason =
                    format!("`{}` in `{}` was accepted until {}", entry.lint, entry.subject, entry.until);
                kept.push(Finding::new(LintId::BaselineExpired, subject, reason));
            }
        }
        (kept, silenced)
    }
}

impl Silence {
    /// Whether it is about this finding.
    #[must_use]
    pub fn is_for(&self, finding: &Finding) -> bool {
        self.lint == finding.id && self.subject == finding.subject
    }

    /// Whether it still silences: through the whole of its last day, in UTC.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        now.to_zoned(TimeZone::UTC).date() <= self.until
    }
}

/// One subject and lint twice: which entry counts would be a guess.
fn repeated(entries: &[Silence], problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for entry in entries {
        if !seen.insert((entry.lint, &entry.subject)) {
            let message = format!("`{}` in `{}` is silenced twice", entry.lint, entry.subject);
            problems.push(Problem { line: entry.line, message });
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    silence: Vec<RawEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    lint: Option<String>,
    subject: Option<String>,
    reason: Option<String>,
    until: Option<String>,
}

impl RawEntry {
    fn fields(&self) -> [(&'static str, &Option<String>); 4] {
        [("lint", &self.lint), ("subject", &self.subject), ("reason", &self.reason), ("until", &self.until)]
    }

    /// The entry, unless something is missing or wrong. What is missing was complained about before.
    fn read(self, line: usize, place: &str, problems: &mut Vec<Problem>) -> Option<Silence> {
        let mut wrong =
            |message: String| problems.push(Problem { line, message: format!("{place}{message}") });
        let lint = self.lint.and_then(|name| {
            let lint = LintId::find(&name);
            match lint {
                None => wrong(format!("there is no lint `{name}`")),
                Some(lint) if lint.row().kinds.is_empty() => {
                    wrong(format!("`{name}` is about the baseline and cannot be silenced"));
                    return None;
                }
                Some(_) => {}
            }
            lint
        });
        let until = self.until.and_then(|text| {
            let date = if text.len() == 10 { text.parse().ok() } else { None };
            if date.is_none() {
                wrong(format!("`{text}` is not a date (YYYY-MM-DD)"));
            }
            date
        });
        Some(Silence { lint: lint?, subject: self.subject?, reason: self.reason?, until: until?, line })
    }
}
