//! The trigger endpoints: `POST /<FunctionName>`.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use pravis::host::answer::Answer;
use pravis::host::envelope::Invocation;
use pravis::triggers::{TriggerError, TriggerTable};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Barrier, Notify};
use tower::ServiceExt as _;

use crate::fixtures::text;

async fn succeed((): (), _: Invocation) -> Result<Answer, TriggerError> {
    Ok(Answer::done())
}

async fn fail((): (), _: Invocation) -> Result<Answer, TriggerError> {
    Err("the database is away".into())
}

async fn length((): (), invocation: Invocation) -> Result<Answer, TriggerError> {
    Ok(Answer::done().log(invocation.queue_bytes("msg")?.body.len().to_string()))
}

async fn panic((): (), _: Invocation) -> Result<Answer, TriggerError> {
    panic!("on purpose")
}

async fn hang((): (), _: Invocation) -> Result<Answer, TriggerError> {
    std::future::pending().await
}

fn table() -> TriggerTable<()> {
    TriggerTable::new(Duration::from_secs(30))
        .on("succeed", succeed)
        .on("fail", fail)
        .on("length", length)
        .on("panic", panic)
        .on("hang", hang)
}

fn router() -> Router {
    table().into_router(())
}

fn call(function: &str, body: impl Into<Body>) -> Request {
    Request::post(format!("/{function}"))
        .header(CONTENT_TYPE, "application/json; charset=utf-8")
        .header(
            "X-Azure-Functions-InvocationId",
            "0c6c3a86-6f6f-4b57-8a44-6a3c5d8a1a55",
        )
        .body(body.into())
        .unwrap()
}

async fn send(request: Request) -> Response {
    router().oneshot(request).await.unwrap()
}

async fn object(response: Response) -> Value {
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let value: Value = serde_json::from_slice(&body).unwrap();
    assert!(value.is_object());
    value
}

#[tokio::test]
async fn s12_names_are_exact_and_unknown_ones_fail() {
    assert_eq!(
        send(call("succeed", text("timer"))).await.status(),
        StatusCode::OK
    );
    for unknown in [
        "Succeed",
        "SUCCEED",
        "succeeds",
        "other",
        "api/succeed",
        "succeed/",
    ] {
        assert_eq!(
            send(call(unknown, text("timer"))).await.status(),
            StatusCode::NOT_FOUND,
            "{unknown}"
        );
    }
    let get = Request::get("/succeed").body(Body::empty()).unwrap();
    assert_eq!(send(get).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(
        table().names().collect::<Vec<_>>(),
        ["fail", "hang", "length", "panic", "succeed"]
    );
}

#[tokio::test]
async fn s13_chunked_bodies_and_those_with_a_length_are_read() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router()).await });
    let body = text("queue_binary");
    let (first, second) = body.split_at(17);
    let chunked = format!(
        "transfer-encoding: chunked\r\n\r\n{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len()
    );
    for rest in [chunked, format!("content-length: {}\r\n\r\n{body}", body.len())] {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let head = "POST /length HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\
                    content-type: application/json; charset=utf-8\r\n";
        socket
            .write_all(format!("{head}{rest}").as_bytes())
            .await
            .unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200 OK") && answer.contains(r#""Logs":["16"]"#),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn s14_an_envelope_may_be_large() {
    let megabytes = 48;
    let base64 = "AAAA".repeat(megabytes * 1024 * 1024 / 3);
    let body = format!(r#"{{"Data": {{"msg": "{base64}"}}}}"#);
    let answer = object(send(call("length", body)).await).await;
    assert_eq!(
        answer["Logs"],
        json!([(megabytes * 1024 * 1024 / 3 * 3).to_string()])
    );
}

#[tokio::test]
async fn s14_but_not_without_end() {
    let body = vec![b' '; 136 * 1024 * 1024];
    assert_eq!(
        send(call("succeed", body)).await.status(),
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

#[tokio::test]
async fn s25_parallel_calls_of_one_function_run_side_by_side() {
    let barrier = Arc::new(Barrier::new(3));
    let together = |barrier: Arc<Barrier>, _: Invocation| async move {
        barrier.wait().await;
        Ok(Answer::done())
    };
    let router = TriggerTable::new(Duration::from_secs(30))
        .on("together", together)
        .into_router(barrier);
    let calls = (0..3).map(|_| tokio::spawn(router.clone().oneshot(call("together", "{}"))));
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap().unwrap().status(), StatusCode::OK);
    }
}

/// Collects log records.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn s26_a_failure_is_one_record_with_the_invocation_id_and_no_payload() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::INFO)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    for function in ["fail", "panic"] {
        send(call(function, text("queue_text"))).await;
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let records: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(records.len(), 2, "{log}");
    for record in records {
        assert_eq!(record["level"], "ERROR");
        assert_eq!(
            record["span"]["invocation_id"],
            "0c6c3a86-6f6f-4b57-8a44-6a3c5d8a1a55"
        );
    }
    assert!(
        log.contains("the database is away") && !log.contains("hello worker"),
        "{log}"
    );
}

