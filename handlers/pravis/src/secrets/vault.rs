//! The vault itself.

use super::error::Reason;
use super::{SecretError, SecretName, SecretText};
use crate::config::VaultUrl;
use azure_core::credentials::TokenCredential;
use azure_core::error::ErrorKind;
use azure_core::http::{ClientOptions, ExponentialRetryOptions, RetryOptions, StatusCode, Transport};
use azure_core::time::Duration;
use azure_security_keyvault_secrets::models::{KeyVaultError, KeyVaultErrorError};
use azure_security_keyvault_secrets::{SecretClient, SecretClientOptions};
use std::sync::Arc;

/// A Key Vault, asked as the identity that the credential stands for.
pub(crate) struct Vault {
    client: azure_core::Result<SecretClient>,
    patience: std::time::Duration,
}

impl Vault {
    /// A vault that is asked over `transport`, or over HTTPS, and may take `patience` for an answer. Asks nothing yet.
    pub(crate) fn new(
        url: &VaultUrl,
        credential: Arc<dyn TokenCredential>,
        transport: Option<Transport>,
        patience: std::time::Duration,
    ) -> Self {
        // Few and quick: who keeps a secret fresh comes again by itself.
        let retry = RetryOptions::exponential(ExponentialRetryOptions {
            max_retries: 2,
            max_total_elapsed: Duration::seconds(10),
            ..ExponentialRetryOptions::default()
        });
        let client_options = ClientOptions {
            retry,
            transport,
            ..ClientOptions::default()
        };
        let options = SecretClientOptions {
            client_options,
            ..SecretClientOptions::default()
        };
        let client = SecretClient::new(&url.to_string(), credential, Some(options));
        Self { client, patience }
    }

    /// The current version of a secret.
    pub(crate) async fn get(&self, name: &SecretName) -> Result<SecretText, SecretError> {
        let answer = tokio::time::timeout(self.patience, self.ask(name)).await;
        let answer = answer.unwrap_or_else(|_| Err(Reason::Away("no answer in time".to_owned())));
        answer.map_err(|reason| SecretError {
            name: name.clone(),
            reason,
        })
    }

    async fn ask(&self, name: &SecretName) -> Result<SecretText, Reason> {
        let client = self.client.as_ref().map_err(reason)?;
        let answer = client.get_secret(name.as_str(), None).await;
        // Why an answer cannot be read is not told: the reason would quote it.
        let secret = answer.map_err(|error| reason(&error))?.into_model();
        let value = secret.ok().and_then(|secret| secret.value);
        let value = value.filter(|value| !value.is_empty()).ok_or(Reason::Empty)?;
        Ok(SecretText::new(value))
    }
}

/// What an error of the client means. Of an answer only its status and codes are told.
fn reason(error: &azure_core::Error) -> Reason {
    match error.kind() {
        ErrorKind::HttpResponse {
            status, raw_response, ..
        } => {
            let body = raw_response.as_ref().map(|raw| raw.body().as_ref());
            refusal(*status, body.unwrap_or_default())
        }
        ErrorKind::Credential => Reason::NoToken(root_cause(error)),
        _ => Reason::Away(root_cause(error)),
    }
}

fn refusal(status: StatusCode, body: &[u8]) -> Reason {
    match status {
        StatusCode::Unauthorized => Reason::Refused,
        StatusCode::NotFound => Reason::Missing,
        StatusCode::Forbidden => match inner_code(body).as_deref() {
            Some("ForbiddenByFirewall" | "ForbiddenByConnection") => Reason::Network,
            Some("SecretDisabled") => Reason::Disabled,
            // ForbiddenByRbac, AccessDenied, and what is to come.
            _ => Reason::MissingRole,
        },
        other => Reason::Away(format!("status {}", u16::from(other))),
    }
}

/// The innermost code: `{"error": {"code": "Forbidden", "innererror": {"code": "ForbiddenByRbac"}}}`
/// (<https://learn.microsoft.com/azure/key-vault/general/rest-error-codes>).
fn inner_code(body: &[u8]) -> Option<String> {
    let error: KeyVaultError = serde_json::from_slice(body).ok()?;
    let KeyVaultErrorError {
        code, inner_error, ..
    } = error.error?;
    inner_error.and_then(|inner| inner.code).or(code)
}

/// The last cause, such as `Connection refused`; those before it only say that a request failed.
fn root_cause(error: &azure_core::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string().replace('\n', " ")
}
