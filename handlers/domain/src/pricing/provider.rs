//! Providers' names, which every client spells its own way.

/// Spellings of OpenTelemetry's `gen_ai.provider.name` and of common client libraries, after they are made plain.
const SAME: &[(&str, &str)] = &[
    ("azure", "azure_openai"),
    ("azure_ai_openai", "azure_openai"),
    ("az_ai_openai", "azure_openai"),
    ("gcp_gemini", "google"),
    ("gcp_gen_ai", "google"),
    ("gemini", "google"),
    ("mistral_ai", "mistral"),
    ("mistralai", "mistral"),
];

/// The one spelling by which prices are kept and found: lower case, everything but letters and digits as `_`, and one name
/// for each provider (`azure.ai.openai` and `Azure OpenAI` are `azure_openai`).
pub fn provider_name(name: &str) -> String {
    let plain: String = name
        .trim()
        .chars()
        .map(|letter| {
            if letter.is_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    match SAME.iter().find(|(other, _)| *other == plain) {
        Some((_, own)) => (*own).to_owned(),
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_provider_has_one_name() {
        for (name, own) in [
            ("openai", "openai"),
            ("OpenAI", "openai"),
            (" Azure OpenAI ", "azure_openai"),
            ("azure.ai.openai", "azure_openai"),
            ("azure", "azure_openai"),
            ("mistral_ai", "mistral"),
            ("gcp.gemini", "google"),
            ("self-hosted", "self_hosted"),
            ("", ""),
        ] {
            assert_eq!(provider_name(name), own, "{name}");
            assert_eq!(provider_name(own), own, "a name stays what it is");
        }
    }
}
