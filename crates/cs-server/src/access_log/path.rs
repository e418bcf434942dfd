//! Paths for a log.
//!
//! A path can hold a secret: somebody takes the value of a token for its uid, and a few routes take the value of a mailed
//! token. An argument that named something when the request succeeded is a uid or a name, unless the route says that it is
//! a token. Of all others, what looks like the value of a token is shown as a fingerprint.

use std::fmt::Write as _;

use cs_model::RouteId;

use crate::hash;

/// How many bytes of a path are shown.
const MOST: usize = 256;

/// How long letters and digits in a row may be until they may be a secret.
const SHORT: usize = 12;

/// The path without its query, at most [`MOST`] bytes of it.
pub(super) fn shown(path: &str, route: Option<RouteId>, succeeded: bool) -> String {
    let mut shown = match route {
        Some(route) if succeeded => without_tokens(path, route),
        _ => masked(path),
    };
    if shown.len() > MOST {
        let mut end = MOST;
        while !shown.is_char_boundary(end) {
            end -= 1;
        }
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

/// The path with the arguments that are tokens by the name of their place, such as `{ownership_token}`, as fingerprints.
fn without_tokens(path: &str, route: RouteId) -> String {
    let mut places = route.row().template.split('/');
    let shown = path.split('/').map(|segment| match places.next() {
        Some(place) if place.ends_with("_token}") => format!("[sha256:{:.8}]", hash::of_value(segment)),
        _ => segment.to_owned(),
    });
    shown.collect::<Vec<_>>().join("/")
}

/// Shows long runs of letters and digits with a digit in them as the beginning of their hash, so that whoever has the
/// value can find it.
fn masked(path: &str) -> String {
    let mut masked = String::with_capacity(path.len().min(2 * MOST));
    let mut rest = path;
    while !rest.is_empty() && masked.len() <= MOST {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        if run.len() > SHORT && run.bytes().any(|byte| byte.is_ascii_digit()) {
            let _ = write!(masked, "[sha256:{:.8}]", hash::of_value(run));
        } else {
            masked.push_str(run);
        }
        let sign = behind.chars().next().map_or(0, char::len_utf8);
        masked.push_str(&behind[..sign]);
        rest = &behind[sign..];
    }
    masked
}

#[cfg(test)]
mod tests {
    use cs_model::generated::route;

    use super::*;

    #[test]
    fn an_argument_is_shown_when_it_named_something() {
        let uid = format!("blt{}", "0123456789abcdef");
        let path = format!("/v3/stacks/delivery_tokens/{uid}");
        let known = Some(route::GET_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID);
        assert_eq!(shown(&path, known, true), path);
        for (route, succeeded) in [(known, false), (None, false), (None, true)] {
            let shown = shown(&path, route, succeeded);
            assert!(shown.starts_with("/v3/stacks/delivery_tokens/[sha256:"), "{shown}");
            assert!(!shown.contains(&uid[3..]), "{shown}");
            assert!(shown.contains(&hash::of_value(&uid)[..8]));
        }
    }

    #[test]
    fn a_token_in_a_path_is_never_shown() {
        let token = format!("cs{}", "0123456789abcdef".repeat(2));
        for (before, route) in [
            ("/v3/stacks/accept_ownership/", route::GET_STACKS_ACCEPT_OWNERSHIP_BY_OWNERSHIP_TOKEN),
            ("/v3/user/activate/", route::POST_USER_ACTIVATE_BY_USER_ACTIVATION_TOKEN),
        ] {
            for succeeded in [true, false] {
                let shown = shown(&format!("{before}{token}"), Some(route), succeeded);
                assert_eq!(shown, format!("{before}[sha256:{:.8}]", hash::of_value(&token)));
            }
        }
    }

    #[test]
    fn paths_are_bounded() {
        let shown = shown(&"/ä-b".repeat(10_000), None, false);
        assert!(shown.len() < MOST + 8, "{}", shown.len());
        assert_eq!(
            super::shown("/v3/content_types/blog-2026/entries", None, false),
            "/v3/content_types/blog-2026/entries"
        );
        assert!(super::shown(&format!("/{}", "a1".repeat(5000)), None, false).len() < 40);
    }
}
