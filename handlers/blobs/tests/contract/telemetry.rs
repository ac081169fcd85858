//! Spans of calls, which telemetry shows as dependencies, and what must be in no log.

use super::backends::{by_key, by_token, client, plain};
use super::builders::{HERE, name, put, read};
use super::token::FakeIdentity;
use azure_core::credentials::TokenCredential;
use blobs::azure::{AzureOptions, AzureStorage};
use blobs::{Blobs, Condition, Queue, Queues, UploadTerms};
use jiff::{SignedDuration, Timestamp};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing_subscriber::fmt::format::FmtSpan;

/// Everything that is logged on this thread, spans included, down to the last level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::CLOSE)
            .with_ansi(false)
            .with_writer(move || log.clone());
        tracing::subscriber::set_default(subscriber.finish())
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn calls_have_spans_and_secrets_are_in_no_log() {
    let log = Log::default();
    let _listening = log.listen();
    let mut secrets = vec![
        "dGVzdHMgb2YgcHJhdmlzIG9ubHk=".to_owned(),
        "eyJ0eXAiOiJKV1Qi".to_owned(),
    ];
    let token = FakeIdentity
        .get_token(&["https://storage.azure.com/.default"], None)
        .await
        .unwrap();
    secrets.push(token.token.secret()[..30].to_owned());
    let shopper = name("shopper-seven/voice.ogg");
    for storage in [by_token().await, by_key().await] {
        put(&storage, &shopper, "hello").await;
        read(&storage, &shopper, None).await;
        let terms = UploadTerms {
            until: Timestamp::now() + SignedDuration::from_mins(5),
        };
        let granted = storage.grant_upload(HERE, &shopper, terms).await.unwrap();
        let signature = granted.url.split("sig=").nth(1).unwrap();
        secrets.push(signature[..20].to_owned());
        tracing::info!(?granted, "as someone might log it");
        storage.delete(HERE, &shopper, Condition::None).await.unwrap();
        storage
            .send(Queue::Spill, b"secret body", Duration::ZERO)
            .await
            .unwrap();
        storage.message_count(Queue::Spill).await.unwrap();
    }
    let text = log.text();
    for expected in [
        "blob{otel.kind=\"client\" otel.name=\"put private\"",
        "blob{otel.kind=\"client\" otel.name=\"get private\"",
        "blob{otel.kind=\"client\" otel.name=\"get delegation key account\"",
        "queue{otel.kind=\"client\" otel.name=\"send pravis-spill\"",
        "queue{otel.kind=\"client\" otel.name=\"count pravis-spill\"",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
    assert!(!text.contains("otel.status_code=\"ERROR\""));
    secrets.extend(["c2VjcmV0IGJvZHk".to_owned(), "secret body".to_owned()]);
    for secret in secrets {
        let line = text.lines().find(|line| line.contains(&secret));
        assert!(line.is_none(), "{secret} in {line:?}");
    }
    let ours = text.lines().filter(|line| line.contains("otel.name"));
    for line in ours.filter(|line| line.contains("INFO")) {
        assert!(!line.contains("shopper-seven"), "{line}");
    }
    drop(client());
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn a_failed_call_is_a_failed_dependency_and_nothing_found_is_none() {
    let storage = by_key().await;
    let log = Log::default();
    let _listening = log.listen();
    assert!(storage.head(HERE, &name("missing")).await.unwrap().is_none());
    assert!(!log.text().contains("ERROR"), "{}", log.text());
    let nowhere = AzureStorage::development(&plain().account().connection, AzureOptions::default()).unwrap();
    nowhere.list(HERE, "", None, 1).await.unwrap_err();
    let failed = "otel.status_code=\"ERROR\" error.type=\"ContainerNotFound\"";
    assert!(log.text().contains(failed), "{}", log.text());
}
