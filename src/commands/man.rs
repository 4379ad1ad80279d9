//! `rdvctl man`: manual pages, made from the same text as `--help`.

use std::path::{Path, PathBuf};

use clap::CommandFactory as _;

use super::{Cli, Ctx};
use crate::error::{Error, Outcome};
use crate::terminal::count;

/// Write the manual: the main page to stdout, or all pages to a folder.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Write a page for each subcommand into this folder, which is made if need be.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Writes the manual.
pub fn run(args: ManArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    match args.dir {
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            ctx.out.bytes(&page)?;
        }
        Some(dir) => {
            let dir = ctx.env.cwd.join(dir);
            let mut root = Cli::command();
            root.build();
            let pages = write(&root, &dir).map_err(|e| {
                Error::usage(format!("cannot write the manual to `{}`", dir.display()))
                    .caused_by(e)
                    .hint("name a folder that you may write to")
            })?;
            ctx.term.note(format!("wrote {} to `{}`", count(pages, "page"), dir.display()));
        }
    }
    Ok(Outcome::Done)
}

/// Writes the page of a command and those below it; how many.
fn write(command: &clap::Command, dir: &Path) -> std::io::Result<u64> {
    std::fs::create_dir_all(dir)?;
    clap_mangen::Man::new(command.clone()).generate_to(dir)?;
    let mut pages = 1;
    for child in command.get_subcommands().filter(|child| !child.is_hide_set()) {
        pages += write(child, dir)?;
    }
    Ok(pages)
}
