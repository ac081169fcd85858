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
    /// Of a program of this workspace. Features are those that the workspace as a whole turns on, so a crate that only a
    /// test's feature brings may be listed: too much is harmless in such a list, too little is not.
    pub(super) fn of_workspace(program: &str, target: &str) -> Outcome<Self> {
        let mut cargo = workspace::cargo();
        cargo.args([
            "metadata",
            "--locked",
            "--format-version",
            "1",
            "--filter-platform",
            target,
        ]);
        let told = cargo.output()?;
        if !told.status.success() {
            return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&told.stderr).trim()).into());
        }
        Self::read(&told.stdout, program)
    }

    pub(super) fn read(metadata: &[u8], program: &str) -> Outcome<Self> {
        let metadata: Metadata = serde_json::from_slice(metadata)?;
        let mut all: BTreeMap<_, _> = metadata
            .packages
            .into_iter()
            .map(|package| (package.id.clone(), package))
            .collect();
        let of_source = |package: &&Package| package.name == program && package.source.is_none();
        let program = all.values().find(of_source).map(|package| package.id.clone());
        let program = program.ok_or("the program is no package of the workspace")?;
        let nodes: BTreeMap<_, _> = metadata
            .resolve
            .nodes
            .into_iter()
            .map(|node| (node.id.clone(), node.normal()))
            .collect();

        let (mut packages, mut uses) = (BTreeMap::new(), BTreeMap::new());
        let mut to_visit = vec![program.clone()];
        while let Some(id) = to_visit.pop() {
            let Some(package) = all.remove(&id) else {
                continue;
            };
            let used = nodes.get(&id).cloned().unwrap_or_default();
            to_visit.extend(used.iter().cloned());
            packages.insert(id.clone(), package);
            uses.insert(id, used);
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
    fn normal(self) -> BTreeSet<String> {
        let normal = |used: &Dependency| used.dep_kinds.iter().any(|kind| kind.kind.is_none());
        self.deps
            .into_iter()
            .filter(normal)
            .map(|used| used.pkg)
            .collect()
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
