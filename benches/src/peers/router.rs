//! Classification by `matchit`, the router under axum.

use cs_model::{Api, Method, RouteId};

/// One router for each API and method, which is the fastest way to use it.
#[derive(Debug)]
pub struct Router(Vec<matchit::Router<RouteId>>);

impl Default for Router {
    fn default() -> Self {
        Self::new()
    }
}

impl Router {
    /// With the same routes that `classify` knows.
    #[must_use]
    pub fn new() -> Self {
        let mut routers: Vec<_> = (0..Api::ALL.len() * 4).map(|_| matchit::Router::new()).collect();
        for id in RouteId::all() {
            let route = id.row();
            // Two templates match the same requests; matchit refuses the second, and one of them is enough.
            let _ = routers[place(route.api, route.method)].insert(route.template, id);
        }
        Self(routers)
    }

    /// Looks a request up.
    #[must_use]
    pub fn find(&self, api: Api, method: Method, path: &str) -> Option<RouteId> {
        self.0[place(api, method)].at(path).ok().map(|found| *found.value)
    }
}

fn place(api: Api, method: Method) -> usize {
    let api = match api {
        Api::Delivery => 1,
        Api::Preview => 2,
        Api::LegacyPreview => 3,
        Api::GraphQl => 4,
        _ => 0,
    };
    api * 4 + method as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use cs_bench_load::load::Load;

    #[test]
    fn finds_what_classify_finds() {
        let (router, load) = (Router::new(), Load::new());
        for question in &load.questions {
            let (route, path) = (question.route.row(), load.path(question));
            let found = router.find(route.api, route.method, path).map(RouteId::row);
            let ours = cs_policy::classify(route.api, route.method, path).map(RouteId::row);
            let same = found.map(|row| (row.module, row.action)) == ours.map(|row| (row.module, row.action));
            assert!(same, "{path}");
        }
    }
}
