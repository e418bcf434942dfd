//! What a request that no table knows may have been meant to be.

use cs_model::{Api, Method, Plain};
use cs_policy::{Request, classify};

use crate::output::Output;

/// Says how the request is written, if something like it is known: what is not recognised exactly stays unmapped.
pub(super) fn give(request: &Request<'_>, output: &Output) {
    let capitals = request.method.to_ascii_uppercase();
    let Some(method) = Method::parse(&capitals) else { return };
    if Method::parse(request.method).is_none() {
        output.note(format_args!(
            "hint: methods are written in capitals: `{capitals}`, not `{}`",
            Plain(request.method)
        ));
    }
    if let Some((api, path)) = meant(request.api, method, request.path) {
        let option = if api == request.api { String::new() } else { format!(" --api {}", api.name()) };
        output.note(format_args!("hint: there is `{capitals} {}`{option}", Plain(&path)));
    }
}

/// The path as it stands in a URL or without its version, on this API or on another; if it is known so.
fn meant(api: Api, method: Method, path: &str) -> Option<(Api, String)> {
    let rest = path.split_once("://").map(|(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    let bare = rest.unwrap_or(path).split(['?', '#']).next().unwrap_or_default();
    if rest.is_none() && classify(api, method, bare).is_some() {
        // Only the method was written in another way.
        return None;
    }
    let plain = format!("/{}", bare.trim_matches('/'));
    let paths = [plain.clone(), format!("/v3{plain}")];
    let apis = std::iter::once(api).chain(Api::ALL.into_iter().filter(|other| *other != api));
    let mut ways = apis.flat_map(|api| paths.iter().map(move |path| (api, path)));
    ways.find(|(api, path)| classify(*api, method, path).is_some()).map(|(api, path)| (api, path.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_recognised_as_people_paste_them() {
        let get = |path| meant(Api::Management, Method::Get, path);
        let types = Some((Api::Management, "/v3/content_types".to_owned()));
        for path in [
            "https://api.contentstack.io/v3/content_types?limit=1",
            "v3/content_types",
            "content_types",
            "/content_types",
            "//v3/content_types",
        ] {
            assert_eq!(get(path), types, "{path}");
        }
        assert_eq!(get("/v3/content_types"), None);
        assert_eq!(get("/nowhere"), None);
        assert_eq!(get("https://api.contentstack.io"), None);
        let sync = Some((Api::Delivery, "/v3/stacks/sync".to_owned()));
        assert_eq!(get("/v3/stacks/sync"), sync);
    }
}
