//! `%SETTING%` placeholders in function files.

/// Looks one application setting up. Passed in, so that nothing here reads the process environment.
pub type Settings<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A placeholder that cannot be filled.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PlaceholderError {
    /// The setting is named but has no value.
    #[error("the setting {0} is not set")]
    Unset(String),
    /// A `%` without its partner.
    #[error("`{0}` has a % without its partner")]
    Unpaired(String),
}

/// Replaces each `%NAME%` by the value of the setting `NAME`.
///
/// An unset one is an error, as it is for the host: a schedule or queue name with a hole in it never works.
pub fn resolve(text: &str, settings: Settings<'_>) -> Result<String, PlaceholderError> {
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        let (name, after) = after
            .split_once('%')
            .ok_or_else(|| PlaceholderError::Unpaired(text.to_owned()))?;
        let value = settings(name).ok_or_else(|| PlaceholderError::Unset(name.to_owned()))?;
        resolved.push_str(before);
        resolved.push_str(&value);
        rest = after;
    }
    resolved.push_str(rest);
    Ok(resolved)
}

/// Whether the operator has switched the function off by `AzureWebJobs.<name>.Disabled`.
///
/// The spelling with underscores is for Linux, where a dot cannot stand in a variable's name.
pub fn is_disabled(function: &str, settings: Settings<'_>) -> bool {
    [
        format!("AzureWebJobs.{function}.Disabled"),
        format!("AzureWebJobs_{function}_Disabled"),
    ]
    .iter()
    .filter_map(|name| settings(name))
    .any(|value| value == "1" || value.eq_ignore_ascii_case("true"))
}
