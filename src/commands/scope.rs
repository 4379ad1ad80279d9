//! Which groups are meant: names, globs, or those on the catalogue's topics.

use wildmatch::WildMatch;

use crate::config::did_you_mean;
use crate::error::Error;
use crate::kafka::Cluster;
use crate::model::group::{GroupInfo, with_nest_ending};

/// The groups that are looked at.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Their names, each once, sorted.
    pub(super) groups: Vec<String>,
    /// Every group as the cluster lists it.
    pub(super) listed: Vec<GroupInfo>,
    /// What each name on the command line stands for; nothing for globs.
    pub(super) named: Vec<(String, Vec<String>)>,
    /// Names that no group has, with near ones.
    pub(super) missing: Vec<(String, Option<String>)>,
    /// What there is to say.
    pub(super) notes: Vec<String>,
}

/// Finds the groups that `asked` means; all without.
pub(super) fn find(asked: &[String], cluster: &Cluster) -> Result<Scope, Error> {
    let listed = cluster.groups()?;
    let mut scope = Scope::default();
    if asked.is_empty() {
        scope.groups = listed.iter().map(|group| group.name.to_string()).collect();
    }
    for name in asked {
        scope.add(name, &listed, cluster)?;
    }
    scope.groups.sort();
    scope.groups.dedup();
    scope.notes.extend(cluster.notes());
    scope.listed = listed;
    Ok(scope)
}

impl Scope {
    fn add(&mut self, name: &str, listed: &[GroupInfo], cluster: &Cluster) -> Result<(), Error> {
        let known = || listed.iter().map(|group| &*group.name);
        if known().any(|known| known == name) {
            self.take(name, vec![name.to_owned()]);
            return Ok(());
        }
        if name.contains(['*', '?']) {
            let glob = WildMatch::new(name);
            let matched: Vec<String> =
                known().filter(|known| glob.matches(known)).map(str::to_owned).collect();
            if matched.is_empty() {
                self.missing.push((name.to_owned(), did_you_mean(name, known())));
            }
            self.groups.extend(matched);
            return Ok(());
        }
        // Without leave to see it a group is not in the list, and only asking for it by name says why.
        let there = cluster.describe_groups(&[name])?.pop().transpose()?.flatten().is_some();
        if there {
            self.take(name, vec![name.to_owned()]);
            return Ok(());
        }
        let nest: Vec<String> = with_nest_ending(name, known()).into_iter().map(str::to_owned).collect();
        if nest.is_empty() {
            self.missing.push((name.to_owned(), did_you_mean(name, known())));
            return Ok(());
        }
        self.notes.push(format!(
            "there is no group `{name}`; NestJS adds an ending to the name, and there is `{}`",
            nest.join("`, `")
        ));
        self.take(name, nest);
        Ok(())
    }

    /// Whether a group was asked for by name.
    pub(super) fn stands_for_a_name(&self, group: &str) -> bool {
        self.named.iter().any(|(_, groups)| groups.iter().any(|name| name == group))
    }

    /// Whether a group stands for a name, and no group that stands for this name has anything to show: then it must be
    /// said. `sizes` are the groups, and how many partitions each has.
    pub(super) fn nothing_but<'s>(
        &self,
        group: &str,
        sizes: impl Iterator<Item = (&'s str, usize)> + Clone,
    ) -> bool {
        let stands = self.named.iter().filter(|(_, groups)| groups.iter().any(|name| name == group));
        stands.into_iter().any(|(_, groups)| {
            sizes.clone().all(|(name, size)| size == 0 || !groups.iter().any(|known| known == name))
        })
    }

    fn take(&mut self, name: &str, groups: Vec<String>) {
        self.groups.extend(groups.iter().cloned());
        self.named.push((name.to_owned(), groups));
    }

    /// An error for the first name that no group has.
    pub(super) fn all_there(&self) -> Result<(), Error> {
        match self.missing.first() {
            Some((name, near)) => Err(unknown(name, near.as_deref())),
            None => Ok(()),
        }
    }
}

/// An error for a group that the cluster does not have.
fn unknown(name: &str, near: Option<&str>) -> Error {
    let what = if name.contains(['*', '?']) { "no group matches" } else { "there is no group" };
    let error = Error::input(format!("{what} `{name}`"));
    let error = near.into_iter().fold(error, super::super::error::Error::hint);
    error.hint(
        "`rdvctl groups list` shows the groups there are; a group is there once it has members or offsets",
    )
}
