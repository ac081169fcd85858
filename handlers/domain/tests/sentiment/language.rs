//! Short texts, for which it is hard to tell a language.

use domain::sentiment::{self, Reading, SentimentLabel};

fn judged(comment: &str, locale: Option<&str>) -> (Option<String>, SentimentLabel) {
    let sentiment = sentiment::of(comment, locale).sentiment;
    (sentiment.language, sentiment.label)
}

#[test]
fn what_is_too_short_is_unknown_or_judged_by_the_locale_of_its_turn() {
    use SentimentLabel::{Positive, Unknown};
    for (comment, locale, language, label) in [
        ("Danke!", None, None, Unknown),
        ("Danke!", Some("de-CH"), Some("de"), Unknown),
        ("Danke!", Some("en"), None, Unknown),
        ("ok", None, None, Unknown),
        ("top", None, None, Unknown),
        ("top", Some("de"), Some("de"), Unknown),
        ("top", Some("en_US"), Some("en"), Positive),
        ("Super", Some("FR-fr"), Some("fr"), Unknown),
        ("great", Some("en-GB"), Some("en"), Positive),
        ("great", Some("und"), None, Unknown),
        ("great", Some("x"), None, Unknown),
        ("great", Some(""), None, Unknown),
    ] {
        let expected = (language.map(str::to_owned), label);
        assert_eq!(judged(comment, locale), expected, "{comment} {locale:?}");
    }
}

#[test]
fn what_has_no_words_speaks_for_itself() {
    use SentimentLabel::{Negative, Positive, Unknown};
    for (comment, label) in [
        ("😀", Positive),
        ("❤\u{fe0f}", Positive),
        (":)", Positive),
        (":-(", Negative),
        ("👍", Unknown),
        ("...", Unknown),
        ("10/10", Unknown),
        ("", Unknown),
        ("\u{301}\u{202e}", Unknown),
    ] {
        for locale in [None, Some("en"), Some("de")] {
            assert_eq!(judged(comment, locale), (None, label), "{comment} {locale:?}");
            assert!(!Reading::of(comment).needs_locale(), "{comment}");
        }
    }
}

#[test]
fn a_text_that_tells_its_language_needs_no_locale() {
    for (comment, language) in [
        ("It was not what I wanted.", "en"),
        ("I don’t like it.", "en"),
        ("Die Beratung war gut, aber die Lieferung kam zu spät.", "de"),
        ("Merci pour votre aide, c’était parfait.", "fr"),
        ("La risposta è arrivata subito e il vestito è bellissimo.", "it"),
        ("とても役に立ちました。", "ja"),
        ("훌륭해요", "ko"),
    ] {
        assert!(!Reading::of(comment).needs_locale(), "{comment}");
        for locale in [None, Some("en"), Some("de")] {
            let (own, label) = judged(comment, locale);
            assert_eq!(own.as_deref(), Some(language), "{comment}");
            assert_eq!(label == SentimentLabel::Unknown, language != "en", "{comment}");
        }
    }
}

#[test]
fn negations_and_curly_apostrophes_count_for_the_words_after_them() {
    let words = sentiment::of("The dress isn’t good, and the bag is VERY nice!", None)
        .sentiment
        .words;
    let words: Vec<_> = words.iter().map(|own| (own.word.as_str(), own.weight)).collect();
    assert_eq!(words[0].0, "nice");
    assert!(words[0].1 > 1.8, "{words:?}");
    assert_eq!(words[1].0, "good");
    assert!(words[1].1 < 0.0, "{words:?}");
}
