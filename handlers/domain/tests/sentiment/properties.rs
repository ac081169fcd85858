//! Whatever is said: no panic, in time, and within bounds.

use domain::sentiment::{self, SentimentLabel};
use proptest::prelude::*;

/// Letters of many scripts, marks, controls, emoji, and words that the lexicon and the rules know.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "not",
            "so",
            "but",
            "least",
            "kind",
            "of",
            "NO",
            "good",
            "BAD",
            "n't",
            "don’t",
            "the",
            "die",
            "l'",
            "'s",
            "'",
            "-",
            "!",
            "?",
            ":)",
            "😀",
            "❤️",
            "\u{202e}",
            "\u{301}\u{301}\u{301}",
            "\0",
            " ",
            "\n",
            "\u{1c}",
            "東京",
            "مرحبا",
            "ﬁ",
            "İ",
            "ẞ",
        ])
        .prop_map(str::to_owned),
    ]
}

fn check(text: &str, locale: Option<&str>) {
    let judged = sentiment::of(text, locale);
    let sentiment = &judged.sentiment;
    assert_eq!(
        sentiment.score.is_none(),
        sentiment.label == SentimentLabel::Unknown
    );
    if let Some(score) = sentiment.score {
        assert!((-1.0..=1.0).contains(&score));
        assert_eq!(sentiment.label, SentimentLabel::of(score));
    }
    assert!(sentiment.words.len() <= 10);
    for pair in sentiment.words.windows(2) {
        assert!(pair[0].weight.abs() >= pair[1].weight.abs());
    }
    assert!(
        sentiment
            .words
            .iter()
            .all(|word| word.weight.is_finite() && word.word.chars().count() <= 64)
    );
    assert!(judged.phrases.len() <= 24);
    assert!(judged.phrases.iter().all(|phrase| phrase.split(' ').count() <= 3));
    assert_eq!(judged, sentiment::of(text, locale), "the same again");
}

proptest! {
    #[test]
    fn every_text_is_judged(
        pieces in prop::collection::vec(piece(), 0..40),
        glue in prop::sample::select(vec!["", " ", ", "]),
        locale in prop::option::of("\\PC{0,6}|en|en-GB|de_CH"),
    ) {
        check(&pieces.join(glue), locale.as_deref());
    }
}

#[test]
fn the_longest_comments_take_no_long_time() {
    let repeated = |text: &str| text.repeat(8192 / text.len());
    let mut varied = String::new();
    for number in 0..900 {
        varied.push_str(&format!("w{number:x} good "));
    }
    for text in [
        repeated("😀"),
        repeated("😀 "),
        repeated("not so good, but bad! "),
        repeated("x"),
        repeated("!?"),
        repeated("\u{301}"),
        repeated("\u{202e}ب"),
        repeated("a b c d e f "),
        repeated("die der das und "),
        varied[..8192].to_owned(),
    ] {
        for locale in [None, Some("en")] {
            let begin = std::time::Instant::now();
            check(&text, locale);
            // It takes some milliseconds; a test machine may be slow, and what is quadratic takes far longer.
            assert!(
                begin.elapsed() < std::time::Duration::from_secs(5),
                "{}",
                &text[..4.min(text.len())]
            );
        }
    }
}
