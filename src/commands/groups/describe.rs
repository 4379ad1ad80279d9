//! `rdvctl groups describe`: a group's state, coordinator and members.

use std::collections::BTreeMap;

use serde_json::json;

use crate::commands::Ctx;
use crate::error::{Error, Outcome};
use crate::model::group::{Group, Member};
use crate::output::View;

/// Show state, coordinator and members of consumer groups.
#[derive(Debug, clap::Args)]
pub struct DescribeArgs {
    /// Names or globs.
    #[arg(value_name = "GROUP|GLOB", required = true)]
    groups: Vec<String>,
}

/// Describes.
pub fn run(args: DescribeArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let settings = ctx.settings()?;
    let cluster = ctx.cluster(&settings)?;
    let names = super::named(&args.groups, &cluster, ctx)?;
    let groups = super::described(&names, &cluster)?;
    ctx.out.show(&Description { groups })?;
    Ok(Outcome::Done)
}

struct Description {
    groups: Vec<Group>,
}

impl View for Description {
    fn header(&self) -> Vec<&'static str> {
        vec![
            "GROUP",
            "STATE",
            "PROTOCOL",
            "ASSIGNOR",
            "COORDINATOR",
            "MEMBER",
            "INSTANCE",
            "CLIENT",
            "HOST",
            "PARTITIONS",
        ]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let mut rows = Vec::new();
        for group in &self.groups {
            // A group without members has a row as well.
            let members: Vec<Option<&Member>> = if group.members.is_empty() {
                vec![None]
            } else {
                group.members.iter().map(|member| Some(&**member)).collect()
            };
            rows.extend(members.into_iter().map(|member| cells(group, member)));
        }
        rows
    }
    fn optional(&self) -> &'static [&'static str] {
        &["ASSIGNOR", "MEMBER", "INSTANCE", "CLIENT", "HOST", "PARTITIONS"]
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        self.groups.iter().map(line).collect()
    }
}

fn cells(group: &Group, member: Option<&Member>) -> Vec<Option<String>> {
    vec![
        Some(group.info.name.to_string()),
        Some(group.info.state.to_string()),
        Some(group.info.protocol.to_string()),
        group.assignor.clone(),
        group.coordinator.clone(),
        member.map(|member| member.id.to_string()),
        member.and_then(|member| member.instance.clone()),
        member.map(|member| member.client_id.to_string()),
        member.map(|member| member.host.to_string()),
        member.map(partitions),
    ]
}

/// `appointment.created 0,1,2  patient.registered 0`.
fn partitions(member: &Member) -> String {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for (topic, partition) in &member.assigned {
        topics.entry(topic).or_default().push(*partition);
    }
    let one = |(topic, mut partitions): (&str, Vec<i32>)| {
        partitions.sort_unstable();
        let list: Vec<String> = partitions.iter().map(i32::to_string).collect();
        format!("{topic} {}", list.join(","))
    };
    topics.into_iter().map(one).collect::<Vec<_>>().join("  ")
}

fn line(group: &Group) -> serde_json::Value {
    let member = |member: &std::sync::Arc<Member>| {
        let partitions: Vec<_> = member
            .assigned
            .iter()
            .map(|(topic, partition)| json!({"topic": &**topic, "partition": partition}))
            .collect();
        json!({
            "member": &*member.id,
            "instance": member.instance,
            "client_id": &*member.client_id,
            "host": &*member.host,
            "partitions": partitions,
        })
    };
    json!({
        "group": &*group.info.name,
        "state": &*group.info.state,
        "protocol": &*group.info.protocol,
        "simple": group.info.simple,
        "assignor": group.assignor,
        "coordinator": group.coordinator,
        "members": group.members.iter().map(member).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_partitions_of_a_member_are_gathered_by_topic() {
        let assigned = [("b", 1), ("a", 2), ("a", 0)].map(|(topic, p)| (topic.into(), p)).to_vec();
        let member =
            Member { id: "m".into(), instance: None, client_id: "c".into(), host: "h".into(), assigned };
        assert_eq!(partitions(&member), "a 0,2  b 1");
    }
}
