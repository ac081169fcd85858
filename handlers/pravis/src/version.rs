//! Which program this is.

use std::sync::LazyLock;

/// The release.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How the program introduces itself to other servers.
pub(crate) const USER_AGENT: &str = concat!("pravis/", env!("CARGO_PKG_VERSION"));

/// The commit, where the build was told: `cargo xtask package` sets `PRAVIS_COMMIT` for it. A plain `cargo build` names
/// none, so that no commit makes it compile anew.
pub const COMMIT: Option<&str> = match option_env!("PRAVIS_COMMIT") {
    Some(commit) if !commit.is_empty() => Some(commit),
    _ => None,
};

/// Both, as `pravis --version` prints them.
pub(crate) static LONG: LazyLock<String> = LazyLock::new(|| long(COMMIT));

fn long(commit: Option<&str>) -> String {
    match commit {
        Some(commit) => format!("{VERSION} ({commit})"),
        None => VERSION.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_commit_is_left_out() {
        assert_eq!(long(None), VERSION);
        assert_eq!(long(Some("0123abc")), format!("{VERSION} (0123abc)"));
    }
}