#[tokio::test]
async fn s28_success_is_200_with_an_object() {
    let response = send(call("succeed", text("timer"))).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_ne!(response.headers()[CONTENT_LENGTH], "0");
    assert_eq!(
        object(response).await,
        json!({"Outputs": {}, "Logs": [], "ReturnValue": null})
    );
}

#[tokio::test]
async fn s29_failure_is_500() {
    let not_binary = text("queue_text");
    for (function, body) in [
        ("fail", "{}"),
        ("panic", "{}"),
        ("succeed", "no"),
        ("succeed", ""),
        ("length", &not_binary),
    ] {
        let response = send(call(function, body.to_owned())).await;
        assert_eq!(
            response.status(),
            StatusCode::INTERNAL_SERVER_ERROR,
            "{function} {body}"
        );
    }
}

#[tokio::test]
async fn s30_nothing_redirects() {
    for path in [
        "succeed",
        "succeed/",
        "/succeed",
        "Succeed",
        "succeed/..",
        "./succeed",
        "fail",
        "",
    ] {
        for method in [Method::POST, Method::GET, Method::HEAD] {
            let mut request = call(path, "{}");
            *request.method_mut() = method;
            assert!(!send(request).await.status().is_redirection(), "{path}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn s34_work_ends_before_the_hosts_time_limit() {
    let started = tokio::time::Instant::now();
    assert_eq!(
        send(call("hang", "{}")).await.status(),
        StatusCode::INTERNAL_SERVER_ERROR
    );
    assert_eq!(started.elapsed().as_secs(), 30);
}

#[tokio::test]
async fn s35_work_goes_on_when_the_host_drops_the_connection() {
    #[derive(Clone, Default)]
    struct State {
        begun: Arc<Notify>,
        go_on: Arc<Notify>,
        ended: Arc<Notify>,
        runs: Arc<AtomicUsize>,
    }
    let trigger = |state: State, _: Invocation| async move {
        state.begun.notify_one();
        state.go_on.notified().await;
        state.runs.fetch_add(1, Ordering::SeqCst);
        state.ended.notify_one();
        Ok(Answer::done())
    };
    let state = State::default();
    let router = TriggerTable::new(Duration::from_secs(30))
        .on("slow", trigger)
        .into_router(state.clone());
    let call = tokio::spawn(router.oneshot(call("slow", "{}")));
    state.begun.notified().await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    state.go_on.notify_one();
    state.ended.notified().await;
    assert_eq!(state.runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn s39_a_proxied_request_is_refused() {
    let mut request = call("succeed", text("timer"));
    request
        .headers_mut()
        .insert("x-ms-invocation-id", "1".parse().unwrap());
    assert_eq!(send(request).await.status(), StatusCode::FORBIDDEN);
}
