//! Where the records come from: fixtures, a story, a file (each can be read twice), or stdin (blocks).

use std::fs::File;
use std::path::Path;

use super::PublishArgs;
use super::draft::Source;
use super::file::FileLines;
use super::generate::Generated;
use super::lines::{Block, LineFormat, nothing, unreadable};
use super::stdin::{Blocks, Stdin};
use crate::commands::Ctx;
use crate::config::Settings;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::model::catalogue::Catalogue;

/// What is to be published.
pub(super) enum Input {
    /// Checked whole before the first byte is sent.
    Whole(Box<dyn Source>),
    /// Checked and sent block by block; the first block has been read, so that nothing is asked of a broker for
    /// input that is bad from the start.
    Stream(Block, Blocks),
}

/// Chooses the source the arguments name.
pub(super) fn open(
    args: &PublishArgs,
    ctx: &Ctx,
    settings: &Settings,
    catalogue: &Catalogue,
) -> Result<Input, Error> {
    let dash = args.events.iter().any(|e| e == "-") || args.file.as_deref() == Some(Path::new("-"));
    let named: Vec<&String> = args.events.iter().filter(|e| *e != "-").collect();
    if args.story.is_none() && args.file.is_none() && !dash && named.is_empty() {
        return Err(Error::usage("nothing to publish is named").hint(
            "name an event (`rdvctl catalogue list`), `--story NAME`, `--file FILE` or `-` for stdin",
        ));
    }
    if args.file.is_none() && !dash {
        let set = crate::catalogue_files::fixtures(settings.catalogue(), catalogue)?;
        let events = named.into_iter().cloned().collect();
        return Ok(Input::Whole(Box::new(Generated::open(args, events, set, &ctx.env)?)));
    }
    let unusable = [
        ("--fixture", args.fixture.is_some()),
        ("--count", args.count > 1),
        ("--set", !args.set.is_empty() || !args.set_json.is_empty()),
        ("--seed", args.seed.is_some()),
    ];
    if let Some((flag, _)) = unusable.iter().find(|(_, given)| *given) {
        return Err(Error::usage(format!(
            "`{flag}` goes with fixtures, not with records from a file or stdin"
        )));
    }
    let event = match named.as_slice() {
        [] => None,
        [name] => Some(catalogue.require(name)?.clone()),
        _ => return Err(Error::usage("bare payloads are of one event: name one, or none for records")),
    };
    let lines = LineFormat::new(event, args.topic.clone());
    match &args.file {
        Some(path) if !dash => {
            let meta = std::fs::metadata(path).map_err(|e| unreadable(path, e))?;
            if meta.is_file() {
                return Ok(Input::Whole(Box::new(FileLines::open(path, lines)?)));
            }
            let file = File::open(path).map_err(|e| unreadable(path, e))?;
            stream(Stdin::read(Box::new(file), path.display().to_string())?, lines, &ctx.interrupt)
        }
        _ => stream(Stdin::read(Box::new(std::io::stdin()), "stdin".to_owned())?, lines, &ctx.interrupt),
    }
}

fn stream(stdin: Stdin, lines: LineFormat, interrupt: &Interrupt) -> Result<Input, Error> {
    let mut blocks = Blocks::new(stdin, lines);
    match blocks.next(interrupt)? {
        Some(first) => Ok(Input::Stream(first, blocks)),
        None => interrupt.check().and(Err(nothing())),
    }
}
