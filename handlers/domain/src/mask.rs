//! Finding what points at a person: addresses, and numbers that are long enough to be someone's.

/// Whether a character cannot be seen, or steers the direction of writing.
pub(crate) fn is_invisible(char: char) -> bool {
    let steers = matches!(char, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}');
    // Tag characters spell hidden texts.
    steers || matches!(char, '\u{e0000}'..='\u{e007f}') || (char.is_control() && !char.is_whitespace())
}

/// Whether a word looks like an e-mail address. What surrounds it goes with it: better too much than a name.
pub(crate) fn is_address(word: &str) -> bool {
    word.split_once(['@', '＠', '﹫']).is_some_and(|(user, host)| {
        user.chars().any(char::is_alphanumeric) && host.chars().any(char::is_alphanumeric)
    })
}

/// The text with `mask` in place of its long numbers. `is_long` judges runs of digits and of what separates digits.
pub(crate) fn without_numbers(text: &str, mask: &str, is_long: fn(&str) -> bool) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut run = String::new();
    let flush = |run: &mut String, masked: &mut String| {
        if is_long(run) {
            masked.push_str(mask);
            let rest = run.trim_end_matches(separates).len();
            masked.push_str(&run[rest..]);
        } else {
            masked.push_str(run);
        }
        run.clear();
    };
    for char in text.chars() {
        if char.is_numeric() || (!run.is_empty() && separates(char)) {
            run.push(char);
        } else {
            flush(&mut run, &mut masked);
            masked.push(char);
        }
    }
    flush(&mut run, &mut masked);
    masked
}

/// Whether a character may stand between the digits of one number.
pub(crate) fn separates(char: char) -> bool {
    matches!(
        char,
        ' ' | '.' | '-' | '/' | '(' | ')' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}'
    )
}
