//! The features of a crate as lines of its list: whoever names one in a manifest relies on it as on an item.

use anyhow::{Context, Result};
use serde_json::Value;

use super::{LIBRARIES, PROGRAM};

/// Before the name of each feature.
const FEATURE: &str = "feature ";

/// Between a feature and what it turns on.
const TURNS_ON: &str = " turns on ";

/// A line for each feature, and one for each that it turns on, here or in a crate of ours. Which dependencies it brings is not
/// told: that may change without anybody's notice.
///
/// `default` has a line for what it turns on alone: every crate has it, and one without it has an empty one.
pub(super) fn lines(metadata: &Value, package: &str) -> Result<String> {
    let packages = metadata["packages"].as_array().context("cargo names no packages")?;
    let found = packages.iter().find(|row| row["name"] == package);
    let features = found.and_then(|row| row["features"].as_object());
    let features = features.with_context(|| format!("cargo tells no features of {package}"))?;
    let mut lines = Vec::new();
    for (name, turns_on) in features {
        if name != "default" {
            lines.push(format!("{FEATURE}{name}\n"));
        }
        let turns_on = turns_on.as_array().into_iter().flatten().filter_map(Value::as_str);
        lines.extend(turns_on.filter(|it| is_ours(it)).map(|it| format!("{FEATURE}{name}{TURNS_ON}{it}\n")));
    }
    lines.sort_unstable();
    Ok(lines.concat())
}

/// A feature of the crate itself, or of one of ours: `tls`, `cs-transport/trace`, `cs-transport?/trace`.
fn is_ours(turned_on: &str) -> bool {
    match turned_on.split_once('/') {
        Some((package, _)) => LIBRARIES.contains(&package.trim_end_matches('?')) || package == PROGRAM,
        None => !turned_on.starts_with("dep:"),
    }
}

/// Whether a line changes what people get who name no feature. To bring more is no good either: what is new there may be a name
/// for what was there without any, and whoever says `default-features = false` has it no longer.
pub(crate) fn is_default(line: &str) -> bool {
    line.strip_prefix(FEATURE).is_some_and(|rest| rest.starts_with(&format!("default{TURNS_ON}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_is_told_with_what_it_turns_on_of_ours() {
        let metadata: Value = serde_json::json!({ "packages": [
            { "name": "other", "features": {} },
            { "name": "a", "features": {
                "tls": ["server", "dep:rustls", "tokio/net"],
                "server": ["dep:hyper"],
                "trace": ["cs-transport/trace", "cs-transport?/mock"],
                "default": ["server"],
            } },
        ] });
        let text = lines(&metadata, "a").unwrap();
        assert_eq!(
            text.lines().collect::<Vec<_>>(),
            [
                "feature default turns on server",
                "feature server",
                "feature tls",
                "feature tls turns on server",
                "feature trace",
                "feature trace turns on cs-transport/trace",
                "feature trace turns on cs-transport?/mock",
            ]
        );
        assert_eq!(text.lines().filter(|line| is_default(line)).count(), 1);
        assert_eq!(lines(&metadata, "other").unwrap(), "");
        assert!(lines(&metadata, "absent").is_err());
    }
}
