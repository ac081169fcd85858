//! Telemetry of the real process: what arrives before it is killed, and what becomes of it when nobody takes it.

use crate::support::{Body, Client, FunctionsHost, Options, PATIENCE, Serve, key, within};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use testkit::ingestion::{Ingestion, Mode};
use uuid::Uuid;

/// What may be lost by a kill: what happened in this time before it.
const LATEST: Duration = Duration::from_millis(1500);

fn options(data: &Path, stub: &Ingestion, more: &[(&'static str, &str)]) -> Options {
    let mut options = Options::new(data);
    let own = [("APPLICATIONINSIGHTS_CONNECTION_STRING", stub.connection_string())];
    options.settings.extend(own);
    options
        .settings
        .extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    options
}

/// Everything: traces by token, and facts.
fn with_facts(data: &Path, stub: &Ingestion) -> Options {
    let mut options = options(
        data,
        stub,
        &[
            ("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "Authorization=AAD"),
            ("PRAVIS_TELEMETRY_SAMPLING", "1"),
            ("PRAVIS_LOGS_RULE_ID", "dcr-1"),
            ("PRAVIS_HASH_KEY", "seeded-hash-key-0123456789"),
        ],
    );
    options.settings.push(("PRAVIS_LOGS_ENDPOINT", stub.url()));
    options.settings.extend(stub.identity());
    options
}

fn finished(session: &str) -> Value {
    json!({"id": Uuid::now_v7(), "type": "chat", "session_id": session, "response_text": "seeded answer", "tokens_input": 7})
}

/// Sends a request with an id, which its telemetry must carry.
fn post(client: &mut Client, id: &str, turn: &Value) {
    let text = turn.to_string();
    let headers = [("Content-Type", "application/json"), ("X-Request-Id", id)];
    let answer = client.send(
        "POST",
        "/api/v1/interactions",
        &headers,
        Body::Sized(text.as_bytes()),
    );
    answer.unwrap().expect(201);
}

fn requests(stub: &Ingestion) -> Vec<Value> {
    let mut envelopes = stub.envelopes();
    envelopes.retain(|envelope| envelope["data"]["baseType"] == "RequestData");
    envelopes
}

fn arrived(stub: &Ingestion, request_id: &str) -> bool {
    let id = |envelope: &Value| envelope["data"]["baseData"]["properties"]["request_id"] == request_id;
    requests(stub).iter().any(id)
}

#[test]
fn what_happened_arrives_before_a_kill() {
    let (data, stub) = (tempfile::tempdir().unwrap(), Ingestion::new());
    let mut host = FunctionsHost::start(with_facts(data.path(), &stub));
    host.wait_for_store();
    let mut client = host.client().with_key(&key(data.path(), "admin"));
    // The first one waits for a connection and a token.
    post(&mut client, "first", &finished("s-1"));
    within(PATIENCE, "the first request", || {
        arrived(&stub, "first").then_some(())
    });
    for round in 0..3 {
        let (id, rows) = (format!("round-{round}"), stub.rows().len());
        post(&mut client, &id, &finished("s-1"));
        let began = Instant::now();
        within(PATIENCE, "request and row", || {
            (arrived(&stub, &id) && stub.rows().len() > rows).then_some(())
        });
        assert!(began.elapsed() < LATEST, "{:?}", began.elapsed());
    }
    post(&mut client, "last", &finished("s-1"));
    host.process.kill();
    assert!(
        !arrived(&stub, "last"),
        "it was sent at once, and that is not cheap"
    );
    let numbers = stub
        .envelopes()
        .into_iter()
        .filter(|envelope| envelope["data"]["baseType"] == "MetricData");
    assert!(numbers.count() > 0);
    let tokens: Vec<_> = stub
        .calls()
        .into_iter()
        .map(|call| call.authorization.unwrap())
        .collect();
    assert!(
        tokens.iter().all(|token| token == "Bearer managed-token"),
        "{tokens:?}"
    );
}

#[test]
fn an_endpoint_that_never_answers_holds_up_neither_requests_nor_the_end() {
    let (data, stub) = (tempfile::tempdir().unwrap(), Ingestion::new());
    stub.set(Mode::Stall);
    let mut host = FunctionsHost::start(with_facts(data.path(), &stub));
    host.wait_for_store();
    let mut client = host.client().with_key(&key(data.path(), "admin"));
    let began = Instant::now();
    for n in 0..100 {
        post(&mut client, &format!("request-{n}"), &finished("s-1"));
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    within(PATIENCE, "calls that stall", || {
        let tried = stub.attempts();
        let of = |part: &str| tried.iter().any(|call| call.target.contains(part));
        (of("track") && of("streams")).then_some(())
    });
    let ending = Instant::now();
    host.process.signal("TERM");
    host.process.wait();
    let took = ending.elapsed();
    assert!(
        (Duration::from_millis(1900)..Duration::from_secs(4)).contains(&took),
        "{took:?}"
    );
    let stdout = host.process.stdout();
    let told: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["message"] == "telemetry was lost")
        .collect();
    let lost: u64 = told.iter().map(|line| line["items"].as_u64().unwrap()).sum();
    assert!(lost >= 200, "a hundred requests and as many rows: {stdout}");
    assert!(told.len() <= 2, "one when it began, one for the rest: {stdout}");
    assert_eq!(host.process.stderr(), "");
}

#[test]
fn an_outage_of_seconds_loses_nothing() {
    let (data, stub) = (tempfile::tempdir().unwrap(), Ingestion::new());
    let host = FunctionsHost::start(options(data.path(), &stub, &[("PRAVIS_TELEMETRY_SAMPLING", "1")]));
    host.wait_for_store();
    within(PATIENCE, "a first request", || requests(&stub).pop());
    stub.go_away();
    let mut client = host.client();
    let live = |client: &mut Client, id: &str| {
        let headers = [("X-Request-Id", id)];
        let answer = client.send("GET", "/api/health/live", &headers, Body::None);
        answer.unwrap().expect(200);
    };
    (0..700).for_each(|n| live(&mut client, &format!("away-{n}")));
    stub.come_back();
    within(PATIENCE, "every request", || {
        let text = stub.text();
        (text.matches("\"away-").count() >= 700).then_some(())
    });
}

#[test]
fn a_refusal_is_told_once_with_the_role_that_is_missing() {
    let (data, stub) = (tempfile::tempdir().unwrap(), Ingestion::new());
    stub.set(Mode::Refuse(403));
    let host = FunctionsHost::start(with_facts(data.path(), &stub));
    host.wait_for_store();
    let mut client = host.client().with_key(&key(data.path(), "admin"));
    for round in 1..=3 {
        post(&mut client, "refused", &finished("s-1"));
        within(PATIENCE, "refused calls", || {
            let tried = stub.attempts();
            let of = |part: &str| tried.iter().filter(|call| call.target.contains(part)).count();
            (of("track") >= round && of("streams") >= round).then_some(())
        });
    }
    let role = "Monitoring Metrics Publisher";
    let log = within(PATIENCE, "both warnings", || {
        let log = host.process.stdout();
        (log.matches(role).count() >= 2).then_some(log)
    });
    for service in [
        "Application Insights refuses telemetry",
        "Log Analytics refuses facts",
    ] {
        assert_eq!(log.matches(service).count(), 1, "{log}");
    }
    assert_eq!(log.matches(role).count(), 2, "{log}");
}

#[test]
fn failures_are_all_sent_and_the_rest_by_its_share() {
    let (data, stub) = (tempfile::tempdir().unwrap(), Ingestion::new());
    // No store will ever open, so that there are requests that fail.
    let blocked = data.path().join("file");
    std::fs::write(&blocked, "a file where a folder should be").unwrap();
    let settings = [("PRAVIS_TELEMETRY_SAMPLING", "0.25"), ("PRAVIS_LOG", "error")];
    let host = FunctionsHost::start(options(&blocked, &stub, &settings));
    let mut client = host.client();
    for _ in 0..400 {
        client.get("/api/health/live").expect(200);
    }
    for _ in 0..50 {
        client.get("/api/health/ready").expect(503);
    }
    let of = |name: &str| -> Vec<Value> {
        let named = requests(&stub).into_iter();
        named
            .filter(|envelope| envelope["data"]["baseData"]["name"] == name)
            .collect()
    };
    within(PATIENCE, "every failure", || {
        (of("GET /api/health/ready").len() == 50).then_some(())
    });
    // Both queues are emptied within the same second.
    within(PATIENCE, "a share of the rest", || {
        (of("GET /api/health/live").len() > 50).then_some(())
    });
    let live = of("GET /api/health/live");
    assert!(live.len() < 150, "{}", live.len());
    assert!(live.iter().all(|envelope| envelope["sampleRate"] == 25.0));
    assert!(
        of("GET /api/health/ready")
            .iter()
            .all(|envelope| envelope["sampleRate"] == 100.0)
    );
}

#[test]
fn serve_tells_each_request_once_and_each_timer() {
    let (data, stub) = (tempfile::tempdir().unwrap(), Ingestion::new());
    let serve = Serve::start(
        Serve::command(data.path())
            .env("APPLICATIONINSIGHTS_CONNECTION_STRING", stub.connection_string())
            .env("PRAVIS_TELEMETRY_SAMPLING", "1")
            .env("PRAVIS_RETENTION_SCHEDULE", "* * * * * *"),
    );
    let mut client = serve.client();
    let headers = [
        ("X-Request-Id", "once"),
        (
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ),
    ];
    let answer = client
        .send("GET", "/api/v1/sessions", &headers, Body::None)
        .unwrap();
    assert_eq!(answer.header("x-request-id"), Some("once"));
    let answer = client.send(
        "GET",
        "/api/nowhere/shopper-17",
        &[("X-Request-Id", "nowhere")],
        Body::None,
    );
    assert_eq!(answer.unwrap().status, 404);
    within(PATIENCE, "a timer, twice", || {
        let requests = requests(&stub);
        let timers = requests
            .iter()
            .filter(|request| request["data"]["baseData"]["name"] == "timer_retention");
        (timers.count() >= 2).then_some(())
    });
    let of = |id: &str| -> Vec<Value> {
        let requests = requests(&stub).into_iter();
        requests
            .filter(|request| request["data"]["baseData"]["properties"]["request_id"] == id)
            .collect()
    };
    let (once, nowhere) = (of("once"), of("nowhere"));
    assert_eq!((once.len(), nowhere.len()), (1, 1));
    assert_eq!(once[0]["data"]["baseData"]["name"], "GET /api/v1/sessions");
    assert_eq!(
        once[0]["tags"]["ai.operation.id"],
        "0af7651916cd43dd8448eb211c80319c"
    );
    assert!(once[0]["data"]["baseData"]["properties"]["faas.invocation_id"].is_string());
    assert_eq!(nowhere[0]["data"]["baseData"]["name"], "GET");
    assert!(!stub.text().contains("shopper-17"));
}

#[test]
fn no_secret_is_logged_or_sent() {
    let (data, stub) = (tempfile::tempdir().unwrap(), Ingestion::new());
    let mut options = with_facts(data.path(), &stub);
    options.settings.push(("PRAVIS_LOG", "trace".to_owned()));
    let mut host = FunctionsHost::start(options);
    host.wait_for_store();
    let key = key(data.path(), "admin");
    let mut client = host.client().with_key(&key);
    post(&mut client, "first", &finished("seeded-session"));
    within(PATIENCE, "request and row", || {
        (arrived(&stub, "first") && !stub.rows().is_empty()).then_some(())
    });
    host.process.signal("TERM");
    host.process.wait();
    let log = host.process.stdout() + &host.process.stderr();
    assert!(log.contains("\"TRACE\""));
    for text in [&log, &stub.text()] {
        for secret in [&key, "seeded", "managed-token", "secret-of-the-identity"] {
            let place = text.find(secret).map(|at| &text[at.saturating_sub(300)..at]);
            assert_eq!(place, None, "{secret}");
        }
    }
    assert!(!log.contains("0f0f0f0f-0000-4000"), "the instrumentation key");
}
