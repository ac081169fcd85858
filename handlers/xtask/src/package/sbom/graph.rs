//! Which crates a program is made of, as `cargo metadata` resolves them for one target.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{Outcome, workspace};

/// A crate. Only of a registry where it has a source; the workspace's own have none.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    id: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) license: Option<String>,
    pub(super) source: Option<String>,
    pub(super) description: Option<String>,
    pub(super) repository: Option<String>,
}

impl Package {
    /// What this crate is called by others of the list, and by everybody where it comes from the registry.
    pub(super) fn reference(&self) -> String {
        match self.source {
            Some(_) => format!("pkg:cargo/{}@{}", self.name, self.version),
            None => format!("{}@{}", self.name, self.version),
        }
    }
}

/// The crates of one program, and which of them each of them uses.
pub(super) struct Graph {
    /// By their ids; the program itself is among them.
    packages: BTreeMap<String, Package>,
    uses: BTreeMap<String, BTreeSet<String>>,
    program: String,
}

impl Graph {
    /// Of a program of this workspace. `cargo metadata` knows the crates and who uses whom, but counts the features of the
    /// whole workspace and what is only possible, too; `cargo tree` knows what this one program really has.
    pub(super) fn of_workspace(program: &str, target: &str) -> Outcome<Self> {
        let metadata = ["metadata", "--format-version", "1", "--filter-platform", target];
        let tree = [
            "tree",
            "--package",
            program,
            "--edges",
            "normal",
            "--target",
            target,
            "--prefix",
            "none",
        ];
        Self::read(&told(&metadata)?, &told(&tree)?, program)
    }

    /// From what both of them print.
    pub(super) fn read(metadata: &str, tree: &str, program: &str) -> Outcome<Self> {
        let metadata: Metadata = serde_json::from_str(metadata)?;
        let parts: BTreeSet<_> = tree.lines().filter_map(name_and_version).collect();
        let packages: BTreeMap<_, _> = metadata
            .packages
            .into_iter()
            .filter(|package| parts.contains(&(package.name.as_str(), package.version.as_str())))
            .map(|package| (package.id.clone(), package))
            .collect();
        let of_source = |package: &&Package| package.name == program && package.source.is_none();
        let program = packages
            .values()
            .find(of_source)
            .map(|package| package.id.clone());
        let program = program.ok_or("the program is no package of the workspace")?;
        let mut uses = BTreeMap::new();
        for node in metadata.resolve.nodes {
            if packages.contains_key(&node.id) {
                let id = node.id.clone();
                let listed = |used: &String| packages.contains_key(used);
                uses.insert(id, node.normal().filter(listed).collect());
            }
        }
        Ok(Self {
            packages,
            uses,
            program,
        })
    }

    pub(super) fn program(&self) -> &Package {
        &self.packages[&self.program]
    }

    /// All but the program itself, by name.
    pub(super) fn others(&self) -> Vec<&Package> {
        let mut others: Vec<_> = self
            .packages
            .values()
            .filter(|package| package.id != self.program)
            .collect();
        others.sort_by_key(|package| package.reference());
        others
    }

    /// References of what a crate uses.
    pub(super) fn uses(&self, package: &Package) -> BTreeSet<String> {
        self.uses[&package.id]
            .iter()
            .map(|id| self.packages[id].reference())
            .collect()
    }
}

/// What cargo prints about the crates of `Cargo.lock`.
fn told(arguments: &[&str]) -> Outcome<String> {
    workspace::told(workspace::cargo().args(arguments).arg("--locked"))
}

/// Of a line such as `serde_derive v1.0.228 (proc-macro) (*)`.
fn name_and_version(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split(' ');
    Some((words.next()?, words.next()?.strip_prefix('v')?))
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

impl Node {
    /// What becomes part of it: neither what builds it nor what tests it.
    fn normal(self) -> impl Iterator<Item = String> {
        let normal = |used: &Dependency| used.dep_kinds.iter().any(|kind| kind.kind.is_none());
        self.deps.into_iter().filter(normal).map(|used| used.pkg)
    }
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    /// `build` or `dev`, or nothing for what is neither.
    kind: Option<String>,
}
