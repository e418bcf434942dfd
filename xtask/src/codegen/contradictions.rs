//! Where the documents disagree.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;

use super::cited::cited;
use super::rust::{id_enum, pascal, source, text};
use super::spec::{ContradictionRow, Problems, ProfileReading, Spec};
use super::{OutFile, markdown};

mod settled;

use settled::Settled;

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    Ok(vec![rust(spec)?, page(spec)?])
}

/// Checks that something acts on the answer to each question: a reading that nothing reads would be for show. `root` is
/// the workspace, where the code of the service is looked up.
pub(crate) fn check(root: &Path, spec: &Spec, problems: &mut Problems) {
    const FILE: &str = "contradictions.toml";
    let service = sources_below(&root.join("crates/cs-server/src"));
    for row in &spec.contradictions {
        if row.decided_by.is_empty() {
            problems.add(FILE, &row.id, "nothing acts on the answer: decided_by is empty");
        }
        for by in &row.decided_by {
            if !acts(spec, &service, row, by) {
                problems.add(FILE, &row.id, format!("`{by}` in decided_by does not act on it"));
            }
            if let Some(settled) = Settled::parse(spec, by) {
                disagreements(spec, row, by, settled, problems);
            }
        }
    }
}

/// The profiles whose reading says something else than the limit or switch that settles the question.
fn disagreements(
    spec: &Spec,
    row: &ContradictionRow,
    by: &str,
    settled: Settled<'_>,
    problems: &mut Problems,
) {
    for profile in &spec.profiles {
        let Some(reading) = profile.readings.get(&row.id) else { continue };
        if settled.answer(profile).is_none_or(|answer| !settled::agrees(reading, answer)) {
            let problem = format!("the reading in `{}` is not what `{by}` says there", profile.name);
            problems.add("contradictions.toml", &row.id, problem);
        }
    }
}

fn acts(spec: &Spec, service: &str, row: &ContradictionRow, by: &str) -> bool {
    match by.split_once(':') {
        Some(_) => Settled::parse(spec, by).is_some(),
        None if by == "rule" => spec.rules.decides(&row.id),
        None => by == "service" && service.contains(&format!("ContradictionId::{}", pascal(&row.id))),
    }
}

/// All sources below a folder, as one text; empty where there are none.
fn sources_below(folder: &Path) -> String {
    let Ok(entries) = fs::read_dir(folder) else { return String::new() };
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    paths
        .map(
            |path| {
                if path.is_dir() {
                    sources_below(&path)
                } else {
                    fs::read_to_string(path).unwrap_or_default()
                }
            },
        )
        .collect()
}

fn rust(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from("use crate::facts::{Claim, Contradiction, Source};\n\n");
    body.push_str(&id_enum(
        "ContradictionId",
        "A disagreement of the documents: the number of a row in [`CONTRADICTIONS`], and of its reading in a profile.",
        spec.contradictions.iter().map(|row| {
            let sources = row.claims.iter().map(|claim| &claim.source);
            (row.id.as_str(), cited(spec, &row.question, sources))
        }),
    )?);
    writeln!(
        body,
        "/// Where the documents disagree, by number. `Allow` in a profile answers the question with yes."
    )?;
    writeln!(body, "pub static CONTRADICTIONS: [Contradiction; ContradictionId::COUNT] = [")?;
    for row in &spec.contradictions {
        writeln!(
            body,
            "Contradiction {{ id: {}, question: {}, claims: &[",
            text(&row.id),
            text(&row.question)
        )?;
        for claim in &row.claims {
            writeln!(body, "Claim {{ says: {}, source: {} }},", text(&claim.says), source(&claim.source))?;
        }
        writeln!(body, "] }},")?;
    }
    writeln!(body, "];")?;
    OutFile::rust("crates/cs-model/src/generated/contradictions.rs", "xtask/spec/contradictions.toml", &body)
}

