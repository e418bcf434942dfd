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
}
