//! The host's order of routes.

use axum::http::{HeaderValue, Method};
use pravis::host::function_json::HttpVerb;
use pravis::host::routes::{Match, Route, RouteTable};

/// A table from `(function, methods, template)`.
pub(crate) fn table(routes: &[(&str, &[HttpVerb], &str)]) -> RouteTable {
    let route = |(function, methods, template): &(&str, &[HttpVerb], &str)| Route {
        function: (*function).to_owned(),
        methods: methods.to_vec(),
        template: template.parse().unwrap(),
    };
    RouteTable::new(routes.iter().map(route).collect())
}

#[test]
fn the_first_name_wins_whatever_its_case_and_its_template() {
    let table = table(&[
        ("zebra", &[HttpVerb::Get], "items"),
        ("Yak", &[HttpVerb::Get], "{*rest}"),
        ("ant", &[HttpVerb::Get], "ants"),
    ]);
    assert_eq!(
        table.find(&Method::GET, "/items"),
        Match::Function("Yak"),
        "a literal wins nothing"
    );
    assert_eq!(table.find(&Method::GET, "/ants"), Match::Function("ant"));
    assert_eq!(table.conflicts(), [("ant", "Yak"), ("Yak", "zebra")]);
}

#[test]
fn another_method_is_told_which_ones_there_are() {
    let table = table(&[
        ("create", &[HttpVerb::Post, HttpVerb::Options], "items"),
        ("list", &[HttpVerb::Get], "items"),
    ]);
    assert_eq!(table.find(&Method::GET, "/items"), Match::Function("list"));
    for method in [Method::DELETE, Method::HEAD, Method::from_bytes(b"BREW").unwrap()] {
        assert_eq!(
            table.find(&method, "/items"),
            Match::MethodNotAllowed {
                allow: HeaderValue::from_static("GET, POST, OPTIONS")
            }
        );
    }
    assert_eq!(table.find(&Method::GET, "/other"), Match::NotFound);
    assert!(table.conflicts().is_empty());
}
