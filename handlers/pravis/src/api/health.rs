//! Whether the program lives, and whether it can work.

use crate::app::App;
use crate::version::{COMMIT, VERSION};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use futures::future::{BoxFuture, FutureExt, join_all};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// That the program lives.
#[derive(Debug, Serialize, ToSchema)]
pub struct Liveness {
    /// `live`.
    pub status: &'static str,
    /// The version of the program.
    pub version: &'static str,
    /// The commit it was built from; null where the build did not know it.
    pub commit: Option<&'static str>,
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

/// How a thing stands; none when the settings do not ask for it.
type Standing = Option<Result<(), String>>;
/// Looks at a thing.
type Look = fn(&App) -> BoxFuture<'_, Standing>;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is looked at.
const CHECKS: &[(&str, Look)] = &[
    ("store", |app| store(app).boxed()),
    ("storage", |app| storage(app).boxed()),
    ("secrets", |app| secrets(app).boxed()),
];

/// Whether the program lives. Looks at nothing else.
#[utoipa::path(get, path = "/health/live", tag = "health", responses((status = 200, body = Liveness)))]
pub async fn get_liveness() -> Json<Liveness> {
    Json(Liveness {
        status: "live",
        version: VERSION,
        commit: COMMIT,
    })
}

/// Whether the program can do its work; says what it lacks.
#[utoipa::path(get, path = "/health/ready", tag = "health", responses(
    (status = 200, body = Readiness), (status = 503, description = "Something is missing", body = Readiness)))]
pub async fn get_readiness(State(app): State<App>) -> (StatusCode, Json<Readiness>) {
    let looks = CHECKS
        .iter()
        .map(|(name, look)| look(&app).map(|standing| check(name, standing)));
    let checks: Vec<_> = join_all(looks).await.into_iter().flatten().collect();
    let (code, status) = match checks.iter().all(|check| check.detail.is_none()) {
        true => (StatusCode::OK, "ready"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
    };
    (code, Json(Readiness { status, checks }))
}

fn check(name: &'static str, standing: Standing) -> Option<ReadinessCheck> {
    let detail = standing?.err();
    let status = if detail.is_none() { "ready" } else { "not_ready" };
    Some(ReadinessCheck { name, status, detail })
}

/// Whoever asks waits for an answer, not for the database, and does not wake it either: one that nobody uses may be paused.
async fn store(app: &App) -> Standing {
    Some(match app.store_now() {
        Ok(store) if store.is_idle() && app.breaker().is_open() => {
            Err("it does not answer; writes are kept beside it".to_owned())
        }
        Ok(store) if store.is_idle() => Ok(()),
        Ok(store) => match tokio::time::timeout(PATIENCE, store.ping()).await {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
        },
        Err(reason) => Err(reason),
    })
}

/// Only whether it could be opened: an account is not asked each time.
async fn storage(app: &App) -> Standing {
    Some(app.storage().await.map(drop).map_err(|error| error.to_string()))
}

/// Those that were read once are there, even while the vault is away.
async fn secrets(app: &App) -> Standing {
    let secrets = &app.access().secrets;
    let lacking: Vec<_> = secrets.lacking().iter().map(ToString::to_string).collect();
    let standing = if lacking.is_empty() {
        Ok(())
    } else {
        Err(lacking.join("; "))
    };
    (!secrets.is_empty()).then_some(standing)
}
