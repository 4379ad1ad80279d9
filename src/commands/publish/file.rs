//! The lines of a regular file, read twice: once to check, once to send.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::Overrides;
use super::check::{Checks, Findings};
use super::draft::{Source, Take};
use super::lines::{Block, CHUNK, Chunk, Chunks, LineFormat, nothing, unreadable};
use crate::crew;
use crate::error::Error;

/// A file of lines.
pub(super) struct FileLines {
    path: PathBuf,
    name: Arc<str>,
    lines: Arc<LineFormat>,
    seen: (u64, Option<SystemTime>),
    /// Whether all lines are tight: a guess until they have been examined.
    tight: bool,
}

impl FileLines {
    /// Opens a regular file; an empty one is an error.
    pub(super) fn open(path: &Path, lines: LineFormat) -> Result<Self, Error> {
        let name: Arc<str> = path.display().to_string().into();
        let file = File::open(path).map_err(|e| unreadable(path, e))?;
        let seen = state(&file).map_err(|e| unreadable(path, e))?;
        if seen.0 == 0 {
            return Err(nothing().caused_by(format!("`{name}` is empty")));
        }
        Ok(Self { path: path.to_owned(), name, lines: Arc::new(lines), seen, tight: true })
    }

    /// Its lines from the start; an error if it is not as it was.
    fn blocks(&self) -> Result<Blocks<'_>, Error> {
        let file = File::open(&self.path).map_err(|e| unreadable(&self.path, e))?;
        if state(&file).map_err(|e| unreadable(&self.path, e))? != self.seen {
            return Err(Error::input(format!("`{}` changed while it was read", self.name)));
        }
        Ok(Blocks { of: self, chunks: Chunks::new(file, CHUNK), next_line: 1, handed_out: 0 })
    }
}

fn state(file: &File) -> std::io::Result<(u64, Option<SystemTime>)> {
    let meta = file.metadata()?;
    Ok((meta.len(), meta.modified().ok()))
}

/// A reading under way.
struct Blocks<'f> {
    of: &'f FileLines,
    chunks: Chunks<File>,
    next_line: u64,
    handed_out: u64,
}

impl Blocks<'_> {
    /// The next block with its number, for who takes the blocks out of order.
    fn numbered(&mut self, spent: Chunk) -> Result<Option<(u64, Block)>, Error> {
        let block = self.next(spent)?;
        self.next_line += block.as_ref().map_or(0, Block::count);
        self.handed_out += u64::from(block.is_some());
        Ok(block.map(|block| (self.handed_out - 1, block)))
    }

    fn next(&mut self, spent: Chunk) -> Result<Option<Block>, Error> {
        let Some(chunk) = self.chunks.next(spent).map_err(|e| unreadable(&self.of.path, e))? else {
            return Ok(None);
        };
        let (name, lines) = (Arc::clone(&self.of.name), Arc::clone(&self.of.lines));
        Ok(Some(Block { chunk, first_line: self.next_line, name, lines, tight: self.of.tight }))
    }
}

impl Source for FileLines {
    fn each(&mut self, take: &mut Take<'_>) -> Result<bool, Error> {
        let mut blocks = self.blocks()?;
        // The producer may keep a chunk for a while.
        let mut chunks: Vec<Chunk> = Vec::new();
        loop {
            let free = chunks.iter().position(Chunk::is_free);
            let spent = free.map(|at| chunks.swap_remove(at)).unwrap_or_default();
            let Some(block) = blocks.next(spent)? else { return Ok(true) };
            let Some(next_line) = block.take(take)? else { return Ok(false) };
            blocks.next_line = next_line;
            chunks.push(block.chunk);
        }
    }

    fn examine(&mut self, checks: &Checks<'_>, overrides: &Overrides) -> Result<Findings, Error> {
        let findings = if self.seen.0 <= CHUNK as u64 {
            checks.look_at(self, overrides)?
        } else {
            self.examine_together(checks, overrides)?
        };
        self.tight = !findings.plan.loose;
        Ok(findings)
    }
}

impl FileLines {
    /// By several threads: sending waits for this. Each reads what it looks at, so that its core has it at hand.
    fn examine_together(&self, checks: &Checks<'_>, overrides: &Overrides) -> Result<Findings, Error> {
        let (blocks, found) = (Mutex::new(self.blocks()?), Mutex::new(Found::default()));
        crew::all_hands(|| {
            let mut spent = Chunk::default();
            // The lock is given back before the block is looked at.
            let next = |spent| locked(&blocks).numbered(spent);
            while let Some((number, mut block)) = next(spent)? {
                let findings = checks.look_at(&mut block, overrides)?;
                locked(&found).add(number, findings);
                spent = block.chunk;
            }
            Ok(())
        })?;
        Ok(found.into_inner().unwrap_or_else(PoisonError::into_inner).all)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was found in the blocks, in their order.
#[derive(Default)]
struct Found {
    all: Findings,
    /// The number of the next block.
    next: u64,
    /// Those of later blocks.
    early: BTreeMap<u64, Findings>,
}

impl Found {
    fn add(&mut self, number: u64, findings: Findings) {
        self.early.insert(number, findings);
        while let Some(findings) = self.early.remove(&self.next) {
            self.all.join(findings);
            self.next += 1;
        }
    }
}
