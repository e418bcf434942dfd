//! What the query of a path says.

use percent_encoding::percent_decode_str;

/// The values of a name in the query of a path, decoded. A name without `=` has an empty one.
pub(super) fn values<'a>(path: &'a str, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .filter(move |(key, _)| decoded(key) == name)
        .map(|(_, value)| decoded(value))
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded() {
        let of = |path| values(path, "environment").collect::<Vec<_>>();
        assert_eq!(of("/v3/assets"), [""; 0]);
        assert_eq!(of("/v3/assets?environments=a&x=environment"), [""; 0]);
        assert_eq!(of("/v3/assets?x=1&environment=blue%20green"), ["blue green"]);
        assert_eq!(of("/v3/assets?%65nvironment=a+b&environment=c#d"), ["a b", "c"]);
        assert_eq!(of("/v3/assets?environment&environment="), ["", ""]);
    }
}