fn page(spec: &Spec) -> Result<OutFile> {
    let mut body = format!(
        "# Where the documents disagree\n\n\
         {} questions to which the documents give different answers, each with who says what. A [profile](profiles.md) answers each one twice: for \
         the client, before it sends anything (yes, yes with a warning, no, or open), and for the local service, which must answer or refuse. \
         Open means that the verdict is `undocumented`.\n",
        spec.contradictions.len()
    );
    for row in &spec.contradictions {
        writeln!(body, "\n## {}\n\n**{}**\n", row.id, row.question)?;
        let decided: Vec<String> = row.decided_by.iter().map(|by| decider(spec, by)).collect();
        writeln!(body, "Decided by {}.\n", decided.join(" and "))?;
        body.push_str(&markdown::head(&["who", "says"]));
        for claim in &row.claims {
            body.push_str(&markdown::row([claim.source.to_string(), claim.says.clone()]));
        }
        body.push('\n');
        body.push_str(&markdown::head(&["profile", "client", "service", "why"]));
        for profile in &spec.profiles {
            if let Some(reading) = profile.readings.get(&row.id) {
                let [client, service] = answers(reading);
                body.push_str(&markdown::row([
                    markdown::code(&profile.name),
                    client,
                    service,
                    reading.why.clone(),
                ]));
            }
        }
    }
    Ok(OutFile::markdown("docs/reference/contradictions.md", "xtask/spec/contradictions.toml", &body))
}

/// What acts on the answer, in words.
fn decider(spec: &Spec, by: &str) -> String {
    match Settled::parse(spec, by) {
        Some(settled) => settled.shown(),
        None if by == "rule" => "a [rule](rules.md), by the reading".to_owned(),
        None => "the service, by the reading".to_owned(),
    }
}

/// The readings as answers to the question.
fn answers(reading: &ProfileReading) -> [String; 2] {
    use super::spec::{ClientReading, ServiceReading};
    let client = match reading.client {
        ClientReading::Allow => "yes",
        ClientReading::Warn => "yes, with a warning",
        ClientReading::Deny => "no",
        ClientReading::Unsettled => "open",
    };
    let service = match reading.service {
        ServiceReading::Allow => "yes",
        ServiceReading::Deny => "no",
    };
    [client.to_owned(), service.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::root;

    fn spec() -> Spec {
        Spec::load(&root().join("xtask/spec")).unwrap()
    }

    fn found(spec: &Spec) -> Vec<String> {
        let mut problems = Problems::default();
        check(&root(), spec, &mut problems);
        problems.lines().to_vec()
    }

    #[test]
    fn a_reading_that_its_limit_or_switch_belies_is_refused() {
        let mut spec = spec();
        let seeds = spec.profiles.iter().position(|profile| profile.name == "seeds").unwrap();
        let limit = |spec: &mut Spec, id: &str, value| {
            spec.profiles[seeds].limits.get_mut(id).unwrap().value = value;
        };
        for (id, wrong, right) in [
            ("management_tokens_per_stack", Some(30), Some(10)),
            ("delivery_tokens_per_stack", None, Some(20)),
        ] {
            limit(&mut spec, id, wrong);
            let lines = found(&spec);
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert!(lines[0].contains("seeds") && lines[0].contains(id), "{lines:?}");
            limit(&mut spec, id, right);
        }
        spec.profiles[seeds].switches.get_mut("expiry_day").unwrap().value = "end".to_owned();
        assert!(found(&spec)[0].contains("expiry_edge"));
        spec.profiles[seeds].switches.get_mut("expiry_day").unwrap().value = "start".to_owned();
        spec.profiles[seeds].limits.get_mut("management_tokens_per_stack").unwrap().at_limit =
            crate::codegen::spec::AtLimit::EvictOldest;
        assert!(!found(&spec).is_empty());
    }

    #[test]
    fn a_reading_that_nothing_reads_is_refused() {
        let mut spec = spec();
        assert_eq!(found(&spec), [""; 0]);
        for by in ["rule", "service", "limit:none", "switch:none", "switch:expiry_day = noon", "hope"] {
            let row = spec.contradictions.iter_mut().find(|row| row.id == "expiry_edge").unwrap();
            row.decided_by = vec![by.to_owned()];
            assert_eq!(found(&spec).len(), 1, "{by}");
        }
        spec.contradictions[0].decided_by.clear();
        assert_eq!(found(&spec).len(), 2);
    }
}
