//! Sums the runner's `test result:` lines.

/// The sums so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
    filtered: u64,
}

impl Tally {
    /// Adds the line's numbers when it is a result line, such as
    /// `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s`.
    pub(super) fn read_line(&mut self, line: &str) {
        let Some(result) = line.trim().strip_prefix("test result: ") else {
            return;
        };
        let numbers = result.split_once(". ").map_or(result, |(_, numbers)| numbers);
        for part in numbers.split("; ") {
            let Some((number, word)) = part.trim().split_once(' ') else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                "filtered out" => self.filtered += number,
                _ => {}
            }
        }
    }

    /// `N passed, N failed, N skipped`. What this task itself left out is filtered out by the runner, and counts as
    /// skipped unless the person filtered too.
    pub(super) fn summary(&self, filtered_by_person: bool) -> String {
        let skipped = self.ignored + if filtered_by_person { 0 } else { self.filtered };
        format!(
            "{} passed, {} failed, {skipped} skipped",
            self.passed, self.failed
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_over_all_result_lines() {
        let mut tally = Tally::default();
        for line in [
            "running 4 tests",
            "test a ... ok",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n",
            "test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 5 filtered out; finished in 1.20s",
            "a test that prints: test result: ok. 99 passed",
        ] {
            tally.read_line(line);
        }
        assert_eq!(tally.summary(true), "13 passed, 2 failed, 1 skipped");
        assert_eq!(tally.summary(false), "13 passed, 2 failed, 6 skipped");
    }
}
