//! One turn of a shop assistant, as a client would send it: about 1.2 KB of JSON.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::random::Random;

/// How long a turn is on average, in bytes of JSON.
pub(super) const BYTES: usize = 1_200;
/// How many users there are.
pub(super) const USERS: usize = 50_000;

const TYPES: [&str; 6] = ["chat", "chat", "search", "recommendation", "transcription", "tts"];
const CHANNELS: [&str; 4] = ["web", "voice", "whatsapp", "app"];
const MODELS: [(&str, &str); 8] = [
    ("azure_openai", "gpt-4o"),
    ("azure_openai", "gpt-4o-mini"),
    ("azure_openai", "gpt-4.1"),
    ("anthropic", "claude-sonnet"),
    ("mistral", "mistral-large"),
    ("azure_speech", "whisper"),
    ("azure_speech", "neural-tts"),
    ("own", "reranker-2"),
];
const LANGUAGES: [(&str, &str); 5] = [
    (
        "en-GB",
        "the a blue linen dress for my sister in size twelve please shows three matching shoes which would arrive on Friday",
    ),
    (
        "de-DE",
        "das ein blaues Leinenkleid für meine Schwester in Größe vierzig bitte zeigt drei passende Schuhe die am Freitag kämen",
    ),
    (
        "fr-FR",
        "la une robe bleue en lin pour ma sœur taille quarante merci montre trois paires assorties qui arriveraient vendredi",
    ),
    (
        "es-ES",
        "el un vestido azul de lino para mi hermana talla cuarenta gracias muestra tres zapatos a juego que llegarían el viernes",
    ),
    (
        "hi-IN",
        "मेरी बहन के लिए नीली लिनन ड्रेस चाहिए कृपया तीन मिलते जूते दिखाएँ जो शुक्रवार तक पहुँच जाएँ",
    ),
];

/// Stands where the start of a turn is written with each sending.
pub(super) const STARTED: &str = "2000-01-01T00:00:00.000Z";
/// Stands where the end of a turn is written with each sending.
pub(super) const COMPLETED: &str = "2000-01-01T00:00:01.000Z";

/// What every turn has except id, session, user and times, which change with each sending.
pub(super) fn fields(random: &mut Random) -> Value {
    let (locale, words) = *random.pick(&LANGUAGES);
    let (provider, model) = *random.pick(&MODELS);
    let tokens = 100 + random.below(900);
    let mut turn = json!({
        "type": random.pick(&TYPES),
        "channel": random.pick(&CHANNELS),
        "locale": locale,
        "provider": provider,
        "model": model,
        "prompt_name": "stylist",
        "prompt_version": format!("2026-11-{:02}", 1 + random.below(20)),
        "request_text": text(random, words, 140),
        "response_text": "",
        "started_at": STARTED,
        "completed_at": COMPLETED,
        "time_to_first_token_ms": 50 + random.below(150),
        "tokens_input": tokens,
        "tokens_output": 20 + random.below(400),
        "tokens_cached": tokens / 3,
        "product_ids": [format!("sku-{:05}", random.below(20_000)), format!("sku-{:05}", random.below(20_000))],
        "metadata": {"page": "/collections/summer", "experiment": random.pick(&["a", "b"])},
    });
    if random.below(4) > 0 {
        turn["cost_micros"] = json!(tokens * 3);
    }
    if random.below(25) == 0 {
        turn["error_type"] = json!("timeout");
    }
    // Id, session and user take this much.
    let others = turn.to_string().len() + 130;
    let length = BYTES - BYTES / 12 + random.below(BYTES / 6);
    turn["response_text"] = json!(text(random, words, length.saturating_sub(others)));
    turn
}

/// To the millisecond, as clients send it.
pub(super) fn rounded(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// Words up to about `length` bytes.
fn text(random: &mut Random, words: &str, length: usize) -> String {
    let words: Vec<_> = words.split(' ').collect();
    let mut text = String::with_capacity(length + 16);
    while text.len() + 4 < length {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(random.pick::<&str>(&words));
    }
    text
}
