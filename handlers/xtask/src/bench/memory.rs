//! The memory and the time of a process, from `/proc`. Elsewhere than on Linux the memory is not measured.

use std::time::Duration;

use crate::Outcome;

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

/// Time of all threads, in the program and in the system. A jiffy is 10 ms (`USER_HZ`, the same on every Linux of ours).
pub(super) fn cpu(process: u32) -> Outcome<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    jiffies(&stat)
        .map(|jiffies| Duration::from_millis(10 * jiffies))
        .ok_or_else(|| "the kernel tells no times".into())
}

/// Fields 14 and 15 of proc_pid_stat(5); the second is a name, which may hold anything.
fn jiffies(stat: &str) -> Option<u64> {
    let mut times = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || times.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
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
        let stat = "7 (a ) name) S 1 7 7 0 -1 4194304 99 0 0 0 1234 66 5 5 20 0 4 0 100 1 1";
        assert_eq!(jiffies(stat), Some(1_300));
    }
}
