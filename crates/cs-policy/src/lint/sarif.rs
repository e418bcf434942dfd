//! SARIF 2.1.0, the format in which code hosts and review tools take findings
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

use serde_json::{Value, json};

use super::{Finding, LINTS, LintRow, Report};

/// The whole document: one run with all rules, and a result for each finding.
pub(super) fn document(report: &Report) -> Value {
    let mut results: Vec<_> = report.findings.iter().map(|finding| result(finding, report)).collect();
    for silenced in &report.silenced {
        let mut item = result(&silenced.finding, report);
        item["suppressions"] = json!([{
            "kind": "external",
            "status": "accepted",
            "justification": format!("{} (until {})", silenced.by.reason, silenced.by.until),
        }]);
        results.push(item);
    }
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "cstok",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "informationUri": env!("CARGO_PKG_REPOSITORY"),
                    "rules": LINTS.iter().map(rule).collect::<Vec<_>>(),
                },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(row: &LintRow) -> Value {
    json!({
        "id": row.name,
        "shortDescription": { "text": row.says },
        "fullDescription": { "text": row.why },
        "help": { "text": format!("{} To mend it: {}.", row.why, row.fix) },
        "defaultConfiguration": { "level": row.severity.name() },
    })
}

fn result(finding: &Finding, report: &Report) -> Value {
    let mut location = json!({
        "logicalLocations": [{ "fullyQualifiedName": finding.subject, "kind": "resource" }],
    });
    if let Some(origin) = &finding.origin {
        location["physicalLocation"] = json!({
            "artifactLocation": { "uri": uri(&origin.file) },
            // Lines count from 1, and a reader refuses 0.
            "region": { "startLine": origin.line.max(1) },
        });
    }
    json!({
        "ruleId": finding.id.name(),
        "ruleIndex": finding.id as usize,
        "level": finding.severity.name(),
        "message": { "text": format!("{}: {}; {}", finding.subject, finding.reason, finding.fix) },
        "locations": [location],
        "partialFingerprints": { "finding/v2": fingerprint(finding, report) },
    })
}

/// What stays the same from run to run and belongs to this finding alone: no line, and no number of days.
fn fingerprint(finding: &Finding, report: &Report) -> String {
    let stack = report.stack.as_deref().unwrap_or_default();
    [stack, finding.id.name(), &finding.subject, &finding.about].join("|")
}

/// A path as a URI reference: what may not stand in one is percent-encoded.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("tokens/shop.toml"), "tokens/shop.toml");
        assert_eq!(uri("my tokens/é#1.toml"), "my%20tokens/%C3%A9%231.toml");
    }
}
