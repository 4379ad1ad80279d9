//! `rdvctl groups delete`: groups without members, with their offsets.

use crate::commands::Ctx;
use crate::error::{Error, Outcome};
use crate::output::View;
use crate::terminal::count;

/// Delete consumer groups that have no members, with their offsets.
#[derive(Debug, clap::Args)]
pub struct DeleteArgs {
    /// Names or globs.
    #[arg(value_name = "GROUP|GLOB", required = true)]
    groups: Vec<String>,
    /// Only show the plan.
    #[arg(long)]
    dry_run: bool,
    /// Go ahead without a question.
    #[arg(short = 'y', long)]
    yes: bool,
}

/// Plans, shows, confirms, deletes, reports.
pub fn run(args: DeleteArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let settings = ctx.settings()?;
    let cluster = ctx.cluster(&settings)?;
    let names = super::named(&args.groups, &cluster, ctx)?;
    super::refuse_members(&super::described(&names, &cluster)?, "deleted")?;
    let asked: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut rows = Vec::new();
    for (name, commits) in names.iter().zip(cluster.commits(&asked)?) {
        let offsets = commits?.len() as u64;
        rows.push(Row { group: name.clone(), offsets, status: "planned", error: None });
    }
    if args.dry_run {
        ctx.out.show(&Deleted { rows })?;
        return Ok(Outcome::Done);
    }
    for row in &rows {
        ctx.term.note(format!("will delete group `{}` with {}", row.group, count(row.offsets, "offset")));
    }
    let what = count(rows.len() as u64, "group");
    if !ctx.term.confirm(&format!("Delete {what} on context `{}`?", settings.context_name()), args.yes)? {
        ctx.term.note("nothing was deleted");
        return Ok(Outcome::No);
    }
    ctx.interrupt.check()?;
    for (row, deleted) in rows.iter_mut().zip(cluster.delete_groups(&asked)?) {
        row.status = if deleted.is_ok() { "deleted" } else { "failed" };
        row.error = deleted.err().map(|error| error.to_string());
    }
    let failed = rows.iter().filter(|row| row.error.is_some()).count();
    let all = rows.len();
    ctx.out.show(&Deleted { rows })?;
    Ok(match failed {
        0 => Outcome::Done,
        failed if failed == all => Outcome::Unavailable,
        _ => Outcome::Partial,
    })
}

struct Deleted {
    rows: Vec<Row>,
}

#[derive(serde::Serialize)]
struct Row {
    group: String,
    offsets: u64,
    status: &'static str,
    error: Option<String>,
}

impl View for Deleted {
    fn header(&self) -> Vec<&'static str> {
        vec!["GROUP", "OFFSETS", "STATUS", "ERROR"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let cells = |row: &Row| {
            let offsets = row.offsets.to_string();
            vec![Some(row.group.clone()), Some(offsets), Some(row.status.to_owned()), row.error.clone()]
        };
        self.rows.iter().map(cells).collect()
    }
    fn optional(&self) -> &'static [&'static str] {
        &["ERROR"]
    }
    fn numeric(&self) -> &'static [&'static str] {
        &["OFFSETS"]
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        self.rows.iter().map(|row| serde_json::json!(row)).collect()
    }
}
