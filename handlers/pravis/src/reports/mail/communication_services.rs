//! Mail by Azure Communication Services
//! (<https://learn.microsoft.com/rest/api/communication/email/send>, version 2023-03-31).

use super::Mail;
use crate::app::App;
use crate::reports::deliver::Outcome;
use crate::reports::{ReportError, client};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use lettre::message::Mailbox;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::redirect::Policy;
use serde_json::json;
use std::time::Duration;

/// What tokens are asked for.
const SCOPE: &str = "https://communication.azure.com/.default";
/// How long a call may take.
const CALL: Duration = Duration::from_secs(30);

pub(super) async fn send(
    app: &App,
    endpoint: &str,
    from: &Mailbox,
    mail: Mail,
) -> Result<Outcome, ReportError> {
    let token = match app.access().credential.get_token(&[SCOPE], None).await {
        Ok(token) => token,
        // Why is logged by the identity itself.
        Err(_) => {
            return Ok(Outcome::failed(
                None,
                "there is no token for Azure Communication Services",
            ));
        }
    };
    let client = client(&app.reports().azure, || {
        reqwest::Client::builder().redirect(Policy::none()).timeout(CALL)
    })?;
    let call = client
        .post(format!("{endpoint}/emails:send?api-version=2023-03-31"))
        .header(AUTHORIZATION, format!("Bearer {}", token.token.secret()))
        .header(CONTENT_TYPE, "application/json")
        // The operation is named by us, and the same with each attempt.
        .header("operation-id", mail.id.to_string())
        .body(body(from, &mail));
    Ok(match call.send().await {
        Ok(answer) => judged(answer.status().as_u16()),
        Err(error) if error.is_timeout() => {
            Outcome::failed(None, "Azure Communication Services did not answer in time")
        }
        Err(_) => Outcome::failed(None, "Azure Communication Services cannot be reached"),
    })
}

/// 409 is said of an operation that was begun before. Roles and limits may be better next time; a request that is wrong stays so.
fn judged(status: u16) -> Outcome {
    let reason = format!("Azure Communication Services answered {status}");
    match status {
        200..=299 | 409 => Outcome::taken(status),
        400 | 413 | 415 | 422 => Outcome::hopeless(Some(status), reason),
        401 | 403 => Outcome::failed(
            Some(status),
            format!("{reason}: give the identity the role Communication and Email Service Owner"),
        ),
        _ => Outcome::failed(Some(status), reason),
    }
}

fn body(from: &Mailbox, mail: &Mail) -> String {
    json!({
        "senderAddress": from.email.to_string(),
        "recipients": { "to": [{ "address": mail.to.to_string() }] },
        "content": { "subject": mail.subject, "plainText": mail.text, "html": mail.html },
        "attachments": [{
            "name": mail.file,
            "contentType": "text/csv",
            "contentInBase64": BASE64_STANDARD.encode(&mail.csv),
        }],
        "userEngagementTrackingDisabled": true,
    })
    .to_string()
}
