//! The client's name for a file. It is a label for people: it becomes no part of a path, but it does get into a header and onto
//! the page of an operator.

/// Longest name in UTF-16 code units.
const MOST: usize = 255;

/// The last part of `given` without control characters and without those that turn the direction of writing, which can make
/// `gpj.exe` look like `exe.jpg`; at most 255 UTF-16 code units; `unnamed` where nothing is left.
pub fn file_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut units = 0;
    let cut: String = last
        .chars()
        .filter(|character| !character.is_control() && !turns_direction(*character))
        .skip_while(|character| character.is_whitespace())
        .take_while(|character| {
            units += character.len_utf16();
            units <= MOST
        })
        .collect();
    match cut.trim_end() {
        "" | "." | ".." => "unnamed".to_owned(),
        name => name.to_owned(),
    }
}

/// The format characters of UAX #9, and the line and paragraph separators.
fn turns_direction(character: char) -> bool {
    matches!(character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_label_is_left() {
        for (given, name) in [
            ("bag.jpg", "bag.jpg"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\anna\\bag.jpg", "bag.jpg"),
            ("été 👜.jpg", "été 👜.jpg"),
            ("a\r\nSet-Cookie: b\0.jpg", "aSet-Cookie: b.jpg"),
            ("photo\u{202e}gpj.exe", "photogpj.exe"),
            ("  bag.jpg  ", "bag.jpg"),
            ("", "unnamed"),
            ("photos/", "unnamed"),
            ("..", "unnamed"),
            ("\u{7}\u{2028}", "unnamed"),
        ] {
            assert_eq!(file_name(given), name);
        }
        assert_eq!(file_name(&"👜".repeat(300)), "👜".repeat(127));
    }

    proptest! {
        #[test]
        fn any_name_becomes_a_clean_one(given in "\\PC*|.*|[./\\\\ \u{0}-\u{1f}a]{0,600}") {
            let name = file_name(&given);
            prop_assert!(!name.is_empty() && name.encode_utf16().count() <= MOST);
            prop_assert!(!name.contains(['/', '\\']) && !name.chars().any(char::is_control));
            prop_assert_eq!(name.trim(), &name);
            prop_assert_eq!(file_name(&name), name);
        }
    }
}
