//! The form in which texts are compared and shown.

use crate::mask::{is_address, is_invisible, separates, without_numbers};
use icu_normalizer::ComposingNormalizerBorrowed;

/// Longest normalised text, in characters.
pub const LONGEST_QUERY: usize = 120;
/// Characters that are looked at, and the word that they end in: what is masked may be longer than its mask.
const LOOKED_AT: usize = 4 * LONGEST_QUERY;
/// What stands in place of what points at a person.
const MASK: &str = "…";
/// So many digits in a row are masked.
const DIGITS: usize = 5;
/// So many digits are masked however they are spaced.
const SPACED_DIGITS: usize = 7;

/// A text as it is counted: in the compatibility form NFKC of Unicode, in small letters, white space as single spaces,
/// addresses and long numbers as `…`, at most [`LONGEST_QUERY`] characters. None where nothing is left.
pub fn normalised(text: &str) -> Option<String> {
    let (looked_at, whole) = beginning(text);
    let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(&looked_at);
    // Small letters may be in another form than the capitals were: the dotted I of Turkish is.
    let small: String = composed.to_lowercase();
    let small = ComposingNormalizerBorrowed::new_nfkc().normalize(&small);
    let seen: String = small.chars().filter(|char| !is_invisible(*char)).collect();
    let words = seen
        .split_whitespace()
        .map(|word| if is_address(word) { MASK } else { word });
    let mut masked = without_numbers(&words.collect::<Vec<_>>().join(" "), MASK, is_long);
    if !whole {
        // The number at its end may have gone on.
        masked.truncate(
            masked
                .trim_end_matches(|char: char| char.is_numeric() || separates(char))
                .len(),
        );
    }
    if let Some((end, _)) = masked.char_indices().nth(LONGEST_QUERY) {
        masked.truncate(end);
    }
    masked.truncate(masked.trim_end().len());
    Some(masked).filter(|masked| !masked.is_empty())
}

/// The first words, single spaced, and whether these are all.
fn beginning(text: &str) -> (String, bool) {
    let mut looked_at = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        if length > LOOKED_AT {
            return (looked_at, false);
        }
        if !looked_at.is_empty() {
            looked_at.push(' ');
        }
        looked_at.push_str(word);
        length += 1 + word.chars().count();
    }
    (looked_at, true)
}

fn is_long(run: &str) -> bool {
    let mut in_a_row = run
        .split(|char: char| !char.is_numeric())
        .map(|row| row.chars().count());
    in_a_row.any(|row| row >= DIGITS) || run.chars().filter(|char| char.is_numeric()).count() >= SPACED_DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_question_is_the_same_text() {
        for (text, shown) in [
            ("Red  DRESS\n", Some("red dress")),
            ("Robe d\u{2019}e\u{301}te\u{301}", Some("robe d\u{2019}été")),
            ("ＲＥＤ ﾄﾞﾚｽ", Some("red ドレス")),
            ("STRASSE İ", Some("strasse i\u{307}")),
            ("order 1234, please", Some("order 1234, please")),
            ("order 12345, please", Some("order …, please")),
            ("+33 6 12 34 56 78 call", Some("+… call")),
            ("１２３４５", Some("…")),
            ("from Anna.B@example.com now", Some("from … now")),
            ("size 38, 129.90 EUR", Some("size 38, 129.90 eur")),
            ("a\u{200b}b\u{0}", Some("ab")),
            (" \n\t", None),
            ("", None),
            ("\u{200b}", None),
        ] {
            assert_eq!(normalised(text).as_deref(), shown, "{text:?}");
        }
    }

    #[test]
    fn a_number_that_is_cut_is_not_shown() {
        let text = format!("call {} 1 2 3 4 5 6 7 8", "+1 ".repeat(300));
        let long = "1 ".repeat(20) + &"(".repeat(500) + " 555 1234";
        for text in [text, long, "x".repeat(100_000)] {
            let shown = normalised(&text).unwrap();
            assert!(shown.chars().count() <= LONGEST_QUERY, "{shown}");
            assert!(!shown.contains("555"), "{shown}");
        }
    }

    proptest! {
        #[test]
        fn nothing_long_or_personal_is_left(
            before in "(?s).{0,200}",
            user in "[a-z0-9._+]{1,20}[a-z0-9]",
            digits in "[0-9]{5,16}",
            after in "(?s).{0,600}",
        ) {
            let text = normalised(&format!("{before} {user}@example.com {digits} {after}")).unwrap();
            prop_assert!(text.chars().count() <= LONGEST_QUERY);
            prop_assert!(!text.contains("@example"), "{text}");
            prop_assert!(!text.split(|char: char| !char.is_numeric()).any(|row| row.chars().count() >= DIGITS), "{text}");
            prop_assert_eq!(text.trim(), &text);
            prop_assert!(!text.contains("  ") && !text.contains('\n'));
        }
    }
}
