//! Bad input gets a clear answer, wherever it comes.

use crate::operations;
use axum::body::Body;
use axum::http::Method;
use insta::assert_json_snapshot;
use std::collections::BTreeSet;
use testkit::TestApp;

/// Every operation with a body of JSON.
fn writers() -> impl Iterator<Item = (Method, String)> {
    let all = operations::all().into_iter();
    all.filter(|operation| (operation.body)().is_object())
        .map(|operation| {
            let path = operation.path.replace("{id}", &testkit::id(1));
            (operation.method, format!("/api{path}"))
        })
}

#[tokio::test]
async fn what_is_not_json_is_400() {
    let (app, _) = operations::prepared().await;
    let admin = app.admin().await;
    let deep = "[".repeat(10_000);
    let closed = format!("{deep}{}", "]".repeat(10_000));
    let deep_member = format!(r#"{{"metadata":{closed},"review":{closed},"items":{closed}}}"#);
    let bodies: [&[u8]; 15] = [
        b"",
        b" ",
        b"{",
        b"{\"type\": ",
        b"{\"type\": \"chat\",}",
        b"{} {}",
        b"{'type': 1}",
        b"{\"type\": NaN}",
        b"nul",
        b"{\"a\": \"\\ud800\"}",
        b"{\"a\": \"\xff\xfe\"}",
        b"\xef\xbb\xbf{}",
        b"{\"a\": \"\n\"}",
        deep.as_bytes(),
        deep_member.as_bytes(),
    ];
    for (method, path) in writers() {
        for body in bodies {
            // A batch reads its items one by one: a deep one is that item's own fault.
            let answer = admin.raw(method.clone(), &path, body.to_vec()).await;
            if path.ends_with("/batch") && body == deep_member.as_bytes() {
                assert!(matches!(answer.status(), 400 | 422), "{}", answer.text());
            } else {
                answer.assert_problem(400, "invalid_json");
            }
        }
    }
}

#[tokio::test]
async fn another_shape_is_422() {
    let (app, _) = operations::prepared().await;
    let admin = app.admin().await;
    for (method, path) in writers() {
        for body in [
            "null",
            "7",
            "-0.5",
            "true",
            "\"x\"",
            "[]",
            "[{}]",
            "[null, 1]",
            "[\"chat\", \"s\"]",
        ] {
            let answer = admin.raw(method.clone(), &path, body).await;
            answer.assert_faults(&[("", "invalid_field")]);
        }
    }
}

#[tokio::test]
async fn another_media_type_is_415() {
    let (app, _) = operations::prepared().await;
    let admin = app.admin().await;
    for (method, path) in writers() {
        for media_type in [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("application/jsonp"),
            Some("*/*"),
            Some(""),
        ] {
            if path.ends_with("/events") && media_type == Some("text/plain") {
                continue; // Of a beacon.
            }
            let answer = admin.send(method.clone(), &path, media_type, "{}".into()).await;
            answer.assert_problem(415, "unsupported_media_type");
        }
        for media_type in [
            "application/json; charset=utf-8",
            "APPLICATION/JSON",
            "application/json;x=y",
        ] {
            let answer = admin
                .send(method.clone(), &path, Some(media_type), "[]".into())
                .await;
            answer.assert_problem(422, "invalid_field");
        }
    }
}

#[tokio::test]
async fn a_key_is_asked_for_before_anything_else_is_looked_at() {
    let (app, _) = operations::prepared().await;
    for (method, path) in writers() {
        let answer = app
            .anonymous()
            .send(method, &path, Some("text/plain"), "{".into())
            .await;
        answer.assert_problem(401, "unauthorized");
    }
}

#[tokio::test]
async fn an_unknown_route_is_404() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for path in [
        "/api/nothing",
        "/api/v1",
        "/api/v1/",
        "/api/v2/interactions",
        "/api/v1/interactions/a/b",
        "/api/V1/interactions",
        "/api/",
        "/other",
        "/api/%ff",
        "/api/admin",
        "/api/v1/interactions%2Fbatch",
    ] {
        for method in [Method::GET, Method::POST, Method::PUT, Method::OPTIONS] {
            let answer = admin.send(method, path, None, Body::empty()).await;
            answer.assert_problem(404, "not_found");
        }
    }
    for path in ["/api/v1/users//interactions", "/api/v1/sessions//interactions"] {
        admin.get(path).await.assert_problem(404, "not_found");
    }
    let answer = admin.get("/api/nothing?secret=1").await;
    assert_json_snapshot!(answer.json(), @r#"
    {
      "code": "not_found",
      "detail": "there is no operation at /api/nothing",
      "instance": "/api/nothing",
      "status": 404,
      "title": "Not found",
      "type": "urn:pravis:problem:not_found"
    }
    "#);
}

#[tokio::test]
async fn a_wrong_method_is_405_and_told_which_there_are() {
    let (app, _) = operations::prepared().await;
    let admin = app.admin().await;
    let operations = operations::all();
    let paths: BTreeSet<_> = operations.iter().map(|operation| operation.path).collect();
    let methods = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    for path in paths {
        let own = operations.iter().filter(|operation| operation.path == path);
        let mut allowed: BTreeSet<_> = own.map(|operation| operation.method.as_str()).collect();
        if allowed.contains("GET") {
            allowed.insert("HEAD");
        }
        if ["/v1/events", "/v1/feedback"].contains(&path) || allowed.contains("PUT") {
            allowed.insert("OPTIONS");
        }
        let asked = path
            .replace("{id}", &testkit::id(1))
            .replace("{session_id}", "s")
            .replace("{user_id}", "u")
            .replace("{container}", "incoming")
            .replace("{name}", "x");
        for method in methods.iter().filter(|method| !allowed.contains(method.as_str())) {
            let answer = admin
                .send(method.clone(), &format!("/api{asked}"), None, Body::empty())
                .await;
            if *method != Method::HEAD {
                answer.assert_problem(405, "method_not_allowed");
            }
            answer.assert_status(405);
            let told: BTreeSet<_> = answer
                .header("allow")
                .unwrap()
                .split(',')
                .map(str::trim)
                .collect();
            assert_eq!(told, allowed, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_host_is_told_at_once_that_the_program_is_up() {
    let app = TestApp::without_store(&[]);
    app.anonymous().get("/").await.assert_status(200);
}

#[tokio::test(start_paused = true)]
async fn without_a_store_operations_are_503() {
    let app = TestApp::without_store(&[]);
    let secret = domain::keys::Secret::from_random([1; 32]);
    let caller = app.anonymous().secret(secret.expose());
    for operation in operations::all()
        .iter()
        .filter(|operation| operation.scope.is_some())
    {
        let answer = operation.ask(&caller, &Default::default()).await;
        answer.assert_problem(503, "store_unavailable");
        assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
    }
}
