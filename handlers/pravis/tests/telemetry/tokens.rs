//! Tokens for Application Insights.

use crate::support::{Credential, started_with, within};
use std::sync::Arc;
use std::time::{Duration, Instant};
use testkit::Ingestion;
use testkit::ingestion::Mode;

fn settings(connection_string: &str) -> [(&str, &str); 2] {
    [
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", connection_string),
        ("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "Authorization=AAD"),
    ]
}

#[tokio::test]
async fn each_call_has_one_and_one_lasts_for_many() {
    for (lasts, asked) in [(3600, 1), (60, 2)] {
        let stub = Ingestion::new();
        let credential = Arc::new(Credential {
            lasts: Some(Duration::from_secs(lasts)),
            ..Credential::default()
        });
        let telemetry = started_with(&settings(&stub.connection_string()), Arc::clone(&credential));
        telemetry.recorder().metrics().batch(1);
        within("the first call", || stub.calls().pop()).await;
        telemetry.recorder().metrics().batch(2);
        telemetry.shutdown().await;
        let tokens: Vec<_> = stub
            .calls()
            .into_iter()
            .filter_map(|call| call.authorization)
            .collect();
        let second = format!("Bearer token-{asked}");
        assert_eq!(tokens, ["Bearer token-1", &second]);
        assert_eq!(credential.asked(), asked);
    }
}

#[tokio::test]
async fn without_the_setting_none_is_asked_for() {
    let stub = Ingestion::new();
    let credential = Arc::new(Credential::default());
    let connection_string = stub.connection_string();
    let telemetry = started_with(&settings(&connection_string)[..1], Arc::clone(&credential));
    telemetry.recorder().metrics().batch(1);
    telemetry.shutdown().await;
    assert_eq!(stub.calls().pop().unwrap().authorization, None);
    assert_eq!(credential.asked(), 0);
}

#[tokio::test]
async fn without_an_identity_nothing_is_sent_and_the_end_is_quick() {
    let stub = Ingestion::new();
    let credential = Arc::new(Credential {
        fails: true,
        ..Credential::default()
    });
    let telemetry = started_with(&settings(&stub.connection_string()), credential);
    telemetry.recorder().metrics().batch(1);
    let began = Instant::now();
    telemetry.shutdown().await;
    assert!(
        began.elapsed() < Duration::from_millis(2500),
        "{:?}",
        began.elapsed()
    );
    assert!(stub.attempts().is_empty());
}

#[tokio::test]
async fn a_refusal_drops_the_token() {
    let stub = Ingestion::new();
    stub.set(Mode::Refuse(401));
    let credential = Arc::new(Credential::default());
    let telemetry = started_with(&settings(&stub.connection_string()), Arc::clone(&credential));
    telemetry.recorder().metrics().batch(1);
    within("a refusal", || stub.attempts().pop()).await;
    stub.set(Mode::Take);
    telemetry.shutdown().await;
    let call = stub.calls().pop().unwrap();
    assert_eq!(call.authorization.as_deref(), Some("Bearer token-2"));
}
