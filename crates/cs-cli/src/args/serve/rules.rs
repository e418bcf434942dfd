//! Arguments of `serve` that change which rules are enforced.

use clap::Args;
use cs_model::generated::SWITCHES;
use cs_model::{LimitId, Profile};

/// Where a number or a value came from that was given here.
const SOURCE: &str = "the command line";

/// Which rules are enforced, beside the profile.
#[derive(Args, Debug)]
#[command(next_help_heading = "Rules")]
pub(crate) struct RuleArgs {
    /// Answer any number of requests per second
    #[arg(long)]
    pub(crate) no_rate_limit: bool,

    /// Set a switch of the profile, such as `answer_shape=documented`; may be repeated
    ///
    /// docs/reference/profiles.md lists them.
    #[arg(long = "switch", value_name = "NAME=VALUE", value_parser = switch)]
    pub(crate) switches: Vec<(&'static str, &'static str)>,

    /// Set a limit of the profile, such as `delivery_tokens_per_stack=3` or `=none`; may be repeated
    #[arg(long = "limit", value_name = "NAME=NUMBER", value_parser = limit)]
    pub(crate) limits: Vec<(LimitId, Option<u32>)>,
}

impl RuleArgs {
    /// The profile with all of it.
    pub(crate) fn apply(&self, mut profile: Profile) -> Profile {
        for (id, value) in &self.limits {
            profile = profile.with_limit(*id, *value, SOURCE);
        }
        for (name, value) in &self.switches {
            // Names and values were checked when they were read.
            profile = profile.clone().with_switch(name, value, SOURCE).unwrap_or(profile);
        }
        profile
    }
}

fn switch(text: &str) -> Result<(&'static str, &'static str), String> {
    let (name, value) = text.split_once('=').ok_or("give a name and a value: `answer_shape=documented`")?;
    let row = SWITCHES.iter().find(|row| row.name == name).ok_or_else(|| {
        format!("there is no switch `{name}`; there are {}", list(SWITCHES.iter().map(|row| row.name)))
    })?;
    let value = row
        .values
        .iter()
        .find(|known| **known == value)
        .ok_or_else(|| format!("`{name}` can be {}, not `{value}`", list(row.values.iter().copied())))?;
    Ok((row.name, value))
}

fn limit(text: &str) -> Result<(LimitId, Option<u32>), String> {
    let (name, value) =
        text.split_once('=').ok_or("give a name and a number: `delivery_tokens_per_stack=3`")?;
    let id = LimitId::find(name).ok_or_else(|| {
        format!("there is no limit `{name}`; there are {}", list(LimitId::ALL.iter().map(|id| id.name())))
    })?;
    let value = match value {
        "none" => None,
        number => Some(number.parse().map_err(|_| format!("`{number}` is neither a number nor `none`"))?),
    };
    Ok((id, value))
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_names_and_values_are_told_apart() {
        assert_eq!(switch("answer_shape=documented"), Ok(("answer_shape", "documented")));
        assert!(switch("answer_shap=live").unwrap_err().contains("`answer_shape`"));
        assert!(switch("answer_shape=round").unwrap_err().contains("`documented`"));
        assert!(switch("answer_shape").is_err());
        assert_eq!(limit("delivery_tokens_per_stack=3"), Ok((LimitId::DeliveryTokensPerStack, Some(3))));
        assert_eq!(limit("delivery_tokens_per_stack=none"), Ok((LimitId::DeliveryTokensPerStack, None)));
        assert!(limit("delivery_tokens=3").unwrap_err().contains("`delivery_tokens_per_stack`"));
        assert!(limit("delivery_tokens_per_stack=-3").unwrap_err().contains("`-3`"));
    }
}
