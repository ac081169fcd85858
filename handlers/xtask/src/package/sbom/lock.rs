//! The checksums in `Cargo.lock`, which `cargo metadata` does not tell.

use std::collections::BTreeMap;

/// SHA-256 of the archive of each crate of a registry, by name and version.
#[derive(Debug, Default)]
pub(super) struct Checksums(BTreeMap<(String, String), String>);

impl Checksums {
    /// Reads the file as cargo writes it: one `name = "value"` a line, a header before each package.
    pub(super) fn read(lock: &str) -> Self {
        let mut checksums = Self::default();
        for package in lock.split("[[package]]").skip(1) {
            let value = |name: &str| {
                let mut lines = package.lines().filter_map(|line| line.split_once(" = "));
                let (_, value) = lines.find(|(key, _)| *key == name)?;
                Some(value.trim().trim_matches('"').to_owned())
            };
            if let (Some(name), Some(version), Some(checksum)) =
                (value("name"), value("version"), value("checksum"))
            {
                checksums.0.insert((name, version), checksum);
            }
        }
        checksums
    }

    pub(super) fn of(&self, name: &str, version: &str) -> Option<&str> {
        self.0
            .get(&(name.to_owned(), version.to_owned()))
            .map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_stands_with_its_version() {
        let lock = "version = 4\n\n[[package]]\nname = \"bytes\"\nversion = \"1.2.0\"\nsource = \"registry\"\n\
                    checksum = \"aa\"\n\n[[package]]\nname = \"bytes\"\nversion = \"2.0.0\"\nchecksum = \"bb\"\n\n\
                    [[package]]\nname = \"own\"\nversion = \"0.1.0\"\ndependencies = [\n \"bytes 2.0.0\",\n]\n";
        let checksums = Checksums::read(lock);
        assert_eq!(checksums.of("bytes", "1.2.0"), Some("aa"));
        assert_eq!(checksums.of("bytes", "2.0.0"), Some("bb"));
        assert_eq!(checksums.of("own", "0.1.0"), None);
    }
}
