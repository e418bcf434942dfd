//! Where the documents disagree.

use std::fmt::Write as _;

use anyhow::Result;

use super::rust::{id_enum, source, text};
use super::spec::{ProfileReading, Spec};
use super::{OutFile, markdown};

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    Ok(vec![rust(spec)?, page(spec)?])
}

fn rust(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from("use crate::facts::{Claim, Contradiction, Source};\n\n");
    body.push_str(&id_enum(
        "ContradictionId",
        "A disagreement of the documents: the number of a row in [`CONTRADICTIONS`], and of its reading in a profile.",
        spec.contradictions.iter().map(|row| (row.id.as_str(), row.question.clone())),
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
