//! Patterns of model names: `*` stands for any text, also for none.

/// Whether the name is a pattern.
pub(super) fn is_pattern(name: &str) -> bool {
    name.contains('*')
}

/// Whether `text` is what `pattern` describes. Takes no more than the product of their lengths.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    // The earliest place for each part leaves the most for those after it.
    for part in middle.split('*').filter(|part| !part.is_empty()) {
        let Some(found) = text.find(part) else {
            return false;
        };
        text = &text[found + part.len()..];
    }
    text.ends_with(last)
}

/// How much a pattern says: the longer one is looked at first.
pub(super) fn weight(pattern: &str) -> usize {
    pattern.chars().filter(|letter| *letter != '*').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Straight from the definition.
    fn oracle(pattern: &[char], text: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['*', rest @ ..] => (0..=text.len()).any(|at| oracle(rest, &text[at..])),
            [first, rest @ ..] => text.first() == Some(first) && oracle(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn a_pattern_means_what_it_says(pattern in "[ab*]{0,8}", text in "[ab]{0,8}") {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(matches(&pattern, &text), oracle(&letters(&pattern), &letters(&text)));
        }
    }

    #[test]
    fn dates_are_told_from_other_models() {
        assert!(matches("gpt-4o-20*", "gpt-4o-2024-08-06"));
        assert!(!matches("gpt-4o-20*", "gpt-4o-mini"));
        assert!(!matches("gpt-4o-20*", "gpt-4o-mini-2024-07-18"));
        assert!(matches("*", ""));
        assert!(!matches("a*a", "a"));
        assert!(weight("gpt-4o-mini-20*") > weight("gpt-4o-20*"));
    }
}
