//! The Logs Ingestion API of Azure Monitor (version 2023-01-01).

use crate::config::LogsConfig;
use crate::telemetry::bearer::Bearer;
use crate::telemetry::http::Http;
use crate::telemetry::queue::Lost;
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use flate2::Compression;
use flate2::write::GzEncoder;
use opentelemetry_http::{Bytes, HttpClient as _, HttpError, Request};
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Most of one call, before it is compressed. The service takes 1 MB.
const CALL: usize = 1_000_000;
/// How often a call is tried.
const ATTEMPTS: u32 = 6;
/// Rest before the second attempt, doubled with each, unless the service says how long.
const REST: Duration = Duration::from_millis(500);
/// Longest rest.
const LONGEST_REST: Duration = Duration::from_secs(60);

pub(super) struct Client {
    address: String,
    http: Http,
    bearer: Bearer,
    refused: AtomicBool,
}

/// Why a call failed, and whether another may succeed.
struct Failure {
    reason: String,
    again: Option<Duration>,
}

impl Client {
    pub(super) fn new(config: &LogsConfig, http: Http, bearer: Bearer) -> Self {
        let LogsConfig { endpoint, rule_id } = config;
        Self {
            address: format!(
                "{endpoint}/dataCollectionRules/{rule_id}/streams/Custom-PravisInteractions?api-version=2023-01-01"
            ),
            http,
            bearer,
            refused: AtomicBool::new(false),
        }
    }

    /// Sends rows, each a JSON object, in as few calls as may be.
    pub(super) async fn send(&self, rows: Vec<Vec<u8>>) -> Result<(), Lost> {
        let mut lost = Lost {
            items: 0,
            reason: String::new(),
        };
        for (count, array) in calls(&rows) {
            if let Err(reason) = self.call(&array).await {
                lost.items += count;
                lost.reason = reason;
            }
        }
        if lost.items == 0 { Ok(()) } else { Err(lost) }
    }

    async fn call(&self, array: &[u8]) -> Result<(), String> {
        let body = compressed(array).map_err(|error| error.to_string())?;
        let mut rest = REST;
        for attempt in 1.. {
            match self.attempt(body.clone()).await {
                Ok(()) => break,
                Err(Failure {
                    again: Some(wish), ..
                }) if attempt < ATTEMPTS => {
                    tokio::time::sleep(wish.max(rest).min(LONGEST_REST)).await;
                    rest *= 2;
                }
                Err(Failure { reason, .. }) => return Err(reason),
            }
        }
        Ok(())
    }

    async fn attempt(&self, body: Bytes) -> Result<(), Failure> {
        let unreachable = |error: HttpError| Failure {
            reason: error.to_string(),
            again: Some(Duration::ZERO),
        };
        let token = self.bearer.header().await.map_err(unreachable)?;
        let request = Request::post(&self.address)
            .header(AUTHORIZATION, token)
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_ENCODING, "gzip")
            .body(body)
            .map_err(|error| unreachable(error.into()))?;
        let response = self.http.send_bytes(request).await.map_err(unreachable)?;
        let status = response.status().as_u16();
        if response.status().is_success() {
            self.refused.store(false, Ordering::Relaxed);
            return Ok(());
        }
        if matches!(status, 401 | 403 | 404) {
            self.refused(status).await;
        }
        let again = matches!(status, 408 | 429 | 500..).then(|| wish(response.headers()));
        let reason = format!("Log Analytics answered {status}");
        Err(Failure { reason, again })
    }

    /// Says once why nothing arrives, and again only after something had arrived.
    async fn refused(&self, status: u16) {
        self.bearer.forget().await;
        if !self.refused.swap(true, Ordering::Relaxed) {
            let advice = "see that PRAVIS_LOGS_ENDPOINT and PRAVIS_LOGS_RULE_ID are those of the data collection rule, and \
                          give the identity the role Monitoring Metrics Publisher on it";
            tracing::warn!(status, advice, "Log Analytics refuses facts");
        }
    }
}

/// How long the service wants to be left alone.
fn wish(headers: &HeaderMap) -> Duration {
    let seconds = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    Duration::from_secs(seconds.unwrap_or(0))
}

/// JSON arrays of at most [`CALL`] bytes, each with its number of rows. A row is some kilobytes at most: its members are.
fn calls(rows: &[Vec<u8>]) -> Vec<(usize, Vec<u8>)> {
    let mut calls: Vec<(usize, Vec<u8>)> = Vec::new();
    for row in rows {
        match calls.last_mut() {
            Some((count, array)) if array.len() + row.len() + 2 <= CALL => {
                *count += 1;
                array.push(b',');
                array.extend_from_slice(row);
            }
            _ => calls.push((1, [b"[", row.as_slice()].concat())),
        }
    }
    calls.iter_mut().for_each(|(_, array)| array.push(b']'));
    calls
}

fn compressed(array: &[u8]) -> std::io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(array)?;
    Ok(encoder.finish()?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_whole_arrays_and_never_too_large() {
        let row = |n: usize| format!("{{\"n\":\"{}\"}}", "x".repeat(n)).into_bytes();
        let rows: Vec<_> = (0..700).map(|n| row(3000 + n)).collect();
        let calls = calls(&rows);
        assert_eq!(calls.len(), 3);
        assert_eq!(calls.iter().map(|(count, _)| count).sum::<usize>(), rows.len());
        for (count, array) in &calls {
            assert!(array.len() <= CALL);
            let array: Vec<serde_json::Value> = serde_json::from_slice(array).unwrap();
            assert_eq!(array.len(), *count);
        }
        assert!(super::calls(&[]).is_empty());
        assert_eq!(super::calls(&[b"{}".to_vec()]), [(1, b"[{}]".to_vec())]);
    }
}
