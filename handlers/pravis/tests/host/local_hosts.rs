//! The local host's front door.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::ALLOW;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, post};
use pravis::host::answer::Answer;
use pravis::host::envelope::Invocation;
use pravis::host::function_json::HttpVerb;
use pravis::host::local::LocalHost;
use pravis::triggers::{TriggerError, TriggerTable};
use tower::ServiceExt as _;

use crate::routes::table;

async fn tick((): (), _: Invocation) -> Result<Answer, TriggerError> {
    Ok(Answer::done())
}

/// A handler with one operation, one trigger, and whatever a catch-all brings.
fn handler(prefix: &str) -> Router {
    let echo = |headers: HeaderMap, request: Request| async move {
        let header = |name: &str| {
            headers
                .get(name)
                .map(|v| v.to_str().unwrap())
                .unwrap_or("-")
                .to_owned()
        };
        [
            request.uri().to_string(),
            header("x-azure-functions-invocationid"),
            header("x-ms-invocation-id"),
            header("x-azure-functions-hostversion"),
        ]
        .join(" ")
    };
    let triggers = TriggerTable::new(Duration::from_secs(1))
        .on("tick", tick)
        .into_router(());
    Router::new()
        .route(&format!("{prefix}/v1/items/{{id}}"), any(echo))
        .route(
            "/length",
            post(|body: Bytes| async move { body.len().to_string() }),
        )
        .merge(triggers)
}

fn host(prefix: &str, routes: &[(&str, &[HttpVerb], &str)]) -> Router {
    LocalHost::new(handler(prefix), table(routes))
        .not_found(|request| (StatusCode::NOT_FOUND, format!("nothing at {}", request.uri())).into_response())
        .method_not_allowed(|_, allow| {
            (
                StatusCode::METHOD_NOT_ALLOWED,
                format!("try {}", allow.to_str().unwrap()),
            )
                .into_response()
        })
        .into_router()
}

async fn send(router: Router, request: Request) -> (StatusCode, HeaderMap, String) {
    let response: Response = router.oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (
        head.status,
        head.headers,
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

fn request(method: &str, uri: &str) -> Request {
    Request::builder()
        .method(method)
        .uri(uri)
        .body(Body::from("{}"))
        .unwrap()
}

#[tokio::test]
async fn s36_the_full_original_path_is_passed_on_with_any_prefix() {
    for prefix in ["", "api"] {
        let below = if prefix.is_empty() {
            String::new()
        } else {
            format!("/{prefix}")
        };
        let template = format!("{prefix}/v1/items/{{id}}");
        let router = host(&below, &[("get_item", &[HttpVerb::Get], &template)]);
        let uri = format!("{below}/v1/items/a%2Fb?x=1&x=2&y=%20");
        let (status, _, body) = send(router.clone(), request("GET", &uri)).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(body.split(' ').next(), Some(uri.as_str()), "byte for byte");
        let other = if prefix.is_empty() {
            "/api/v1/items/7"
        } else {
            "/v1/items/7"
        };
        assert_eq!(send(router, request("GET", other)).await.0, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn s39_triggers_cannot_be_called_from_outside() {
    for prefix in ["", "api"] {
        let item = format!("{prefix}/v1/items/{{id}}");
        let catch_all = format!("{prefix}/{{*rest}}");
        let plain = host("", &[("get_item", &HttpVerb::ALL, &item)]);
        let open = host(
            "",
            &[
                ("get_item", &HttpVerb::ALL, &item),
                ("zzz", &HttpVerb::ALL, &catch_all),
            ],
        );
        for path in [
            "/tick",
            "/TICK",
            "//tick",
            "/tick/",
            "/%74ick",
            "/api/tick",
            "/api/../tick",
        ] {
            for router in [&plain, &open] {
                let (status, _, body) = send(router.clone(), request("POST", path)).await;
                assert!(
                    [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&status),
                    "{path}: {status} {body}"
                );
            }
        }
        if prefix.is_empty() {
            let mut forged = request("POST", "/tick");
            forged
                .headers_mut()
                .insert("x-azure-functions-invocationid", "1".parse().unwrap());
            assert_eq!(
                send(open, forged).await.0,
                StatusCode::FORBIDDEN,
                "let through, and refused"
            );
        }
    }
}

#[tokio::test]
async fn the_hosts_headers_are_set_and_cannot_be_forged() {
    let router = host("/api", &[("get_item", &[HttpVerb::Get], "api/v1/items/{id}")]);
    let (_, _, body) = send(router.clone(), request("GET", "/api/v1/items/7")).await;
    let [_, id, proxied, version] = body.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{body}")
    };
    assert_eq!(id, proxied);
    assert_eq!((id.len(), version.starts_with("pravis-")), (36, true));

    let mut forged = request("GET", "/api/v1/items/7");
    for name in [
        "x-azure-functions-invocationid",
        "x-azure-functions-hostversion",
        "x-ms-invocation-id",
    ] {
        forged.headers_mut().append(name, "forged".parse().unwrap());
        forged.headers_mut().append(name, "forged".parse().unwrap());
    }
    let (_, _, body) = send(router, forged).await;
    let [_, id, proxied, version] = body.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{body}")
    };
    assert_eq!(proxied, "forged", "kept, as by the host");
    assert!(id != "forged" && version != "forged", "{body}");
}

#[tokio::test]
async fn what_no_function_answers_is_answered_by_the_program() {
    let router = host(
        "/api",
        &[("get_item", &[HttpVerb::Get, HttpVerb::Patch], "api/v1/items/{id}")],
    );
    let (status, _, body) = send(router.clone(), request("GET", "/api/v2")).await;
    assert_eq!(
        (status, body.as_str()),
        (StatusCode::NOT_FOUND, "nothing at /api/v2")
    );
    let (status, headers, body) = send(router, request("PUT", "/api/v1/items/7")).await;
    assert_eq!(
        (status, body.as_str()),
        (StatusCode::METHOD_NOT_ALLOWED, "try GET, PATCH")
    );
    assert_eq!(headers[ALLOW], "GET, PATCH");
}

#[tokio::test]
async fn a_body_passes_through() {
    let router = host("/api", &[("length", &[HttpVerb::Post], "length")]);
    let request = Request::post("/length")
        .body(Body::from(vec![1; 1_000_000]))
        .unwrap();
    assert_eq!(send(router, request).await.2, "1000000");
}
