//! In what language a comment is.
//!
//! Comments are short, and trigrams (`whatlang`) need some twenty letters before they are right. So the words are asked
//! first: "the" and "was" tell more about five words than their trigrams do. What neither tells is left open.

use super::function_words::Votes;
use whatlang::Lang;

/// Bytes of a comment that are looked at.
const ENOUGH: usize = 2048;
/// Letters below which trigrams are guesses.
const LETTERS: usize = 20;

/// What the text alone says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// It is this one (ISO 639).
    Sure(&'static str),
    /// It has words, but too few to tell.
    Unsure,
    /// It has no words: emoji, digits, punctuation.
    Wordless,
}

/// The language of a text.
pub(super) fn of(text: &str) -> Language {
    let text = &text[..text.floor_char_boundary(ENOUGH)];
    let votes = Votes::of(text);
    if votes.words == 0 {
        return Language::Wordless;
    }
    if let Some(language) = votes.winner() {
        return Language::Sure(language);
    }
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    let latin = text.chars().filter(|letter| is_latin(*letter)).count();
    if latin * 2 > letters && letters < LETTERS {
        return Language::Unsure;
    }
    let detected = whatlang::detect(text).filter(whatlang::Info::is_reliable);
    detected.map_or(Language::Unsure, |found| Language::Sure(code(found.lang())))
}

/// The language of a BCP 47 tag: its first part.
pub(super) fn of_locale(locale: &str) -> Option<String> {
    let language = locale.split(['-', '_']).next().unwrap_or_default();
    let plausible = matches!(language.len(), 2 | 3) && language.bytes().all(|b| b.is_ascii_alphabetic());
    let language = language.to_ascii_lowercase();
    (plausible && !matches!(language.as_str(), "und" | "mul" | "zxx")).then_some(language)
}

fn is_latin(letter: char) -> bool {
    letter.is_alphabetic() && letter < '\u{250}'
}

/// The code of two letters (ISO 639-1), as locales have it.
fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::Afr => "af",
        Lang::Aka => "ak",
        Lang::Amh => "am",
        Lang::Ara => "ar",
        Lang::Aze => "az",
        Lang::Bel => "be",
        Lang::Ben => "bn",
        Lang::Bul => "bg",
        Lang::Cat => "ca",
        Lang::Ces => "cs",
        Lang::Cmn => "zh",
        Lang::Cym => "cy",
        Lang::Dan => "da",
        Lang::Deu => "de",
        Lang::Ell => "el",
        Lang::Eng => "en",
        Lang::Epo => "eo",
        Lang::Est => "et",
        Lang::Fin => "fi",
        Lang::Fra => "fr",
        Lang::Guj => "gu",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Hrv => "hr",
        Lang::Hun => "hu",
        Lang::Hye => "hy",
        Lang::Ind => "id",
        Lang::Ita => "it",
        Lang::Jav => "jv",
        Lang::Jpn => "ja",
        Lang::Kan => "kn",
        Lang::Kat => "ka",
        Lang::Khm => "km",
        Lang::Kor => "ko",
        Lang::Lat => "la",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Mal => "ml",
        Lang::Mar => "mr",
        Lang::Mkd => "mk",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Nld => "nl",
        Lang::Nob => "nb",
        Lang::Ori => "or",
        Lang::Pan => "pa",
        Lang::Pes => "fa",
        Lang::Pol => "pl",
        Lang::Por => "pt",
        Lang::Ron => "ro",
        Lang::Rus => "ru",
        Lang::Sin => "si",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Sna => "sn",
        Lang::Spa => "es",
        Lang::Srp => "sr",
        Lang::Swe => "sv",
        Lang::Tam => "ta",
        Lang::Tel => "te",
        Lang::Tgl => "tl",
        Lang::Tha => "th",
        Lang::Tuk => "tk",
        Lang::Tur => "tr",
        Lang::Ukr => "uk",
        Lang::Urd => "ur",
        Lang::Uzb => "uz",
        Lang::Vie => "vi",
        Lang::Yid => "yi",
        Lang::Zul => "zu",
    }
}
