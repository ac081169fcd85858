//! The memory of a process, from `/proc`. Elsewhere than on Linux it is not measured.

/// Resident memory, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) now: Option<u64>,
    /// The most that it ever was, as the kernel kept it: no peak is missed between two looks.
    pub(super) peak: Option<u64>,
}

impl Memory {
    pub(super) fn of(process: u32) -> Self {
        std::fs::read_to_string(format!("/proc/{process}/status"))
            .map(|text| Self::parse(&text))
            .unwrap_or_default()
    }

    fn parse(status: &str) -> Self {
        let bytes = |field: &str| {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
            line.trim()
                .strip_suffix(" kB")?
                .parse::<u64>()
                .ok()
                .map(|number| number * 1_024)
        };
        Self {
            now: bytes("VmRSS"),
            peak: bytes("VmHWM"),
        }
    }
}

/// Bytes as the table's megabytes.
pub(super) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_kernels_words() {
        let memory = Memory::parse("Name:\tpravis\nVmHWM:\t   30000 kB\nVmRSS:\t   20000 kB\nThreads:\t4\n");
        assert_eq!(
            memory,
            Memory {
                now: Some(20_480_000),
                peak: Some(30_720_000)
            }
        );
        assert_eq!(Memory::parse("Name:\tzombie\n"), Memory::default());
    }
}
