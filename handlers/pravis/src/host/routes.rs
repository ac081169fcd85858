//! Which function answers a request, by the host's rule: in the order of names, the first that fits.

use axum::http::{HeaderValue, Method};

use super::app_root::AppRoot;
use super::function::Trigger;
use super::function_json::HttpVerb;
use super::template::Template;

/// The routes of an app's HTTP functions, in the order in which the host tries them.
#[derive(Debug, Clone)]
pub struct RouteTable {
    routes: Vec<Route>,
}

/// One HTTP function's place in the table.
#[derive(Debug, Clone)]
pub struct Route {
    /// Function.
    pub function: String,
    /// Template with the route prefix.
    pub template: Template,
    /// Methods it answers.
    pub methods: Vec<HttpVerb>,
}

/// What a request comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match<'a> {
    /// This function answers it.
    Function(&'a str),
    /// The path is known, the method is not; these are.
    MethodNotAllowed {
        /// Value of the `Allow` header.
        allow: HeaderValue,
    },
    /// No function has this path.
    NotFound,
}

impl RouteTable {
    /// The table of an app as read from its folder.
    pub fn of(app: &AppRoot) -> Self {
        let prefix = &app.host.extensions.http.route_prefix;
        let routes = app
            .functions
            .iter()
            .filter_map(|function| match &function.trigger {
                Trigger::Http(http) => Some(Route {
                    function: function.name.clone(),
                    template: http.route.below(prefix),
                    methods: http.methods.clone(),
                }),
                _ => None,
            });
        Self::new(routes.collect())
    }

    /// A table of these routes, put into the host's order.
    pub fn new(mut routes: Vec<Route>) -> Self {
        routes.sort_by_cached_key(|route| route.function.to_ascii_lowercase());
        Self { routes }
    }

    /// The routes in the order in which they are tried.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Who answers `method` on `path`.
    pub fn find(&self, method: &Method, path: &str) -> Match<'_> {
        let verb = HttpVerb::of(method);
        let mut others = Vec::new();
        for route in self.routes.iter().filter(|route| route.template.matches(path)) {
            if verb.is_some_and(|verb| route.methods.contains(&verb)) {
                return Match::Function(&route.function);
            }
            others.extend_from_slice(&route.methods);
        }
        if others.is_empty() {
            return Match::NotFound;
        }
        let allowed: Vec<_> = HttpVerb::ALL
            .into_iter()
            .filter(|verb| others.contains(verb))
            .map(HttpVerb::as_str)
            .collect();
        match HeaderValue::try_from(allowed.join(", ")) {
            Ok(allow) => Match::MethodNotAllowed { allow },
            Err(_) => Match::NotFound,
        }
    }

    /// Pairs of functions that could answer the same request, so that one of them hides the other.
    pub fn conflicts(&self) -> Vec<(&str, &str)> {
        let shares = |a: &Route, b: &Route| a.methods.iter().any(|verb| b.methods.contains(verb));
        let mut pairs = Vec::new();
        for (at, first) in self.routes.iter().enumerate() {
            for second in &self.routes[at + 1..] {
                if shares(first, second) && first.template.overlaps(&second.template) {
                    pairs.push((first.function.as_str(), second.function.as_str()));
                }
            }
        }
        pairs
    }
}
