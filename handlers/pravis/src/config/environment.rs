//! The environment as a value.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Every setting that starts with `PRAVIS_`. A name that is not here is a typing error, and is told.
const KNOWN: &[&str] = &[
    "PRAVIS_ADDRESS",
    "PRAVIS_DATA_DIR",
    "PRAVIS_LOG",
    "PRAVIS_PUBLIC_URL",
    "PRAVIS_RATE_LIMIT_BURST",
    "PRAVIS_RATE_LIMIT_PER_SECOND",
    "PRAVIS_RETENTION_DAYS",
    "PRAVIS_RETENTION_SCHEDULE",
    "PRAVIS_STORE",
    "PRAVIS_SWEEP_SPILL_SCHEDULE",
    "PRAVIS_TIME_ZONE",
];

/// Names of settings, and their values. Prints without values: some are secrets.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

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
}

impl Environment {
    /// The environment of this process; variables that are not Unicode are left out.
    pub fn of_process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// The names of our own settings.
    pub fn known() -> &'static [&'static str] {
        KNOWN
    }

    /// The value of a setting; an empty one counts as not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The value of a setting, read as `T`; `takes` says in words what it takes.
    pub fn parsed<T: FromStr>(&self, name: &str, takes: &str) -> Result<Option<T>, SettingError> {
        self.get(name)
            .map(|value| {
                value
                    .trim()
                    .parse()
                    .map_err(|_| SettingError::new(name, format!("takes {takes}, not `{value}`")))
            })
            .transpose()
    }

    /// Refuses a `PRAVIS_` setting that nothing reads.
    pub(super) fn refuse_misspelt(&self) -> Result<(), SettingError> {
        let unknown = |name: &&String| {
            name.starts_with("PRAVIS_")
                && !name.starts_with("PRAVIS_TEST_")
                && !KNOWN.contains(&name.as_str())
        };
        match self.0.keys().find(unknown) {
            Some(name) => Err(SettingError::new(
                name,
                format!("is no setting; there are {}", KNOWN.join(", ")),
            )),
            None => Ok(()),
        }
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(settings: I) -> Self {
        Self(
            settings
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}
