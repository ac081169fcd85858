//! Folders, OpenAPI document, trigger table and router say the same.

use crate::operations;
use pravis::host::app_root::AppRoot;
use pravis::host::function::Trigger;
use pravis::host::function_json::HttpVerb;
use pravis::host::routes::RouteTable;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Operation, method and path.
type Routes = BTreeSet<(String, String, String)>;

/// The folders of this repository, whatever their settings are.
fn folders() -> AppRoot {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let settings = |name: &str| name.ends_with("_SCHEDULE").then(|| "0 0 3 * * *".to_owned());
    AppRoot::read(&root, &settings).unwrap()
}

/// The OpenAPI path of a folder's template: no prefix, no constraints; the page's files are part of the page.
fn path_of(template: &str) -> String {
    let path = template.strip_prefix("api/").unwrap();
    let path = path.strip_suffix("/{*asset}").unwrap_or(path);
    format!("/{}", path.replace(":guid}", "}"))
}

fn of_folders() -> Routes {
    let table = RouteTable::of(&folders());
    let routes = table.routes().iter().flat_map(|route| {
        let methods = route.methods.iter().filter(|verb| **verb != HttpVerb::Options);
        methods.map(|verb| {
            let path = path_of(&route.template.to_string());
            (route.function.clone(), verb.as_str().to_owned(), path)
        })
    });
    routes.collect()
}

fn of_document() -> Routes {
    let document: Value = serde_json::to_value(pravis::openapi::document()).unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let routes = paths.flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(|(method, operation)| {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            (id, method.to_uppercase(), path.clone())
        })
    });
    routes.collect()
}

#[test]
fn every_folder_is_in_the_document_and_the_other_way_round() {
    assert_eq!(of_folders(), of_document());
}

#[test]
fn the_tests_know_every_operation() {
    let tested: Routes = operations::all()
        .into_iter()
        .map(|operation| {
            (
                operation.name.to_owned(),
                operation.method.to_string(),
                operation.path.to_owned(),
            )
        })
        .collect();
    assert_eq!(tested, of_document());
}

#[test]
fn the_document_asks_for_the_scopes_that_the_operations_do() {
    let document: Value = serde_json::to_value(pravis::openapi::document()).unwrap();
    for operation in operations::all() {
        let described = &document["paths"][operation.path][operation.method.as_str().to_lowercase()];
        let scope = described.pointer("/security/0/key/0").and_then(Value::as_str);
        assert_eq!(
            scope,
            operation.scope.map(|scope| scope.as_str()),
            "{}",
            operation.name
        );
    }
}

#[test]
fn every_other_folder_is_in_the_trigger_table_and_the_other_way_round() {
    let functions = folders().functions;
    let others = functions
        .iter()
        .filter(|function| !matches!(function.trigger, Trigger::Http(_)));
    let others: BTreeSet<_> = others.map(|function| function.name.as_str()).collect();
    let triggers = pravis::triggers::all();
    assert_eq!(others, triggers.names().collect());
}

#[test]
fn no_two_routes_can_match_one_request() {
    let table = RouteTable::of(&folders());
    assert_eq!(table.conflicts(), []);
}

#[test]
fn browsers_may_ask_before_they_call_what_browsers_call() {
    let table = RouteTable::of(&folders());
    let asked = table
        .routes()
        .iter()
        .filter(|route| route.methods.contains(&HttpVerb::Options));
    let asked: Vec<_> = asked.map(|route| route.function.as_str()).collect();
    let browsers = [
        "create_events",
        "create_feedback",
        "put_granted_content",
        "put_upload_content",
    ];
    assert_eq!(asked, browsers);
}
