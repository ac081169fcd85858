//! Settings that cannot be used.

use super::Environment;

/// Longest value that is repeated in an error.
const SHOWN: usize = 40;
/// How alike (0 to 1) two names are of which one is taken for the other, misspelt.
const ALIKE: f64 = 0.6;

/// A setting that cannot be used, and what it takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} {problem}")]
pub struct SettingError {
    /// The name of the setting.
    pub name: String,
    /// What is wrong with it.
    pub problem: String,
}

impl SettingError {
    pub(crate) fn new(name: &str, problem: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            problem: problem.into(),
        }
    }

    /// A value that is none of those that `takes` tells.
    ///
    /// It is shown when it is short and plain: a connection string that got into the wrong setting holds a password.
    pub(super) fn takes(name: &str, takes: &str, value: &str) -> Self {
        let plain = value.len() <= SHOWN && !value.contains(['=', ';', '?', '@']);
        let shown = if plain { value } else { "what it is set to" };
        Self::new(name, format!("takes {takes}, not `{shown}`"))
    }
}

/// Refuses a `PRAVIS_` setting that nothing reads, and says which one may have been meant.
pub(super) fn refuse_misspelt(environment: &Environment) -> Result<(), SettingError> {
    let known = Environment::known();
    let unknown = |name: &&str| {
        let upper = name.to_ascii_uppercase();
        upper.starts_with("PRAVIS_") && !upper.starts_with("PRAVIS_TEST_") && !known.contains(name)
    };
    let Some(name) = environment.names().find(unknown) else {
        return Ok(());
    };
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(&letters(known), &letters(name));
    let nearest = known
        .iter()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    Err(match nearest.filter(|nearest| likeness(nearest) >= ALIKE) {
        Some(nearest) => SettingError::new(name, format!("is no setting: did you mean {nearest}?")),
        None => SettingError::new(name, format!("is no setting; there are {}", known.join(", "))),
    })
}

/// What makes a name differ from the others: without what all begin with, and without what is easily left out.
fn letters(name: &str) -> String {
    let upper = name.to_ascii_uppercase();
    upper.trim_start_matches("PRAVIS_").replace('_', "")
}
