//! `rdvctl groups`: consumer groups, their members and their commits.

pub mod delete;
pub mod describe;
pub mod export;
pub mod list;
pub mod peek;
pub mod reset;

use clap::Subcommand;

use super::scope::Scope;
use super::{Ctx, scope};
use crate::error::{Error, Outcome};
use crate::kafka::Cluster;
use crate::model::group::Group;

/// List, describe, export, reset and delete consumer groups; see what they are stuck on.
#[derive(Debug, clap::Args)]
pub struct GroupsArgs {
    #[command(subcommand)]
    command: GroupsCommand,
}

#[derive(Debug, Subcommand)]
enum GroupsCommand {
    List(list::ListArgs),
    Describe(describe::DescribeArgs),
    Peek(peek::PeekArgs),
    Export(export::ExportArgs),
    Reset(reset::ResetArgs),
    Delete(delete::DeleteArgs),
}

/// Dispatches.
pub fn run(args: GroupsArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    match args.command {
        GroupsCommand::List(args) => list::run(args, ctx),
        GroupsCommand::Describe(args) => describe::run(args, ctx),
        GroupsCommand::Peek(args) => peek::run(args, ctx),
        GroupsCommand::Export(args) => export::run(args, ctx),
        GroupsCommand::Reset(args) => reset::run(args, ctx),
        GroupsCommand::Delete(args) => delete::run(args, ctx),
    }
}

/// The names of the groups that are meant; all must be there.
fn named(asked: &[String], cluster: &Cluster, ctx: &Ctx) -> Result<Vec<String>, Error> {
    Ok(meant(asked, cluster, ctx)?.groups)
}

/// The same, and what the cluster lists.
fn meant(asked: &[String], cluster: &Cluster, ctx: &Ctx) -> Result<Scope, Error> {
    let scope = scope::find(asked, cluster)?;
    scope.all_there()?;
    for note in &scope.notes {
        ctx.term.warn(note);
    }
    Ok(scope)
}

/// The groups with their members. One that went away meanwhile is an error.
fn described(names: &[String], cluster: &Cluster) -> Result<Vec<Group>, Error> {
    let asked: Vec<&str> = names.iter().map(String::as_str).collect();
    let described = cluster.describe_groups(&asked)?;
    let one = |(name, group): (&String, Result<Option<Group>, Error>)| {
        group?.ok_or_else(|| Error::unavailable(format!("group `{name}` is not there any more")))
    };
    names.iter().zip(described).map(one).collect()
}

/// An error if a group has members, which would go on from where they are and undo what is done here.
fn refuse_members(groups: &[Group], what: &str) -> Result<(), Error> {
    let Some(group) = groups.iter().find(|group| !group.members.is_empty()) else { return Ok(()) };
    let members: Vec<String> =
        group.members.iter().map(|m| format!("`{}` ({} at {})", m.id, m.client_id, m.host)).collect();
    Err(Error::unavailable(format!(
        "group `{}` is not {what}: it has {}",
        group.info.name,
        crate::terminal::count(members.len() as u64, "member")
    ))
    .caused_by(format!("connected are {}", members.join(", ")))
    .hint("stop these consumers first; nothing was changed"))
}
