//! Excerpts that may be mailed: short, on one line, and without what points at a person.

use crate::mask::{is_address, is_invisible, without_numbers};

/// Longest excerpt, in characters.
const LONGEST: usize = 200;
/// Characters that are looked at: what is masked may be longer than its mask.
const LOOKED_AT: usize = 4 * LONGEST;
/// So many digits, with only separators between them, are a phone, card, account or order number.
const DIGITS: usize = 7;

/// At most 200 characters of a text, on one line. Words with an at sign become `[e-mail]`, numbers of seven digits or more,
/// however they are spaced, become `[number]`. What steers the direction of writing or is invisible is left out.
pub fn excerpt(text: &str) -> String {
    let looked_at: String = text
        .chars()
        .filter(|char| !is_invisible(*char))
        .take(LOOKED_AT)
        .collect();
    let words: Vec<_> = looked_at.split_whitespace().map(without_mail).collect();
    let masked = without_numbers(&words.join(" "), "[number]", is_long);
    // What follows was not looked at; the word or number that was cut may have gone on there.
    let whole = text.chars().nth(LOOKED_AT).is_none();
    shortened(&masked, whole)
}

/// A word, or its mask when it looks like an address.
fn without_mail(word: &str) -> &str {
    if is_address(word) { "[e-mail]" } else { word }
}

fn is_long(run: &str) -> bool {
    run.chars().filter(|char| char.is_numeric()).count() >= DIGITS
}

/// At most [`LONGEST`] characters, cut between words where there is a place for it.
fn shortened(text: &str, whole: bool) -> String {
    let Some((end, _)) = text.char_indices().nth(LONGEST) else {
        if whole {
            return text.to_owned();
        }
        let end = text.rfind(' ').unwrap_or(0);
        return format!("{}…", &text[..end]);
    };
    // One character less, for the dots.
    let cut = &text[..end];
    let cut = &cut[..cut.char_indices().next_back().map_or(0, |(last, _)| last)];
    let at = cut
        .rfind(' ')
        .filter(|at| *at > cut.len() / 2)
        .unwrap_or(cut.len());
    format!("{}…", cut[..at].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::separates;
    use proptest::prelude::*;

    #[test]
    fn what_points_at_a_person_is_masked() {
        for (text, shown) in [
            ("Do you have it in blue?", "Do you have it in blue?"),
            ("  two\n\n lines\t ", "two lines"),
            (
                "mail me: anna.b+shop@mail.example.com, please",
                "mail me: [e-mail] please",
            ),
            ("anna＠example.com", "[e-mail]"),
            (
                "@anna is a handle, 3 @ 5 a price",
                "@anna is a handle, 3 @ 5 a price",
            ),
            ("+33 6 12 34 56 78 or 0612345678.", "+[number] or [number]."),
            ("card 4111-1111-1111-1111 04/29", "card [number]"),
            ("٠٦١٢٣٤٥٦٧٨", "[number]"),
            ("size 38, 129.90 EUR, in 2026", "size 38, 129.90 EUR, in 2026"),
            ("DE89 3704 0044 0532 0130 00", "DE[number]"),
            ("a\u{202e}b\u{200b}c\u{0}", "abc"),
            ("", ""),
        ] {
            assert_eq!(excerpt(text), shown, "{text}");
        }
    }

    #[test]
    fn long_texts_end_between_words() {
        let long = "word ".repeat(5_000);
        let shown = excerpt(&long);
        assert!(
            shown.ends_with("word…") && shown.chars().count() <= LONGEST,
            "{shown}"
        );
        let one = excerpt(&"x".repeat(10_000));
        assert!(one.chars().count() <= LONGEST && one.ends_with('…'), "{one}");
    }

    proptest! {
        #[test]
        fn no_excerpt_is_long_or_has_a_long_number(text in "(?s).{0,400}|[0-9 .+()a-z@-]{0,1200}") {
            let shown = excerpt(&text);
            prop_assert!(shown.chars().count() <= LONGEST);
            let mut digits = 0;
            for char in shown.chars() {
                digits = if char.is_numeric() { digits + 1 } else if separates(char) { digits } else { 0 };
                prop_assert!(digits < DIGITS, "{shown}");
            }
        }

        #[test]
        fn an_address_is_never_shown(before in "[a-z ,.<]{0,300}", user in "[a-z0-9._+]{1,20}", host in "[a-z]{2,12}\\.[a-z]{2,4}", after in "[a-z >,.]{0,300}") {
            let shown = excerpt(&format!("{before} {user}@{host}{after}"));
            prop_assert!(!shown.contains('@') || !user.chars().any(char::is_alphanumeric), "{shown}");
        }
    }
}
