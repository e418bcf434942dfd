//! Known names, as far as they help whoever mistyped one.

use crate::Plain;

/// So many names are worth reading.
const MOST: usize = 10;

/// The known names in backticks, separated by commas: all of them while they are few, else the ten that are nearest to
/// `wanted`, and how many more there are.
///
/// ```
/// assert_eq!(cs_model::listed("maine", ["development", "main"]), "`development`, `main`");
/// ```
pub fn listed<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let mut known: Vec<&str> = known.into_iter().collect();
    let more = known.len().saturating_sub(MOST);
    if more > 0 {
        let wanted = wanted.to_lowercase();
        known.sort_by_cached_key(|name| {
            let similarity = strsim::normalized_damerau_levenshtein(&wanted, &name.to_lowercase());
            // Whole numbers, so that the order is total; the sort is stable, so equals stay as they were.
            std::cmp::Reverse((similarity * 1e6) as u32)
        });
        known.truncate(MOST);
    }
    let mut text = known.iter().map(|name| format!("`{}`", Plain(name))).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// Names less alike than this are not what was meant: `entri` is for `entry`, and `webhook` is not.
const NEAR: f64 = 0.6;

/// So many are worth a guess.
const GUESSES: usize = 3;

/// The known names that may have been meant, the nearest first, at most three: spelled nearly alike, or one the beginning of
/// the other.
///
/// ```
/// assert_eq!(cs_model::near("entri", ["asset", "entry", "entry_variant"]), ["entry"]);
/// assert!(cs_model::near("zebra", ["asset", "entry"]).is_empty());
/// ```
pub fn near<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let score = |name: &str| {
        let name = name.to_lowercase();
        let alike = strsim::normalized_damerau_levenshtein(&wanted, &name);
        let begins = wanted.len() > 2 && (name.starts_with(&wanted) || wanted.starts_with(&name));
        if begins { alike.max(NEAR) } else { alike }
    };
    let mut found: Vec<(f64, &str)> = known.into_iter().map(|name| (score(name), name)).collect();
    found.retain(|(score, _)| *score >= NEAR);
    // Stable, so equals stay as they were.
    found.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    found.dedup_by_key(|(_, name)| *name);
    found.into_iter().take(GUESSES).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_all_listed_and_many_by_nearness() {
        assert_eq!(listed("x", []), "");
        assert_eq!(listed("x", ["b", "a"]), "`b`, `a`");
        let names: Vec<String> = (0..200).map(|number| format!("environment-{number}")).collect();
        let text = listed("enviroment-150", names.iter().map(String::as_str));
        assert!(text.starts_with("`environment-150`, ") && text.ends_with(" and 190 more"), "{text}");
    }

    #[test]
    fn what_may_have_been_meant_and_nothing_else() {
        let known = ["name.taken", "name.empty", "environments.too_many", "environment"];
        assert_eq!(near("name.takn", known), ["name.taken"]);
        assert_eq!(near("Environment", known), ["environment", "environments.too_many"]);
        assert!(near("105", known).is_empty());
        assert!(near("", known).is_empty());
    }
}
