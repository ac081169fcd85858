//! The models that the assistant uses, what they cost, and how fast they are. Orders of magnitude, not a price list.

use super::random::Weighted;
use crate::interactions::InteractionType;

/// A model.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) provider: &'static str,
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) deployment: &'static str,
    pub(super) price: Price,
    /// Median time to the first token, in milliseconds.
    pub(super) first_token_ms: u64,
    /// Time for each further token, in microseconds.
    pub(super) token_micros: u64,
    /// How many of a thousand calls fail.
    pub(super) failures: u64,
}

/// How a model is paid for.
#[derive(Debug)]
pub(super) enum Price {
    /// Micro-dollars for a thousand tokens: input, cached input, output.
    Tokens(u64, u64, u64),
    /// Micro-dollars for a second of audio.
    Second(u64),
    /// Micro-dollars for a character.
    Character(u64),
    /// The shop's own machine: nobody knows.
    Unknown,
}

const GPT: &Model = &Model {
    provider: "openai",
    name: "gpt-4.1",
    version: "2025-04-14",
    deployment: "assistant-large",
    price: Price::Tokens(2_000, 500, 8_000),
    first_token_ms: 620,
    token_micros: 13_000,
    failures: 28,
};
const GPT_MINI: &Model = &Model {
    provider: "openai",
    name: "gpt-4.1-mini",
    version: "2025-04-14",
    deployment: "assistant-small",
    price: Price::Tokens(400, 100, 1_600),
    first_token_ms: 410,
    token_micros: 8_500,
    failures: 22,
};
const WHISPER: &Model = &Model {
    provider: "openai",
    name: "whisper-1",
    version: "1",
    deployment: "ears",
    price: Price::Second(100),
    first_token_ms: 700,
    token_micros: 9_000,
    failures: 36,
};
const TTS: &Model = &Model {
    provider: "openai",
    name: "tts-1",
    version: "1",
    deployment: "voice",
    price: Price::Character(15),
    first_token_ms: 380,
    token_micros: 4_000,
    failures: 18,
};
const SONNET: &Model = &Model {
    provider: "anthropic",
    name: "claude-sonnet-4",
    version: "20250514",
    deployment: "stylist",
    price: Price::Tokens(3_000, 300, 15_000),
    first_token_ms: 840,
    token_micros: 15_000,
    failures: 30,
};
const HAIKU: &Model = &Model {
    provider: "anthropic",
    name: "claude-3-5-haiku",
    version: "20241022",
    deployment: "assistant-quick",
    price: Price::Tokens(800, 80, 4_000),
    first_token_ms: 480,
    token_micros: 9_500,
    failures: 24,
};
const MISTRAL: &Model = &Model {
    provider: "mistral",
    name: "mistral-small",
    version: "2506",
    deployment: "assistant-eu",
    price: Price::Tokens(100, 100, 300),
    first_token_ms: 350,
    token_micros: 7_000,
    failures: 38,
};
const LOCAL: &Model = &Model {
    provider: "self_hosted",
    name: "qwen3-8b",
    version: "q4",
    deployment: "back-office",
    price: Price::Unknown,
    first_token_ms: 290,
    token_micros: 24_000,
    failures: 52,
};

/// The models for a type, and how often each is used.
pub(super) fn models_for(kind: InteractionType) -> &'static Weighted<&'static Model> {
    match kind {
        InteractionType::Chat => &[
            (GPT_MINI, 36),
            (HAIKU, 22),
            (GPT, 16),
            (SONNET, 14),
            (MISTRAL, 12),
        ],
        InteractionType::Recommendation => &[(SONNET, 46), (GPT, 32), (GPT_MINI, 22)],
        InteractionType::Search => &[(MISTRAL, 58), (LOCAL, 42)],
        InteractionType::Transcription => &[(WHISPER, 1)],
        InteractionType::Tts => &[(TTS, 1)],
        InteractionType::Custom => &[(LOCAL, 70), (MISTRAL, 30)],
    }
}

/// How much of what was used.
#[derive(Debug, Default)]
pub(super) struct Usage {
    pub(super) input: u64,
    pub(super) cached: u64,
    pub(super) output: u64,
    pub(super) audio_millis: u64,
    pub(super) characters: u64,
}

impl Price {
    /// What the usage costs, in micro-dollars.
    pub(super) fn of(&self, usage: &Usage) -> Option<u64> {
        match *self {
            Self::Tokens(input, cached, output) => {
                let fresh = usage.input.saturating_sub(usage.cached);
                Some((fresh * input + usage.cached * cached + usage.output * output) / 1000)
            }
            Self::Second(price) => Some(usage.audio_millis * price / 1000),
            Self::Character(price) => Some(usage.characters * price),
            Self::Unknown => None,
        }
    }
}
