//! Calls of Azure AI Language.

use super::answer::Answer;
use super::detection::Detected;
use super::request::Request;
use axum::http::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use azure_core::credentials::TokenCredential;
use reqwest::redirect::Policy;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use store::{Claimed, Refined, Refinement};
use tracing::{Instrument as _, Span, field};

/// What the token is for.
const SCOPE: &str = "https://cognitiveservices.azure.com/.default";
/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one call may take, to the last byte of its answer.
const CALL: Duration = Duration::from_secs(20);
/// Rest after a refusal that only a person can mend.
const REFUSED: Duration = Duration::from_secs(60 * 60);
/// The longest that the service is left alone, whatever it says.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// Largest answer: ten comments of 5,120 characters, each sentence and aspect with its place.
const ANSWER: usize = 4 * 1024 * 1024;

/// Asks Azure AI Language, as the program's identity.
pub(super) struct Client {
    address: String,
    credential: Arc<dyn TokenCredential>,
    /// Made with the first call: reading the certificates of the system takes its time.
    http: OnceLock<reqwest::Client>,
}

/// Why there was no answer for any of the comments.
pub(super) struct Failure {
    /// For the log.
    pub(super) reason: String,
    /// The same in a word.
    pub(super) code: &'static str,
    /// How long the service wants to be left alone at least.
    pub(super) rest: Option<Duration>,
}

impl Failure {
    fn new(code: &'static str, reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            code,
            rest: None,
        }
    }
}

impl Client {
    pub(super) fn new(endpoint: &str, credential: Arc<dyn TokenCredential>) -> Self {
        Self {
            address: format!("{endpoint}/language/:analyze-text?api-version=2023-04-01"),
            credential,
            http: OnceLock::new(),
        }
    }

    /// What the service says of each of these comments.
    pub(super) async fn ask(&self, claimed: &[Claimed]) -> Result<Vec<Refined>, Failure> {
        let span = tracing::info_span!(
            "analyze_text",
            otel.kind = "client",
            otel.name = "analyze_text",
            otel.status_code = field::Empty,
            rpc.system.name = "language",
            server.address = self.address.split('/').nth(2),
            http.response.status_code = field::Empty,
            comments = claimed.len(),
        );
        let answer = self.call(claimed).instrument(span.clone()).await;
        if answer.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        answer
    }

    async fn call(&self, claimed: &[Claimed]) -> Result<Vec<Refined>, Failure> {
        let mut claimed = claimed.to_vec();
        if let Some(detect) = Request::of_language(&claimed) {
            let detected: Detected = self.post(&detect).await?;
            detected.note(&mut claimed);
        }
        let (known, unknown): (Vec<_>, Vec<_>) = claimed.into_iter().partition(|one| one.language.is_some());
        let mut refined: Vec<_> = unknown
            .iter()
            .map(|one| Refined {
                id: one.id,
                outcome: Refinement::Never("UnknownLanguage".to_owned()),
            })
            .collect();
        if !known.is_empty() {
            let answer: Answer = self.post(&Request::of_tone(&known)).await?;
            refined.extend(answer.into_refined(&known, |_| Refinement::Never("NoAnswer".to_owned())));
        }
        Ok(refined)
    }

    async fn post<T: DeserializeOwned>(&self, request: &(impl Serialize + Sync)) -> Result<T, Failure> {
        let away = |error: reqwest::Error| Failure::new("Unreachable", error.without_url().to_string());
        let token = self.credential.get_token(&[SCOPE], None).await;
        let token = token.map_err(|error| Failure::new("NoToken", error.to_string()))?;
        let body = serde_json::to_vec(request)
            .map_err(|_| Failure::new("Unsent", "the comments cannot be written"))?;
        let request = self.http()?.post(&self.address).bearer_auth(token.token.secret());
        let request = request.header(CONTENT_TYPE, "application/json").body(body);
        let mut response = request.send().await.map_err(away)?;
        let status = response.status();
        Span::current().record("http.response.status_code", status.as_u16());
        if !status.is_success() {
            return Err(refusal(status.as_u16(), response.headers()));
        }
        let mut text = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(away)? {
            text.extend_from_slice(&chunk);
            if text.len() > ANSWER {
                return Err(Failure::new("TooLong", "its answer is too long"));
            }
        }
        // Why it cannot be read is not told: the reason might quote it.
        serde_json::from_slice(&text).map_err(|_| Failure::new("Unreadable", "its answer cannot be read"))
    }

    fn http(&self) -> Result<&reqwest::Client, Failure> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let http = reqwest::Client::builder()
            .user_agent(crate::version::USER_AGENT)
            // A token would go along.
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(CALL)
            .build()
            .map_err(|error| Failure::new("Unsent", error.to_string()))?;
        Ok(self.http.get_or_init(|| http))
    }
}

fn refusal(status: u16, headers: &HeaderMap) -> Failure {
    let (code, advice, rest) = match status {
        429 => ("Busy", "", None),
        408 | 500.. => ("Failed", "", None),
        401 | 403 => (
            "Refused",
            ": give the identity the role Cognitive Services Language Reader, and the resource a name of its own",
            Some(REFUSED),
        ),
        404 => (
            "Missing",
            ": see that PRAVIS_LANGUAGE_ENDPOINT is that of the resource",
            Some(REFUSED),
        ),
        _ => ("Rejected", "", Some(REFUSED)),
    };
    let seconds = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Failure {
        reason: format!("it answered {status}{advice}"),
        code,
        rest: seconds
            .map(Duration::from_secs)
            .max(rest)
            .map(|rest| rest.min(LONGEST)),
    }
}
