//! The checks that fields share: each adds a fault at its place and lets the others speak too.

use crate::fault::{Fault, FaultCode, Faults};
use serde_json::{Map, Value};

/// Longest identifier or name, in UTF-16 code units (what `nvarchar(128)` counts).
pub const NAME: usize = 128;
/// Longest `channel` or `locale`.
pub const SHORT_NAME: usize = 64;
/// Largest `context` or `metadata` as compact JSON, in bytes.
pub const OBJECT: usize = 32 * 1024;
/// Largest count (tokens, characters, images) of one turn.
pub const COUNT: u64 = 1_000_000_000;

/// Collects the faults of one input.
#[derive(Debug, Default)]
pub struct Check(Vec<Fault>);

impl Check {
    /// Adds a fault at the member `name`.
    pub fn invalid(&mut self, name: &str, detail: impl Into<String>) {
        self.0.push(Fault::invalid(format!("/{name}"), detail));
    }

    /// A member that must be there.
    pub fn required<T>(&mut self, name: &str, value: &Option<T>) {
        if value.is_none() {
            self.0.push(Fault::new(
                FaultCode::MissingField,
                format!("/{name}"),
                "is required",
            ));
        }
    }

    /// A member that this operation cannot write.
    pub fn read_only(&mut self, name: &str, detail: &str) {
        self.0
            .push(Fault::new(FaultCode::ReadOnlyField, format!("/{name}"), detail));
    }

    /// An identifier or name: 1 to `most` UTF-16 units, no control characters, no white space at its ends (SQL
    /// Server ignores trailing blanks when it compares, SQLite does not).
    pub fn name(&mut self, name: &str, value: Option<&str>, most: usize) {
        let Some(text) = value else { return };
        let units = text.encode_utf16().count();
        if units == 0 || units > most {
            self.invalid(name, format!("takes 1 to {most} characters, not {units}"));
        } else if text.chars().any(char::is_control) {
            self.invalid(name, "must not contain control characters");
        } else if text.trim().len() != text.len() {
            self.invalid(name, "must not begin or end with white space");
        }
    }

    /// A text of at most `most` bytes (UTF-8).
    pub fn text(&mut self, name: &str, value: Option<&str>, most: usize) {
        if let Some(text) = value
            && text.len() > most
        {
            self.invalid(name, format!("takes at most {most} bytes, not {}", text.len()));
        }
    }

    /// A number from 0 to `most`.
    pub fn number(&mut self, name: &str, value: Option<f64>, most: f64) {
        if let Some(number) = value
            && !(0.0..=most).contains(&number)
        {
            self.invalid(name, format!("takes 0 to {most}, not {number}"));
        }
    }

    /// A whole number from 0 to `most`.
    pub fn count(&mut self, name: &str, value: Option<u64>, most: u64) {
        if let Some(count) = value
            && count > most
        {
            self.invalid(name, format!("takes 0 to {most}, not {count}"));
        }
    }

    /// An object of at most [`OBJECT`] bytes as compact JSON.
    pub fn object(&mut self, name: &str, value: Option<&Map<String, Value>>) {
        self.object_of(name, value, OBJECT);
    }

    /// An object of at most `most` bytes as compact JSON.
    pub fn object_of(&mut self, name: &str, value: Option<&Map<String, Value>>, most: usize) {
        let size = value.map_or(0, |object| {
            serde_json::to_string(object).map_or(0, |text| text.len())
        });
        if size > most {
            self.invalid(name, format!("takes at most {most} bytes of JSON, not {size}"));
        }
    }

    /// At most `most` names in a list, each as [`Check::name`] takes it.
    pub fn names(&mut self, name: &str, values: Option<&[String]>, most: usize) {
        let values = values.unwrap_or_default();
        if values.len() > most {
            self.invalid(
                name,
                format!("takes at most {most} entries, not {}", values.len()),
            );
        }
        for (index, value) in values.iter().enumerate().take(most) {
            self.name(&format!("{name}/{index}"), Some(value), NAME);
        }
    }

    /// The faults that were found, if any.
    pub fn done(self) -> Result<(), Faults> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Faults(self.0))
        }
    }
}
