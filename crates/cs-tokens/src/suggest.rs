//! "Did you mean": the known name that a mistyped one is nearest to.

/// Names more different than this are not what was meant.
const NEAR: f64 = 0.6;

/// The known name nearest to `name`, when one is near at all.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let score = |other: &str| {
        let other = other.to_lowercase();
        let same_letters = strsim::normalized_damerau_levenshtein(&name, &other);
        // `prod` for `production`: short for it, rather than a slip.
        let short_for =
            !name.is_empty() && (other.starts_with(&name) || name.starts_with(&other)) && !other.is_empty();
        if short_for { same_letters.max(NEAR) } else { same_letters }
    };
    // Two letters of which one is wrong are half as near as the rule asks, yet plainly meant.
    let enough = if name.chars().count() <= 2 { 0.5 } else { NEAR };
    known
        .into_iter()
        .map(|other| (score(other), other))
        .filter(|(score, _)| *score >= enough)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, other)| other)
}

/// "did you mean `x`?", when there is one to mean.
pub(crate) fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, known).map(|nearest| format!("did you mean `{nearest}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["production", "staging", "main"];
        assert_eq!(nearest("producton", known), Some("production"));
        assert_eq!(nearest("prod", known), Some("production"));
        assert_eq!(nearest("Staging", known), Some("staging"));
        assert_eq!(nearest("zebra", known), None);
        assert_eq!(nearest("", known), None);
    }
}
