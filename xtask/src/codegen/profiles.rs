//! Profiles: limits, switches and readings, and a page that shows them side by side.

use std::fmt::Write as _;

use anyhow::{Context, Result};

use super::rust::{pascal, text};
use super::spec::{AtLimit, Level, ProfileFile, ProfileLimit, Spec};
use super::{OutFile, markdown};

pub(crate) fn generate(spec: &Spec) -> Result<Vec<OutFile>> {
    Ok(vec![rust(spec)?, page(spec)?])
}

fn rust(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from(
        "use std::borrow::Cow;\n\nuse crate::profile::{AnswerShape, AtLimit, ClientReading, DayEdge, Level, Limit, \
         ModuleNames, Profile, Reading, Readings, ServiceReading, Sourced, Switches};\n\n",
    );
    for profile in &spec.profiles {
        let name = profile.name.replace('-', "_").to_uppercase();
        writeln!(body, "/// The profile `{}`. {}", profile.name, profile.says)?;
        writeln!(body, "pub const {name}: Profile = Profile {{")?;
        writeln!(body, "name: {}, says: {},", cow(&profile.name), cow(&profile.says))?;
        write_limits(&mut body, spec, profile)?;
        write_switches(&mut body, spec, profile)?;
        writeln!(body, "readings: Readings::new([")?;
        for row in &spec.contradictions {
            let reading = profile.readings.get(&row.id).context("unchecked reading")?;
            writeln!(
                body,
                "// {}\nReading {{ client: ClientReading::{}, service: ServiceReading::{}, why: {} }},",
                row.id,
                reading.client.variant(),
                reading.service.variant(),
                cow(&reading.why)
            )?;
        }
        writeln!(body, "]),\n}};\n")?;
    }
    OutFile::rust("crates/cs-model/src/generated/profiles.rs", "xtask/spec/profiles/*.toml", &body)
}

fn write_limits(body: &mut String, spec: &Spec, profile: &ProfileFile) -> Result<()> {
    writeln!(body, "limits: [")?;
    for row in &spec.limits {
        let limit = profile.limits.get(&row.id).context("unchecked limit")?;
        writeln!(
            body,
            "// {}\nLimit {{ value: {:?}, at_limit: AtLimit::{}, level: Level::{}, source: {} }},",
            row.id,
            limit.value,
            limit.at_limit.variant(),
            limit.level.variant(),
            cow(&limit.source.to_string())
        )?;
    }
    writeln!(body, "],")?;
    Ok(())
}

fn write_switches(body: &mut String, spec: &Spec, profile: &ProfileFile) -> Result<()> {
    writeln!(body, "switches: Switches {{")?;
    for row in &spec.switches {
        let switch = profile.switches.get(&row.id).context("unchecked switch")?;
        let value = match row.rust_type.as_str() {
            "bool" => switch.value.clone(),
            name => format!("{name}::{}", pascal(&switch.value)),
        };
        writeln!(
            body,
            "{}: Sourced {{ value: {value}, source: {} }},",
            row.id,
            cow(&switch.source.to_string())
        )?;
    }
    writeln!(body, "}},")?;
    Ok(())
}

fn cow(value: &str) -> String {
    format!("Cow::Borrowed({})", text(value))
}

fn page(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from(
        "# Profiles\n\n\
         Documents disagree about limits and rules. A profile says which of them to believe. `seeds` is the default; programs can \
         make their own from any of them. Messages about a limit name the profile and the page.\n\n",
    );
    body.push_str(&markdown::head(&["profile", "what it stands for"]));
    for profile in &spec.profiles {
        body.push_str(&markdown::row([markdown::code(&profile.name), profile.says.clone()]));
    }

    body.push_str(
        "\n## Limits\n\nAt the limit, one more is refused unless the cell says otherwise. `warning`: a check warns and the request goes on. \
         `none`: no document gives a number.\n\n",
    );
    let names: Vec<_> = spec.profiles.iter().map(|profile| profile.name.as_str()).collect();
    body.push_str(&markdown::head(&[&["limit"], names.as_slice()].concat()));
    for row in &spec.limits {
        let mut cells = vec![format!("`{}`: {}", row.id, row.says)];
        for profile in &spec.profiles {
            cells.push(limit_cell(profile.limits.get(&row.id).context("unchecked limit")?));
        }
        body.push_str(&markdown::row(cells));
    }

    body.push_str("\n## Switches\n\n");
    body.push_str(&markdown::head(&[&["switch"], names.as_slice()].concat()));
    for row in &spec.switches {
        let mut cells = vec![format!("`{}`: {} Values: {}.", row.id, row.says, list(&row.values))];
        for profile in &spec.profiles {
            let switch = profile.switches.get(&row.id).context("unchecked switch")?;
            cells.push(format!("**{}** ({})", switch.value, switch.source));
        }
        body.push_str(&markdown::row(cells));
    }

    body.push_str(
        "\n## Readings\n\nHow each profile reads a [contradiction](contradictions.md): client / service. `unsettled` gives the verdict \
         `undocumented`.\n\n",
    );
    body.push_str(&markdown::head(&[&["question"], names.as_slice()].concat()));
    for row in &spec.contradictions {
        let mut cells = vec![format!("[{}](contradictions.md#{})", row.question, row.id)];
        for profile in &spec.profiles {
            let reading = profile.readings.get(&row.id).context("unchecked reading")?;
            let [client, service] =
                [reading.client.variant(), reading.service.variant()].map(str::to_lowercase);
            cells.push(format!("{client} / {service}"));
        }
        body.push_str(&markdown::row(cells));
    }
    Ok(OutFile::markdown(
        "docs/reference/profiles.md",
        "xtask/spec/limits.toml and xtask/spec/profiles/*.toml",
        &body,
    ))
}

fn limit_cell(limit: &ProfileLimit) -> String {
    let value = limit.value.map_or_else(|| "none".to_owned(), |value| value.to_string());
    let evict = if limit.at_limit == AtLimit::EvictOldest { ", the oldest goes" } else { "" };
    let level = if limit.level == Level::Warning { ", warning" } else { "" };
    format!("**{value}**{evict}{level} ({})", limit.source)
}

fn list(values: &[String]) -> String {
    values.iter().map(|value| markdown::code(value)).collect::<Vec<_>>().join(", ")
}
