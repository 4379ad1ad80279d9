//! `rdvctl config`: which settings count, and where they come from.

use super::Ctx;
use crate::config::{Entry, Files, Looked, Origin};
use crate::error::{Error, Outcome};
use crate::output::View;

/// Show settings, contexts and settings files.
#[derive(Debug, clap::Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ConfigCommand {
    /// Show every setting, its value and where it comes from; secrets are never shown.
    Show,
    /// List the contexts of the settings files and the built-in ones; `*` marks the current one.
    Contexts,
    /// Show which settings files were looked for, and which were found.
    Path,
}

/// Shows what was asked for.
pub fn run(args: ConfigArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    match args.command {
        ConfigCommand::Show => {
            let entries = ctx.settings()?.entries(&ctx.env)?;
            ctx.out.show(&Entries(entries))?;
        }
        ConfigCommand::Contexts => contexts(ctx)?,
        ConfigCommand::Path => ctx.out.show(&Paths(Files::look(&ctx.global, &ctx.env)))?,
    }
    Ok(Outcome::Done)
}

fn contexts(ctx: &mut Ctx) -> Result<(), Error> {
    let files = Files::load(&ctx.global, &ctx.env)?;
    let chosen = files.chosen(&ctx.global, &ctx.env);
    if files.context(&chosen.value).is_none() {
        ctx.term.warn(format!("there is no context `{}` ({})", chosen.value, chosen.origin));
    }
    let rows = files.names().into_iter().filter_map(|name| {
        let context = files.context(name)?;
        Some(ContextRow {
            name: name.to_owned(),
            brokers: context.brokers().map(str::to_owned),
            protected: context.protected.is_some_and(|protected| protected.value),
            current: name == chosen.value,
            origins: context.origins,
        })
    });
    let rows = Contexts(rows.collect());
    ctx.out.show(&rows)
}

struct Entries(Vec<Entry>);

impl View for Entries {
    fn header(&self) -> Vec<&'static str> {
        vec!["SETTING", "VALUE", "ORIGIN"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let row = |entry: &Entry| {
            let secret = entry.secret.as_ref().map(|kept| format!("*** ({kept})"));
            vec![Some(entry.setting.clone()), entry.value.clone().or(secret), Some(entry.origin.to_string())]
        };
        self.0.iter().map(row).collect()
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        let line = |entry: &Entry| {
            let mut line = serde_json::json!({
                "setting": entry.setting,
                "value": entry.value,
                "origin": entry.origin.to_string(),
            });
            if let Some(kept) = &entry.secret {
                line["value"] = "***".into();
                line["secret"] = kept.as_str().into();
            }
            line
        };
        self.0.iter().map(line).collect()
    }
}

struct ContextRow {
    name: String,
    brokers: Option<String>,
    protected: bool,
    current: bool,
    origins: Vec<Origin>,
}

impl ContextRow {
    fn origins(&self) -> Vec<String> {
        if self.origins.is_empty() {
            return vec!["built in".to_owned()];
        }
        self.origins.iter().map(Origin::to_string).collect()
    }
}

struct Contexts(Vec<ContextRow>);

impl View for Contexts {
    fn header(&self) -> Vec<&'static str> {
        vec!["CURRENT", "NAME", "BROKERS", "PROTECTED", "ORIGIN"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let row = |row: &ContextRow| {
            vec![
                Some(if row.current { "*" } else { "" }.to_owned()),
                Some(row.name.clone()),
                row.brokers.clone(),
                Some(if row.protected { "yes" } else { "no" }.to_owned()),
                Some(row.origins().join(", ")),
            ]
        };
        self.0.iter().map(row).collect()
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        let line = |row: &ContextRow| {
            serde_json::json!({
                "name": row.name,
                "brokers": row.brokers,
                "protected": row.protected,
                "current": row.current,
                "origins": row.origins(),
            })
        };
        self.0.iter().map(line).collect()
    }
}

struct Paths(Vec<Looked>);

impl View for Paths {
    fn header(&self) -> Vec<&'static str> {
        vec!["KIND", "FOUND", "PATH"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let row = |looked: &Looked| {
            let found = if looked.found { "yes" } else { "no" };
            let cells = [looked.kind.to_owned(), found.to_owned(), looked.path.display().to_string()];
            cells.map(Some).to_vec()
        };
        self.0.iter().map(row).collect()
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        let line = |looked: &Looked| {
            serde_json::json!({
                "kind": looked.kind,
                "found": looked.found,
                "path": looked.path.display().to_string(),
            })
        };
        self.0.iter().map(line).collect()
    }
}
