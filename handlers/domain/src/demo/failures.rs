//! What goes wrong.

use super::random::Weighted;

/// A kind of failure.
#[derive(Debug)]
pub(super) struct Failure {
    /// The `error_type`.
    pub(super) name: &'static str,
    /// The `error_message`.
    pub(super) message: &'static str,
    /// How long it takes to fail, in milliseconds.
    pub(super) after_ms: u64,
}

/// Every kind, and how often it is that one.
pub(super) const FAILURES: &Weighted<Failure> = &[
    (
        Failure {
            name: "rate_limited",
            message: "429: too many requests, retry after 20 s",
            after_ms: 120,
        },
        30,
    ),
    (
        Failure {
            name: "timeout",
            message: "no answer within 30 s",
            after_ms: 30_000,
        },
        28,
    ),
    (
        Failure {
            name: "content_filter",
            message: "the answer was withheld by the provider's filter",
            after_ms: 900,
        },
        18,
    ),
    (
        Failure {
            name: "provider_error",
            message: "503: the model is overloaded",
            after_ms: 1_800,
        },
        16,
    ),
    (
        Failure {
            name: "context_length_exceeded",
            message: "the conversation is longer than the model reads",
            after_ms: 180,
        },
        8,
    ),
];
