//! Who may do what, and by which key.

use crate::operations;
use domain::keys::{NewApiKey, Scope};
use jiff::SignedDuration;
use serde_json::json;
use testkit::{TestApp, key};

#[tokio::test]
async fn every_operation_is_for_its_scope_only() {
    let (app, unused) = operations::prepared().await;
    for operation in operations::all() {
        let answer = operation.ask(&app.anonymous(), &unused).await;
        match operation.scope {
            Some(_) => {
                answer.assert_problem(401, "unauthorized");
                assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            }
            None => assert!(answer.status() < 400, "{}: {}", operation.name, answer.text()),
        }
        for scope in Scope::ALL {
            let answer = operation.ask(&app.caller(&[*scope]).await, &unused).await;
            if operation
                .scope
                .is_none_or(|own| own == *scope || *scope == Scope::Admin)
            {
                let status = answer.status();
                assert!(status < 400, "{} as {scope:?}: {}", operation.name, answer.text());
            } else {
                answer.assert_problem(403, "forbidden");
            }
        }
    }
}

#[tokio::test]
async fn scopes_add_up() {
    let (app, unused) = operations::prepared().await;
    let caller = app.caller(&[Scope::Read, Scope::Review]).await;
    for operation in operations::all() {
        let allowed = matches!(operation.scope, None | Some(Scope::Read | Scope::Review));
        let status = operation.ask(&caller, &unused).await.status();
        assert_eq!(status < 400, allowed, "{}: {status}", operation.name);
    }
}

#[tokio::test]
async fn a_key_comes_as_bearer_or_in_its_own_header() {
    let app = TestApp::new().await;
    let secret = app.caller(&[Scope::Read]).await.key().to_owned();
    let path = "/api/v1/interactions";
    for (header, value) in [
        ("authorization", format!("Bearer {secret}")),
        ("authorization", format!("bearer  {secret} ")),
        ("x-api-key", secret.clone()),
    ] {
        let caller = app.anonymous().with(header, &value);
        caller.get(path).await.assert_status(200);
    }
    for (header, value) in [
        ("authorization", secret.clone()),
        ("authorization", format!("Basic {secret}")),
        ("authorization", "Bearer".to_owned()),
        ("authorization", "Bearer \u{e9}".to_owned()),
        ("x-api-key", String::new()),
        ("cookie", format!("key={secret}")),
    ] {
        let caller = app.anonymous().with(header, &value);
        caller.get(path).await.assert_problem(401, "unauthorized");
    }
    let answer = app.anonymous().get(&format!("{path}?key={secret}")).await;
    answer.assert_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_mistyped_or_unknown_key_is_401() {
    let app = TestApp::new().await;
    let secret = app.caller(&[Scope::Read]).await.key().to_owned();
    let last = if secret.ends_with('0') { "1" } else { "0" };
    let checksum = format!("{}{last}", &secret[..secret.len() - 1]);
    let unknown = domain::keys::Secret::from_random([7; 32]).expose().to_owned();
    for other in [
        checksum,
        unknown,
        secret.to_uppercase(),
        secret[1..].to_owned(),
        format!("{secret}0"),
        secret.repeat(500),
    ] {
        let answer = app.anonymous().secret(&other).get("/api/v1/interactions").await;
        answer.assert_problem(401, "unauthorized");
        assert!(!answer.text().contains(&other), "the answer repeats the key");
    }
}

#[tokio::test]
async fn a_key_works_until_it_expires() {
    let app = TestApp::new().await;
    let expiring = NewApiKey {
        name: Some("short".to_owned()),
        scopes: Some(vec![Scope::Read]),
        expires_at: Some("2026-11-02T11:00:00Z".parse().unwrap()),
        ..NewApiKey::default()
    };
    let caller = app.caller_with(expiring).await;
    app.clock().set("2026-11-02T10:59:59.999999Z");
    caller.get("/api/v1/interactions").await.assert_status(200);
    app.clock().set("2026-11-02T11:00:00Z");
    let answer = caller.get("/api/v1/interactions").await;
    answer.assert_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_key_stops_when_it_is_revoked() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let made = admin.post("/api/v1/keys", key(json!({}))).await;
    let caller = app.anonymous().secret(made.at("/key").as_str().unwrap());
    caller.get("/api/v1/interactions").await.assert_status(200);
    let path = format!("/api/v1/keys/{}", made.at("/id").as_str().unwrap());
    admin.delete(&path).await.assert_status(200);
    let answer = caller.get("/api/v1/interactions").await;
    answer.assert_problem(401, "unauthorized");
}

#[tokio::test]
async fn what_another_process_revokes_stops_within_30_seconds() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Read]).await;
    caller.get("/api/v1/interactions").await.assert_status(200);
    let store = app.store();
    let id = store.list_api_keys().await.unwrap()[0].id;
    store.revoke_api_key(id, app.clock().now()).await.unwrap();
    app.clock().advance(SignedDuration::from_secs(30));
    let answer = caller.get("/api/v1/interactions").await;
    answer.assert_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_key_that_is_bound_to_origins_works_only_there() {
    let app = TestApp::new().await;
    let bound = NewApiKey {
        name: Some("browser".to_owned()),
        scopes: Some(vec![Scope::Read]),
        allowed_origins: Some(vec![
            "https://shop.example".to_owned(),
            "http://localhost:8080".to_owned(),
        ]),
        ..NewApiKey::default()
    };
    let caller = app.caller_with(bound).await;
    let path = "/api/v1/interactions";
    caller.get(path).await.assert_problem(403, "forbidden");
    for (origin, status) in [
        ("https://shop.example", 200),
        ("HTTPS://SHOP.example", 200),
        ("http://localhost:8080", 200),
        ("http://shop.example", 403),
        ("https://shop.example:444", 403),
        ("https://evil-shop.example", 403),
        ("https://shop.example.evil.example", 403),
        ("null", 403),
    ] {
        let answer = caller.with("origin", origin).get(path).await;
        assert_eq!(answer.status(), status, "{origin}");
    }
}

#[tokio::test]
async fn the_use_of_a_key_is_noted_once_an_hour() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Read]).await;
    let store = app.store();
    let noted = async || {
        // It is noted beside the request: each look at the store lets it run.
        for _ in 0..1000 {
            if let Some(at) = store.list_api_keys().await.unwrap()[0].last_used_at {
                return Some(at);
            }
        }
        None
    };
    caller.get("/api/v1/interactions").await.assert_status(200);
    assert_eq!(noted().await, Some("2026-11-02T10:00:00Z".parse().unwrap()));
    for (now, expected) in [
        ("2026-11-02T10:59:59Z", "2026-11-02T10:00:00Z"),
        ("2026-11-02T11:00:00Z", "2026-11-02T11:00:00Z"),
    ] {
        app.clock().set(now);
        caller.get("/api/v1/interactions").await.assert_status(200);
        let expected = expected.parse().unwrap();
        for _ in 0..1000 {
            if noted().await == Some(expected) {
                break;
            }
        }
        assert_eq!(noted().await, Some(expected), "at {now}");
    }
}
