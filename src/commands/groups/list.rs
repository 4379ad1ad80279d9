//! `rdvctl groups list`: the consumer groups there are.

use crate::commands::Ctx;
use crate::error::{Error, Outcome};
use crate::model::group::GroupInfo;
use crate::output::View;

/// List consumer groups.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Only these groups; names or globs.
    #[arg(value_name = "GROUP|GLOB")]
    groups: Vec<String>,
}

/// Lists.
pub fn run(args: ListArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let settings = ctx.settings()?;
    let cluster = ctx.cluster(&settings)?;
    let mut scope = super::meant(&args.groups, &cluster, ctx)?;
    scope.listed.retain(|group| scope.groups.binary_search_by(|name| (**name).cmp(&group.name)).is_ok());
    let groups = scope.listed;
    let none = groups.is_empty();
    ctx.out.show(&List { groups })?;
    if none {
        ctx.term.note("there are no consumer groups, or none that may be seen");
    }
    Ok(Outcome::Done)
}

struct List {
    groups: Vec<GroupInfo>,
}

impl View for List {
    fn header(&self) -> Vec<&'static str> {
        vec!["GROUP", "STATE", "PROTOCOL", "SIMPLE"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let cells = |group: &GroupInfo| {
            let simple = if group.simple { "yes" } else { "no" };
            [&*group.name, &*group.state, &*group.protocol, simple].map(|text| Some(text.to_owned())).to_vec()
        };
        self.groups.iter().map(cells).collect()
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        let line = |group: &GroupInfo| {
            serde_json::json!({
                "group": &*group.name,
                "state": &*group.state,
                "protocol": &*group.protocol,
                "simple": group.simple,
            })
        };
        self.groups.iter().map(line).collect()
    }
}
