//! The least that a server can do: axum, one route, no work. What the same client gets from it is the limit of the
//! machine and of the client, and is printed beside the program's figures.

use std::process::ExitCode;

use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::{Router, routing};

use crate::Outcome;

/// Serves on a free port of the loopback address until it is interrupted, and prints its address as the program does.
pub(crate) fn run() -> Outcome<ExitCode> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("raw server at http://{}", listener.local_addr()?);
        let stop = async {
            let _ = tokio::signal::ctrl_c().await;
        };
        axum::serve(listener, routes()).with_graceful_shutdown(stop).await
    })?;
    Ok(ExitCode::SUCCESS)
}

fn routes() -> Router {
    const READY: &str = "{\"status\":\"ready\"}";
    Router::new()
        .route(
            "/api/v1/interactions",
            routing::post(create).get(|| async { json(StatusCode::OK, READY) }),
        )
        .route("/api/v1/interactions/batch", routing::post(create))
        // What Application Insights says to whatever it is sent.
        .route("/v2.1/track", routing::post(take))
        .route("/v2/track", routing::post(take))
        .route(
            "/api/health/ready",
            routing::get(|| async { json(StatusCode::OK, READY) }),
        )
}

/// Takes the whole body in, as any handler must, and looks at none of it.
async fn create(body: Bytes) -> impl IntoResponse {
    drop(body);
    json(
        StatusCode::CREATED,
        "{\"id\":\"00000000-0000-7000-8000-000000000000\"}",
    )
}

/// As [`create`], in the words of Application Insights.
async fn take(body: Bytes) -> impl IntoResponse {
    drop(body);
    json(
        StatusCode::OK,
        "{\"itemsReceived\":1,\"itemsAccepted\":1,\"errors\":[]}",
    )
}

fn json(status: StatusCode, body: &'static str) -> impl IntoResponse {
    (status, [(header::CONTENT_TYPE, "application/json")], body)
}

/// The same server in a thread of a test's own process.
#[cfg(test)]
pub(super) fn in_thread() -> std::net::SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, routes()).await.unwrap();
        });
    });
    address
}
