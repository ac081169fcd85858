//! Splits a connection string into its settings.
//!
//! The rules are those of ADO.NET: `word=value` pairs between semicolons, the first `=` divides, words know no case, a
//! value in single or double quotes may hold anything, its own quote doubled. `{…}` quotes, too, as in ODBC.
//!
//! The driver has a parser of its own. Two parsers can differ about what a string says, so this one alone decides; it
//! also takes passwords beyond ASCII.

use std::collections::HashMap;

/// What a setting is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Word {
    Server,
    Database,
    User,
    Password,
    Authentication,
    IntegratedSecurity,
    Encrypt,
    TrustServerCertificate,
    TrustServerCertificateCa,
    HostNameInCertificate,
    ApplicationName,
    WorkstationId,
    ApplicationIntent,
    /// Part of the strings that the portal shows, without a meaning here: the deadlines are those of the calls.
    NoEffect,
}

/// Every spelling, without blanks.
const SPELLINGS: [(&str, Word); 31] = [
    ("server", Word::Server),
    ("datasource", Word::Server),
    ("address", Word::Server),
    ("addr", Word::Server),
    ("database", Word::Database),
    ("initialcatalog", Word::Database),
    ("userid", Word::User),
    ("user", Word::User),
    ("username", Word::User),
    ("uid", Word::User),
    ("password", Word::Password),
    ("pwd", Word::Password),
    ("authentication", Word::Authentication),
    ("integratedsecurity", Word::IntegratedSecurity),
    ("trustedconnection", Word::IntegratedSecurity),
    ("encrypt", Word::Encrypt),
    ("trustservercertificate", Word::TrustServerCertificate),
    ("trustservercertificateca", Word::TrustServerCertificateCa),
    ("hostnameincertificate", Word::HostNameInCertificate),
    ("applicationname", Word::ApplicationName),
    ("app", Word::ApplicationName),
    ("workstationid", Word::WorkstationId),
    ("wsid", Word::WorkstationId),
    ("applicationintent", Word::ApplicationIntent),
    ("persistsecurityinfo", Word::NoEffect),
    ("multipleactiveresultsets", Word::NoEffect),
    ("multisubnetfailover", Word::NoEffect),
    ("connectiontimeout", Word::NoEffect),
    ("connecttimeout", Word::NoEffect),
    ("timeout", Word::NoEffect),
    ("pooling", Word::NoEffect),
];

/// The settings; of two about the same the last one counts.
pub(super) type Settings = HashMap<Word, String>;

/// Splits the string. What is wrong is told by its place: a value with a semicolon that was not quoted looks like an
/// unknown word, and may be the rest of a password.
pub(super) fn split(text: &str) -> Result<Settings, String> {
    let mut settings = Settings::new();
    let mut rest = text.trim_start_matches(is_between);
    let mut place = 0;
    while !rest.is_empty() {
        place += 1;
        let equals = rest.find(['=', ';']).filter(|at| rest[*at..].starts_with('='));
        let equals = equals
            .ok_or_else(|| format!("part {place} is no `word=value`; a value with `;` needs quotes"))?;
        let word = known(&rest[..equals]).ok_or_else(|| unknown(place, &rest[..equals]))?;
        let (value, after) =
            value(&rest[equals + 1..]).ok_or_else(|| format!("the quotes of part {place} do not match"))?;
        settings.insert(word, value);
        rest = after.trim_start_matches(is_between);
    }
    Ok(settings)
}

fn is_between(letter: char) -> bool {
    letter == ';' || letter.is_whitespace()
}

fn known(spelling: &str) -> Option<Word> {
    let spelling = plain(spelling);
    SPELLINGS
        .iter()
        .find(|(known, _)| *known == spelling)
        .map(|(_, word)| *word)
}

/// Without blanks and case, which nobody remembers.
fn plain(spelling: &str) -> String {
    let letters = spelling
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '_' | '\t'));
    letters.collect::<String>().to_lowercase()
}

/// The first value of the text, and what comes after it.
fn value(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let (value, after) = match text.chars().next() {
        Some(quote @ ('"' | '\'')) => quoted(&text[1..], quote)?,
        Some('{') => {
            let end = text.find('}')?;
            (text[1..end].to_owned(), &text[end + 1..])
        }
        _ => {
            let end = text.find(';').unwrap_or(text.len());
            return Some((text[..end].trim_end().to_owned(), &text[end..]));
        }
    };
    let after = after.trim_start();
    (after.is_empty() || after.starts_with(';')).then_some((value, after))
}

/// The text up to the quote that ends it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let end = rest.find(quote)?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        if !rest.starts_with(quote) {
            return Some((value, rest));
        }
        value.push(quote);
        rest = &rest[1..];
    }
}

fn unknown(place: usize, spelling: &str) -> String {
    let meant = SPELLINGS
        .iter()
        .map(|(known, _)| *known)
        .min_by_key(|known| distance(known, &plain(spelling)));
    match meant.filter(|known| distance(known, &plain(spelling)) <= 2) {
        Some(meant) => format!("the word of part {place} is not known; is it `{meant}`?"),
        None => format!(
            "the word of part {place} is not known, or it follows a value with `;` that needs quotes; known are Server, \
             Database, User ID, Password, Authentication, Encrypt, TrustServerCertificate, HostNameInCertificate, \
             Application Name"
        ),
    }
}

/// How many letters differ, are missing or too many (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, letter) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_stands_between_the_quotes() {
        for (text, expected) in [
            ("Password=plain", "plain"),
            ("Password =  a b = c  ; Server=x", "a b = c"),
            ("PWD=Zm9vYmFy==", "Zm9vYmFy=="),
            ("Password='a;\"b''c'", "a;\"b'c"),
            ("Password=\"a;'b\"\"c\" ;", "a;'b\"c"),
            ("Password={a;'b=\"c}", "a;'b=\"c"),
            ("Password=", ""),
            ("Password=''", ""),
            ("Password=first;pwd=last", "last"),
            (";;; Password=x;;", "x"),
            ("Password=Zürich 🛍", "Zürich 🛍"),
        ] {
            let settings = split(text).unwrap();
            assert_eq!(settings[&Word::Password], expected, "{text}");
        }
    }

    #[test]
    fn any_text_is_split_or_refused() {
        proptest::proptest!(|(text in "[ -~ü]{0,40}")| {
            let _ = split(&text);
        });
    }

    #[test]
    fn what_was_quoted_comes_back() {
        proptest::proptest!(|(password in "\\PC{1,30}")| {
            let text = format!("Server=a;Password=\"{}\";Database=b", password.replace('"', "\"\""));
            proptest::prop_assert_eq!(&split(&text).unwrap()[&Word::Password], &password);
        });
    }
}
