//! The examples that the reference implementation publishes with its scores
//! (<https://github.com/cjhutto/vaderSentiment#code-examples>).

use domain::sentiment::{self, SentimentLabel};

const PUBLISHED: &[(&str, f64)] = &[
    ("VADER is smart, handsome, and funny.", 0.8316),
    ("VADER is smart, handsome, and funny!", 0.8439),
    ("VADER is very smart, handsome, and funny.", 0.8545),
    ("VADER is VERY SMART, handsome, and FUNNY.", 0.9227),
    ("VADER is VERY SMART, handsome, and FUNNY!!!", 0.9342),
    ("VADER is VERY SMART, uber handsome, and FRIGGIN FUNNY!!!", 0.9469),
    ("VADER is not smart, handsome, nor funny.", -0.7424),
    ("The book was good.", 0.4404),
    ("At least it isn't a horrible book.", 0.431),
    ("The book was only kind of good.", 0.3832),
    (
        "The plot was good, but the characters are uncompelling and the dialog is not great.",
        -0.7042,
    ),
    ("Today SUX!", -0.5461),
    ("Today only kinda sux! But I'll get by, lol", 0.5249),
    ("Make sure you :) or :D today!", 0.8633),
    ("Not bad at all", 0.431),
];

#[test]
fn the_published_examples_have_their_published_scores() {
    for (text, score) in PUBLISHED {
        let sentiment = sentiment::of(text, Some("en")).sentiment;
        assert_eq!(sentiment.score, Some(*score), "{text}");
    }
}

#[test]
fn labels_change_at_the_published_thresholds() {
    use SentimentLabel::{Negative, Neutral, Positive};
    for (score, label) in [
        (1.0, Positive),
        (0.05, Positive),
        (0.0499, Neutral),
        (0.0, Neutral),
        (-0.0499, Neutral),
        (-0.05, Negative),
        (-1.0, Negative),
    ] {
        assert_eq!(SentimentLabel::of(score), label, "{score}");
    }
}
