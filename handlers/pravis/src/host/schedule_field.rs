//! One field of an NCRONTAB expression: numbers, names, lists, ranges and steps.

/// What a field may hold.
pub(super) struct FieldKind {
    /// As errors call it.
    pub(super) name: &'static str,
    min: u8,
    max: u8,
    /// English names of the values, first one for `min`; any prefix of at least three letters will do.
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const DAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

/// The six fields in the order in which they are written.
pub(super) const FIELDS: [FieldKind; 6] = [
    FieldKind {
        name: "second",
        min: 0,
        max: 59,
        names: &[],
    },
    FieldKind {
        name: "minute",
        min: 0,
        max: 59,
        names: &[],
    },
    FieldKind {
        name: "hour",
        min: 0,
        max: 23,
        names: &[],
    },
    FieldKind {
        name: "day of month",
        min: 1,
        max: 31,
        names: &[],
    },
    FieldKind {
        name: "month",
        min: 1,
        max: 12,
        names: &MONTHS,
    },
    FieldKind {
        name: "day of week",
        min: 0,
        max: 6,
        names: &DAYS,
    },
];

impl FieldKind {
    /// The values that the text stands for, in ascending order.
    pub(super) fn parse(&self, text: &str) -> Result<Vec<u8>, String> {
        let mut values = Vec::new();
        for item in text.split(',') {
            values.extend(self.item(item)?);
        }
        values.sort_unstable();
        values.dedup();
        Ok(values)
    }

    /// Whether these are all the values that the field can have.
    pub(super) fn is_every(&self, values: &[u8]) -> bool {
        values.len() == usize::from(self.max - self.min) + 1
    }

    /// `*`, `n` or `n-m`, each with an optional `/step`; `n/step` runs to the field's end.
    fn item(&self, item: &str) -> Result<impl Iterator<Item = u8> + use<>, String> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(self.step(step)?)),
            None => (item, None),
        };
        let (first, last) = if range == "*" {
            (self.min, self.max)
        } else if let Some((first, last)) = range.split_once('-') {
            let (first, last) = (self.value(first)?, self.value(last)?);
            // NCRONTAB would swap them in silence: 22-2 would mean 2 to 22, the other part of the day.
            if first > last {
                return Err(format!("the range {range} runs backwards; write two ranges"));
            }
            (first, last)
        } else {
            let value = self.value(range)?;
            (value, if step.is_some() { self.max } else { value })
        };
        Ok((first..=last).step_by(step.unwrap_or(1)))
    }

    fn step(&self, text: &str) -> Result<usize, String> {
        text.parse()
            .ok()
            .filter(|step| (1..=usize::from(self.max)).contains(step))
            .ok_or_else(|| format!("the step `{text}` is not a number from 1 to {}", self.max))
    }

    fn value(&self, text: &str) -> Result<u8, String> {
        let wanted = text.to_ascii_lowercase();
        let named = || {
            let at = self
                .names
                .iter()
                .position(|name| wanted.len() >= 3 && name.starts_with(&wanted))?;
            u8::try_from(at).ok().map(|at| at + self.min)
        };
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = if digits { text.parse().ok() } else { named() };
        number
            .filter(|n| (self.min..=self.max).contains(n))
            .ok_or_else(|| {
                let names = match (self.names.first(), self.names.last()) {
                    (Some(first), Some(last)) => {
                        format!(", or a name from {} to {}", &first[..3], &last[..3])
                    }
                    _ => String::new(),
                };
                format!(
                    "`{text}` is not a number from {} to {}{names}",
                    self.min, self.max
                )
            })
    }
}
