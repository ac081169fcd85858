//! What is said, in the languages of the shop's customers.

mod english;
mod french;
mod german;
mod italian;
mod japanese;

use super::random::{Random, Weighted};

/// A language tag and its language.
#[derive(Debug)]
pub(super) struct Locale {
    pub(super) tag: &'static str,
    pub(super) language: &'static Language,
}

/// The shop's customers.
pub(super) const LOCALES: &Weighted<Locale> = &[
    (locale("fr-FR", &french::FRENCH), 32),
    (locale("en-GB", &english::ENGLISH), 27),
    (locale("it-IT", &italian::ITALIAN), 16),
    (locale("de-DE", &german::GERMAN), 14),
    (locale("ja-JP", &japanese::JAPANESE), 11),
];

const fn locale(tag: &'static str, language: &'static Language) -> Locale {
    Locale { tag, language }
}

/// What a turn is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    Dress,
    Shoes,
    Delivery,
    Size,
    Returns,
    /// What goes with what.
    Styling,
    /// A card to go with a present.
    Gift,
}

impl Topic {
    /// What shoppers come for.
    pub(super) const ASKED: [Self; 7] = [
        Self::Dress,
        Self::Dress,
        Self::Shoes,
        Self::Delivery,
        Self::Size,
        Self::Size,
        Self::Returns,
    ];
}

/// Questions about one topic, and the answer to each; where there are fewer answers, the first ones serve again. In all texts `{P}` and `{Q}` are articles, `{S}` is a size, `{D}` a number of
/// days, `{O}` an order.
#[derive(Debug)]
pub(super) struct Talk {
    pub(super) asked: &'static [&'static str],
    pub(super) answered: &'static [&'static str],
}

/// All texts of one language.
#[derive(Debug)]
pub(super) struct Language {
    pub(super) dress: Talk,
    pub(super) shoes: Talk,
    pub(super) delivery: Talk,
    pub(super) size: Talk,
    pub(super) returns: Talk,
    pub(super) styling: Talk,
    pub(super) gift: Talk,
    /// What is typed into the search box.
    pub(super) searches: &'static [&'static str],
    /// What the assistant adds to an answer.
    pub(super) details: &'static [&'static str],
    /// How it ends an answer; empty where it just stops.
    pub(super) closings: &'static [&'static str],
    /// Comments of happy, of undecided and of unhappy shoppers.
    pub(super) praise: &'static [&'static str],
    pub(super) mixed: &'static [&'static str],
    pub(super) complaints: &'static [&'static str],
    /// Between sentences.
    pub(super) space: &'static str,
}

impl Language {
    pub(super) fn talk(&self, topic: Topic) -> &Talk {
        match topic {
            Topic::Dress => &self.dress,
            Topic::Shoes => &self.shoes,
            Topic::Delivery => &self.delivery,
            Topic::Size => &self.size,
            Topic::Returns => &self.returns,
            Topic::Styling => &self.styling,
            Topic::Gift => &self.gift,
        }
    }
}

/// What stands in for the letters in braces.
#[derive(Debug)]
pub(super) struct Slots {
    pub(super) product: &'static str,
    pub(super) other: &'static str,
    pub(super) size: &'static str,
    pub(super) days: &'static str,
    pub(super) order: String,
}

impl Slots {
    /// The text with its slots filled.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len() + 24);
        self.fill_into(text, &mut filled);
        filled
    }

    /// The answer to question `number`: what is to be said, some details, and a closing.
    pub(super) fn answer(
        &self,
        language: &Language,
        topic: Topic,
        number: usize,
        random: &mut Random,
    ) -> String {
        let answers = language.talk(topic).answered;
        let mut answer = String::with_capacity(640);
        self.fill_into(answers[number % answers.len()], &mut answer);
        if topic == Topic::Gift {
            return answer;
        }
        let details = language.details;
        let first = random.below(details.len() as u64) as usize;
        let most = if topic == Topic::Styling { 0 } else { 3 };
        for index in first..first + random.between(most.min(1), most) as usize {
            answer.push_str(language.space);
            self.fill_into(details[index % details.len()], &mut answer);
        }
        let closing = *random.one(language.closings);
        if !closing.is_empty() {
            answer.push_str(language.space);
            answer.push_str(closing);
        }
        answer
    }

    fn fill_into(&self, text: &str, filled: &mut String) {
        let mut parts = text.split('{');
        filled.push_str(parts.next().unwrap_or_default());
        for part in parts {
            filled.push_str(match part.as_bytes().first() {
                Some(b'P') => self.product,
                Some(b'Q') => self.other,
                Some(b'S') => self.size,
                Some(b'D') => self.days,
                _ => &self.order,
            });
            filled.push_str(part.get(2..).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_is_one_that_is_filled() {
        for (locale, _) in LOCALES {
            let language = locale.language;
            let talks = [
                &language.dress,
                &language.shoes,
                &language.delivery,
                &language.size,
                &language.returns,
                &language.styling,
                &language.gift,
            ];
            let texts = talks
                .iter()
                .flat_map(|talk| talk.asked.iter().chain(talk.answered));
            for text in texts.chain(language.searches).chain(language.details) {
                for part in text.split('{').skip(1) {
                    let slot = part.get(..2).unwrap();
                    assert!(["P}", "Q}", "S}", "D}", "O}"].contains(&slot), "{text}");
                }
            }
        }
    }
}
