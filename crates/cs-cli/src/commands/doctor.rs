//! `cstok doctor`

use cs_model::facts::Region;
use cs_model::generated::REGIONS;
use cs_model::{ApiError, Plain};
use cs_tokens::{CredentialKind, Diagnosis, Finding, Health};
use serde::Serialize;

use crate::args::TargetArgs;
use crate::args::doctor::DoctorArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::Output;
use crate::style::{self, Styled};
use crate::target::Target;
use crate::target::connection::{Connection, TargetShown};

#[derive(Serialize)]
struct Explained<'a> {
    answer: &'a ApiError,
    diagnosis: &'a Diagnosis,
}

#[derive(Serialize)]
struct Examined<'a> {
    target: TargetShown<'a>,
    findings: &'a [Finding],
}

/// Explains an answer, or examines the target.
pub(crate) fn run(args: &DoctorArgs, target: &TargetArgs, output: &Output) -> Result<Exit, Failure> {
    if args.status.is_none() && args.body.is_none() {
        return examine(args, Target::resolve(target)?, output);
    }
    let text = args.body.as_deref().map(input::text).transpose()?.unwrap_or_default();
    let answer = pasted(args.status, &text)?;
    if answer.status < 300 {
        let message = format!("HTTP {} refuses nothing, so there is nothing to explain", answer.status);
        return Err(
            Failure::usage(message).hint("`cstok doctor` without an answer asks the target what is wrong")
        );
    }
    let told = Diagnosis::of(&answer);
    output.print(Styled(style::STRONG, Plain(&answer.to_string())))?;
    output.print(format_args!("cause  {}", told.cause))?;
    output.print(format_args!("fix    {}", told.fix))?;
    for other in &told.others {
        output.print(format_args!("or     {} {}", other.cause, other.fix))?;
    }
    if let Some(id) = told.id {
        output.print(Styled(style::QUIET, format_args!("{id}: {}", told.sources.join("; "))))?;
    }
    output.document(&Explained { answer: &answer, diagnosis: &told })?;
    Ok(if told.id.is_some() { Exit::Ok } else { Exit::Denied })
}

/// An answer as somebody pastes it: its body, with or without the lines before it.
fn pasted(status: Option<u16>, text: &str) -> Result<ApiError, Failure> {
    let (head, body) = match (text.find('{'), text.rfind('}')) {
        (Some(begin), Some(end)) if begin < end => (&text[..begin], &text[begin..=end]),
        _ => (text, ""),
    };
    let digits = |part: &str| -> Option<u16> {
        let number = (part.len() == 3).then(|| part.parse().ok())?;
        number.filter(|number| (100..=599).contains(number))
    };
    let in_head = || head.lines().next()?.split(|c: char| !c.is_ascii_alphanumeric()).find_map(digits);
    // A body alone tells its status by its number, where the table knows that.
    let in_table = || {
        let told = ApiError::read(0, body.as_bytes());
        told.code.and(told.diagnosis()).and_then(|row| row.statuses.first().copied())
    };
    let status = status.or_else(in_head).or_else(in_table).ok_or_else(|| {
        Failure::usage("the answer tells no HTTP status").hint("give it with --status, such as --status 422")
    })?;
    Ok(ApiError::read(status, body.as_bytes()))
}

fn examine(args: &DoctorArgs, target: Target, output: &Output) -> Result<Exit, Failure> {
    if args.probe_regions && target.is_local() {
        return Err(Failure::usage("the stack of target `local` lives in no region")
            .hint("name the target with --region, --url or --target"));
    }
    let connection = Connection::open_to_examine(target, output)?;
    let mut findings = connection.client().examine(connection.api_key(), args.branch.as_deref())?;
    if args.probe_regions {
        let stack = connection.stack()?;
        let regions: Vec<&Region> = REGIONS.iter().collect();
        findings.extend(connection.client().probe_regions(stack.api_key(), &regions)?);
    }
    for finding in &findings {
        let style = match finding.health {
            Health::Good => style::ADDED,
            Health::Warning => style::WARNING,
            _ => style::ERROR,
        };
        let health = Styled(style, format!("{:<8}", finding.health.name()));
        output.print(format_args!("{health} {:<11} {}", finding.check, Plain(&finding.says)))?;
        if let Some(fix) = &finding.fix {
            output.print(format_args!("{:21}fix: {}", "", Plain(fix)))?;
        }
    }
    if connection.client().credential_kind() == CredentialKind::None {
        for hint in connection.no_credential().hints {
            output.note(format_args!("  try: {hint}"));
        }
    }
    output.document(&Examined { target: connection.shown(), findings: &findings })?;
    let is_bad = findings.iter().any(|finding| finding.health == Health::Bad);
    Ok(if is_bad { Exit::Denied } else { Exit::Ok })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_however_it_is_pasted() {
        let body = r#"{"error_message":"x","error_code":901}"#;
        for text in [
            body.to_owned(),
            format!("422 {body}"),
            format!("HTTP/1.1 422 Unprocessable Entity\r\ndate: x\r\n\r\n{body}\n"),
            format!("HTTP/2 422\ncontent-type: application/json; charset=utf-8\n\n{body}"),
        ] {
            let answer = pasted(None, &text).unwrap();
            assert_eq!((answer.status, answer.code), (422, Some(901)), "{text}");
        }
        assert_eq!(pasted(Some(401), body).unwrap().status, 401);
        assert_eq!(pasted(None, "502 Bad Gateway").unwrap().status, 502);
        assert!(pasted(None, "{}").is_err());
    }
}
