//! Whether the program lives, and whether it can work.

use crate::app::App;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// That the program lives.
#[derive(Debug, Serialize, ToSchema)]
pub struct Liveness {
    /// `live`.
    pub status: &'static str,
    /// The version of the program.
    pub version: &'static str,
}

/// Whether the program can work.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// `ready` or `not_ready`.
    pub status: &'static str,
    /// What was looked at.
    pub checks: Vec<ReadinessCheck>,
}

/// How one thing stands that the program needs.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadinessCheck {
    /// Its name.
    pub name: &'static str,
    /// `ready` or `not_ready`.
    pub status: &'static str,
    /// Why it is not ready.
    pub detail: Option<String>,
}

/// Whether the program lives. Looks at nothing else.
#[utoipa::path(get, path = "/health/live", tag = "health", responses((status = 200, body = Liveness)))]
pub async fn get_liveness() -> Json<Liveness> {
    Json(Liveness {
        status: "live",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// Whether the program can do its work; says what it lacks.
#[utoipa::path(get, path = "/health/ready", tag = "health", responses(
    (status = 200, body = Readiness), (status = 503, description = "Something is missing", body = Readiness)))]
pub async fn get_readiness(State(app): State<App>) -> (StatusCode, Json<Readiness>) {
    let store = match app.store_now() {
        Ok(store) => store.ping().await.map_err(|error| error.to_string()),
        Err(reason) => Err(reason),
    };
    let (code, status) = match &store {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
    };
    let checks = vec![ReadinessCheck {
        name: "store",
        status,
        detail: store.err(),
    }];
    (code, Json(Readiness { status, checks }))
}
