//! A Key Vault: asks who it is first, then gives secrets
//! (<https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses>).

use crate::FixedToken;
use crate::served::Served;
use async_trait::async_trait;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use azure_core::http::{AsyncRawResponse, HttpClient, Request, Transport, new_http_client};
use pravis::access::Access;
use pravis::config::Config;
use pravis::secrets::Pace;
use serde_json::json;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const TOKEN: &str = "seeded-vault-token";
const CHALLENGE: &str = r#"Bearer authorization="https://login.microsoftonline.com/0199d3a4-0000-7000-8000-000000000001", resource="https://vault.azure.net""#;

/// How the vault answers who has the right token.
#[derive(Debug, Clone, Default)]
pub enum VaultMood {
    /// With the secret, or that there is none.
    #[default]
    Gives,
    /// With a status and a body of the test's own.
    Answers(u16, String),
    /// With 403, for this reason (`ForbiddenByRbac` and the like).
    Forbids(&'static str),
    /// Not before the test is over.
    Hangs,
}

/// A vault that gives secrets to who brings the right token, and counts how often.
pub struct VaultStub {
    shared: Arc<Mutex<Shared>>,
    served: Served,
}

struct Shared {
    token: String,
    secrets: BTreeMap<String, String>,
    mood: VaultMood,
    challenged: usize,
    asked: Vec<String>,
}

impl VaultStub {
    /// A vault that takes the token of [`Self::access`].
    pub fn start() -> Self {
        Self::taking(TOKEN)
    }

    /// A vault that takes this token.
    pub fn taking(token: &str) -> Self {
        let shared = Arc::new(Mutex::new(Shared {
            token: token.to_owned(),
            secrets: BTreeMap::new(),
            mood: VaultMood::Gives,
            challenged: 0,
            asked: Vec::new(),
        }));
        let router = Router::new()
            .route("/secrets/{name}/", get(secret))
            .with_state(Arc::clone(&shared));
        let served = Served::router(router);
        Self { shared, served }
    }

    /// Where it is, over plain HTTP.
    pub fn address(&self) -> SocketAddr {
        self.served.address
    }

    /// The program's access with this vault for whichever the settings name, asked without much of a rest. The client
    /// believes that it speaks HTTPS with that name.
    pub fn access(&self, config: &Config) -> Access {
        let transport = Transport::new(Arc::new(Redirected {
            to: self.served.address,
            client: new_http_client(None),
        }));
        let pace = Pace {
            refresh: Duration::from_millis(50),
            between: Duration::from_millis(20),
            longest: Duration::from_millis(50),
            patience: Duration::from_secs(2),
        };
        Access::by(config, Arc::new(FixedToken(TOKEN)), Some(transport), pace)
    }

    /// Gives a secret a value, or a new one.
    pub fn set(&self, name: &str, value: &str) {
        let mut shared = self.shared.lock().unwrap();
        shared.secrets.insert(name.to_owned(), value.to_owned());
    }

    /// Answers differently from now on.
    pub fn be(&self, mood: VaultMood) {
        self.shared.lock().unwrap().mood = mood;
    }

    /// The names of the secrets that were asked for with the right token, in order.
    pub fn asked(&self) -> Vec<String> {
        self.shared.lock().unwrap().asked.clone()
    }

    /// How often it had to ask who it is.
    pub fn challenged(&self) -> usize {
        self.shared.lock().unwrap().challenged
    }
}

async fn secret(
    State(shared): State<Arc<Mutex<Shared>>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let (mood, value) = {
        let mut shared = shared.lock().unwrap();
        let right = format!("Bearer {}", shared.token);
        if headers.get(header::AUTHORIZATION).map(|value| value.as_bytes()) != Some(right.as_bytes()) {
            shared.challenged += 1;
            return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, CHALLENGE)]).into_response();
        }
        shared.asked.push(name.clone());
        (shared.mood.clone(), shared.secrets.get(&name).cloned())
    };
    match (mood, value) {
        (VaultMood::Gives, Some(value)) => {
            let id = format!("https://shop.vault.azure.net/secrets/{name}/7f3f");
            Json(json!({"value": value, "id": id, "attributes": {"enabled": true}})).into_response()
        }
        (VaultMood::Gives, None) => {
            let error = json!({"code": "SecretNotFound", "message": format!("{name} was not found")});
            (StatusCode::NOT_FOUND, Json(json!({"error": error}))).into_response()
        }
        (VaultMood::Answers(status, body), _) => {
            (StatusCode::from_u16(status).unwrap(), body).into_response()
        }
        (VaultMood::Forbids(reason), _) => {
            let error = json!({"code": "Forbidden", "message": "no", "innererror": {"code": reason}});
            (StatusCode::FORBIDDEN, Json(json!({"error": error}))).into_response()
        }
        (VaultMood::Hangs, _) => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
    }
}

#[derive(Debug)]
struct Redirected {
    to: SocketAddr,
    client: Arc<dyn HttpClient>,
}

#[async_trait]
impl HttpClient for Redirected {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let mut request = request.clone();
        let url = request.url_mut();
        url.set_scheme("http").unwrap();
        url.set_host(Some(&self.to.ip().to_string())).unwrap();
        url.set_port(Some(self.to.port())).unwrap();
        self.client.execute_request(&request).await
    }
}
