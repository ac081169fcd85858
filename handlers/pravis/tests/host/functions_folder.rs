//! The folders of this repository.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use axum::http::Method;
use pravis::host::app_root::AppRoot;
use pravis::host::function::Trigger;
use pravis::host::function_json::{AuthLevel, Binding, FunctionJson};
use pravis::host::host_json::MessageEncoding;
use pravis::host::routes::{Match, RouteTable};

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every schedule is set, so that every folder loads.
fn app() -> AppRoot {
    let settings = |name: &str| name.ends_with("_SCHEDULE").then(|| "0 0 3 * * *".to_owned());
    AppRoot::read(&root(), &settings).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn no_two_functions_can_answer_one_request() {
    assert_eq!(RouteTable::of(&app()).conflicts(), []);
}

#[test]
fn s37_clients_requests_are_streamed_and_never_become_envelopes() {
    let app = app();
    assert!(app.host.custom_handler.enable_proxying_http_request);
    assert!(app.host.custom_handler.enable_forwarding_http_request);
    for function in &app.functions {
        if let Trigger::Http(_) = function.trigger {
            assert_eq!(function.outputs, ["res"], "{}", function.name);
        }
    }
}

#[test]
fn the_host_starts_the_handler_and_keeps_within_its_limits() {
    let host = app().host;
    assert_eq!(host.custom_handler.description.default_executable_path, "pravis");
    assert_eq!(host.custom_handler.description.arguments, ["handler"]);
    assert_eq!(host.extensions.http.route_prefix, "api");
    assert_eq!(host.function_timeout.unwrap().0, Duration::from_secs(600));
    // What the program prints is exported as telemetry already.
    assert_eq!(
        host.logging.unwrap()["logLevel"]["Host.Function.Console"],
        "Warning"
    );
    let queues = host.extensions.queues;
    assert_eq!(
        (
            queues.batch_size,
            queues.new_batch_threshold,
            queues.max_dequeue_count
        ),
        (16, Some(8), 5)
    );
    // A failure is not tried again at once: five attempts would be over before anything changed.
    assert_eq!(queues.visibility_timeout.unwrap().0, Duration::from_secs(30));
    assert_eq!(queues.max_polling_interval.unwrap().0, Duration::from_secs(10));
    assert_eq!(queues.message_encoding, MessageEncoding::Base64);
}

#[test]
fn every_http_function_is_anonymous_lists_its_methods_and_has_a_route() {
    for function in app().functions {
        let path = root()
            .join("functions")
            .join(&function.name)
            .join("function.json");
        let file: FunctionJson = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for binding in file.bindings {
            if let Binding::HttpTrigger(http) = binding {
                assert_eq!(http.name, "req", "{}", function.name);
                assert_eq!(http.auth_level, Some(AuthLevel::Anonymous), "{}", function.name);
                assert!(
                    http.methods.is_some_and(|m| !m.is_empty()) && http.route.is_some(),
                    "{}",
                    function.name
                );
            }
        }
    }
}

#[test]
fn a_literal_is_not_swallowed_by_an_id() {
    let table = RouteTable::of(&app());
    let id = "0c6c3a86-6f6f-4b57-8a44-6a3c5d8a1a55";
    let expected = BTreeMap::from([
        ("POST /api/v1/interactions".to_owned(), "create_interaction"),
        (
            "POST /api/v1/interactions/batch".to_owned(),
            "create_interactions",
        ),
        (format!("GET /api/v1/interactions/{id}"), "get_interaction"),
        (format!("PATCH /api/v1/interactions/{id}"), "update_interaction"),
        ("GET /api/v1/sessions/s-1".to_owned(), "get_session"),
        (
            "GET /api/v1/sessions/s-1/interactions".to_owned(),
            "list_session_interactions",
        ),
        ("OPTIONS /api/v1/feedback".to_owned(), "create_feedback"),
        ("GET /api/health/live".to_owned(), "get_liveness"),
        (format!("DELETE /api/v1/keys/{id}"), "revoke_api_key"),
    ]);
    for (request, function) in expected {
        let (method, path) = request.split_once(' ').unwrap();
        let method: Method = method.parse().unwrap();
        assert_eq!(table.find(&method, path), Match::Function(function), "{request}");
    }
}
