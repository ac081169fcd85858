//! Where the pages point to.

use super::pages::{Page, pages};
use crate::support::repository;

/// The targets of links; those of other machines are not followed.
fn links(page: &Page) -> Vec<String> {
    let prose = page.prose();
    let targets = prose.split("](").skip(1);
    let targets = targets.filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()));
    targets.filter(|target| !target.contains("://")).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let pages = pages();
    let mut broken = Vec::new();
    let mut followed = 0;
    for page in &pages {
        for link in links(page) {
            followed += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match file {
                "" => page.path(),
                file => page.path().parent().unwrap().join(file),
            };
            let Ok(target) = target.canonicalize() else {
                broken.push(format!("{}: {link}: there is no such file", page.name));
                continue;
            };
            assert!(target.starts_with(repository()), "{}: {link}", page.name);
            let known = pages.iter().find(|other| other.path() == target);
            if !anchor.is_empty() && !known.is_some_and(|page| page.anchors().iter().any(|a| a == anchor)) {
                broken.push(format!("{}: {link}: there is no such heading", page.name));
            }
        }
    }
    assert!(followed > 20, "only {followed} links were found");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_page_is_in_the_index() {
    let pages = pages();
    let index = pages.iter().find(|page| page.name == "docs/README.md").unwrap();
    let listed = links(index);
    for page in &pages {
        let name = page.name.trim_start_matches("docs/");
        let linked = listed
            .iter()
            .any(|link| link == name || link == &format!("../{name}"));
        assert!(
            linked || page.name == index.name,
            "{} is not in docs/README.md",
            page.name
        );
    }
}

/// Folders of the repository, from which paths are written down.
const ROOTS: [&str; 8] = [
    ".ci/",
    ".github/",
    "docs/",
    "functions/",
    "handlers/",
    "infra/",
    "migrations/",
    "host.json",
];

#[test]
fn every_path_that_is_named_exists() {
    let mut missing = Vec::new();
    for page in pages() {
        for code in page.code() {
            let path = code.split([':', ' ']).next().unwrap_or_default();
            let names_one = ROOTS.iter().any(|root| path.starts_with(root));
            let is_pattern = path.contains(['*', '<', '{', '…']) || path.contains("NNNN");
            if names_one && !is_pattern && !repository().join(path).exists() {
                missing.push(format!("{}: {path}", page.name));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
