//! The pages, and what of them can be checked.

use crate::support::repository;
use std::path::{Path, PathBuf};

/// A page of the documentation.
pub(crate) struct Page {
    /// Its path in the repository.
    pub(super) name: String,
    pub(super) text: String,
}

/// A fenced block.
pub(super) struct Block {
    /// What stands behind its fence.
    pub(super) kind: String,
    pub(super) text: String,
    /// The first line after it that is not empty.
    pub(super) after: String,
    /// Page and line, for whoever has to mend it.
    pub(super) place: String,
}

/// `README.md` and the pages in `docs/`.
pub(super) fn pages() -> Vec<Page> {
    let folder = std::fs::read_dir(repository().join("docs")).unwrap();
    let names = folder.map(|entry| format!("docs/{}", entry.unwrap().file_name().to_string_lossy()));
    let mut names: Vec<_> = names.filter(|name| name.ends_with(".md")).collect();
    names.sort();
    names.insert(0, "README.md".to_owned());
    names.iter().map(|name| Page::read(name)).collect()
}

/// The fenced blocks of these kinds in all pages; a kind with more words counts, too.
pub(super) fn blocks(kind: &str) -> Vec<Block> {
    let all = pages().into_iter().flat_map(|page| page.blocks());
    all.filter(|block| block.kind.split(' ').next() == Some(kind))
        .collect()
}

/// All Rust sources in these folders, and the names of what is in them.
pub(super) fn sources(folders: &[&str]) -> String {
    fn read(folder: &Path, into: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            *into += &format!("{} ", path.file_name().unwrap().to_string_lossy());
            if path.is_dir() {
                read(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                *into += &std::fs::read_to_string(&path).unwrap();
            }
        }
    }
    let mut all = String::new();
    for folder in folders {
        read(&repository().join(folder), &mut all);
    }
    all
}

impl Page {
    pub(crate) fn read(name: &str) -> Self {
        Self {
            text: std::fs::read_to_string(repository().join(name)).unwrap(),
            name: name.to_owned(),
        }
    }

    /// The blocks of exactly this kind, one after the other.
    pub(crate) fn script(&self, kind: &str) -> String {
        let blocks = self.blocks().into_iter().filter(|block| block.kind == kind);
        blocks.map(|block| block.text).collect()
    }

    /// Where it is.
    pub(super) fn path(&self) -> PathBuf {
        repository().join(&self.name)
    }

    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut open = false;
        for (number, line) in (1..).zip(self.text.lines()) {
            if let Some(kind) = line.strip_prefix("```") {
                open = !open;
                if open {
                    blocks.push(Block {
                        kind: kind.to_owned(),
                        text: String::new(),
                        after: String::new(),
                        place: format!("{}:{number}", self.name),
                    });
                }
            } else if let Some(block) = blocks.last_mut() {
                if open {
                    block.text += line;
                    block.text.push('\n');
                } else if block.after.is_empty() {
                    line.clone_into(&mut block.after);
                }
            }
        }
        assert!(!open, "{}: a block has no end", self.name);
        blocks
    }

    /// The lines outside of blocks.
    pub(super) fn prose(&self) -> String {
        let mut open = false;
        let lines = self.text.lines().filter(|line| {
            let fence = line.starts_with("```");
            open ^= fence;
            !open && !fence
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// What stands between backticks.
    pub(super) fn code(&self) -> Vec<String> {
        let prose = self.prose();
        let parts = prose.split('`').skip(1).step_by(2);
        parts.map(str::to_owned).collect()
    }

    /// What the headings are called in addresses, as GitHub makes them.
    pub(super) fn anchors(&self) -> Vec<String> {
        let prose = self.prose();
        let headings = prose.lines().filter(|line| line.starts_with('#'));
        let mut anchors: Vec<String> = Vec::new();
        for heading in headings {
            let heading = heading.trim_start_matches('#').trim().to_lowercase();
            let anchor = heading
                .replace(' ', "-")
                .replace(|c: char| !c.is_alphanumeric() && c != '-' && c != '_', "");
            let same = anchors.iter().filter(|known| **known == anchor).count();
            anchors.push(if same == 0 {
                anchor
            } else {
                format!("{anchor}-{same}")
            });
        }
        anchors
    }
}

#[test]
fn a_page_is_taken_apart() {
    let page = Page {
        name: "p.md".to_owned(),
        text: "# A `b`, c\n```sh run\n# no heading\n```\n## A b c\ntwo `x`\n".to_owned(),
    };
    assert_eq!(page.anchors(), ["a-b-c", "a-b-c-1"]);
    assert_eq!(page.code(), ["b", "x"]);
    let blocks = page.blocks();
    assert_eq!(
        (blocks[0].kind.as_str(), blocks[0].text.as_str()),
        ("sh run", "# no heading\n")
    );
}
