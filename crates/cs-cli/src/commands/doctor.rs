//! `cstok doctor`

use cs_model::facts::Region;
use cs_model::generated::REGIONS;
use cs_model::{ApiError, Plain};
use cs_tokens::{CredentialKind, Diagnosis, Finding, Health};
use serde::Serialize;
use serde::de::IgnoredAny;

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
    let text = text.trim_start();
    let (in_head, body) = if text.starts_with(STATUS_LINE) { headed(text)? } else { unheaded(text) };
    if let (Some(given), Some(told)) = (status, in_head)
        && given != told
        && text.starts_with(STATUS_LINE)
    {
        return Err(Failure::usage(format!("--status says {given}, and the answer says HTTP {told}"))
            .hint("leave --status out"));
    }
    // A body alone tells its status by its number, where the table knows that.
    let in_table = || {
        let told = ApiError::read(0, body.as_bytes());
        told.code.and(told.diagnosis()).and_then(|row| row.statuses.first().copied())
    };
    let status = status.or(in_head).or_else(in_table).ok_or_else(|| {
        Failure::usage("the answer tells no HTTP status").hint("give it with --status, such as --status 422")
    })?;
    Ok(ApiError::read(status, body.as_bytes()))
}

/// How the first line of an answer begins.
const STATUS_LINE: &str = "HTTP/";

/// The status and the body of an answer with its head, as `curl -i` shows it. Before it may stand the heads of others: of a
/// proxy, of `100 Continue`, of redirects that were followed.
fn headed(text: &str) -> Result<(Option<u16>, &str), Failure> {
    let mut rest = text;
    loop {
        // Headers may hold braces, so the body begins where the head ends: at the first blank line.
        let end = ["\r\n\r\n", "\n\n"].iter().filter_map(|gap| Some(rest.find(gap)? + gap.len())).min();
        let (head, behind) = rest.split_at(end.unwrap_or(rest.len()));
        rest = behind.trim_start();
        if rest.starts_with(STATUS_LINE) {
            continue;
        }
        let line = head.lines().next().unwrap_or_default();
        let status = line.split_whitespace().nth(1).and_then(digits).ok_or_else(|| {
            Failure::usage("the first line of the answer tells no HTTP status")
                .hint("it should be like `HTTP/1.1 422 Unprocessable Entity`")
        })?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        let body = match values.next() {
            Some(Ok(_)) => rest.get(..values.byte_offset()).unwrap_or(rest),
            // Pages of gateways and the like.
            _ => "",
        };
        return Ok((Some(status), body));
    }
}

/// The same of what has no head: at best a status stands before the body.
fn unheaded(text: &str) -> (Option<u16>, &str) {
    let (head, body) = match (text.find('{'), text.rfind('}')) {
        (Some(begin), Some(end)) if begin < end => (&text[..begin], &text[begin..=end]),
        _ => (text, ""),
    };
    let line = head.lines().next().unwrap_or_default();
    (line.split(|c: char| !c.is_ascii_alphanumeric()).find_map(digits), body)
}

/// Three digits that are a status.
fn digits(part: &str) -> Option<u16> {
    let number = (part.len() == 3).then(|| part.parse().ok())?;
    number.filter(|number| (100..=599).contains(number))
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

    #[test]
    fn heads_may_hold_braces_and_come_in_numbers() {
        let body = r#"{"error_message":"x","error_code":901}"#;
        let last = "HTTP/2 422\r\nreport-to: {\"group\":\"x\"}\r\nnel: {\"a\":0}\r\n\r\n";
        for before in [
            "",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 200 Connection established\n\n",
            "HTTP/1.1 301 Moved Permanently\r\nlocation: /b\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
        ] {
            let answer = pasted(None, &format!("{before}{last}{body}\n{{}}")).unwrap();
            assert_eq!((answer.status, answer.code), (422, Some(901)), "{before}");
        }
        let text = format!("{last}{body}");
        assert_eq!(pasted(Some(422), &text).unwrap().code, Some(901));
        let contradiction = pasted(Some(401), &text).unwrap_err();
        assert!(contradiction.message.contains("401") && contradiction.message.contains("422"));
        // A page, and no body at all.
        assert_eq!(pasted(None, &format!("{last}<html>{{}}</html>")).unwrap().code, None);
        assert_eq!(pasted(None, "HTTP/1.1 502 Bad Gateway").unwrap().status, 502);
        assert!(pasted(None, "HTTP/1.1\n\n{}").is_err());
    }
}
