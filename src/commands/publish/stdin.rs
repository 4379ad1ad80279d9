//! stdin in bounded blocks: a block is checked whole, then sent, then the next is read.

use std::io::Read;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use super::lines::{Block, CHUNK, Chunk, Chunks, LineFormat};
use crate::error::Error;
use crate::interrupt::Interrupt;

/// A block is sent when it has this many bytes …
const BLOCK_BYTES: usize = 4 * 1024 * 1024;
/// … or is this old: records that trickle in are not kept waiting.
const BLOCK_AGE: Duration = Duration::from_millis(250);

/// Whole lines, as they come; read on a thread of its own, so that Ctrl-C and a block's age need no input.
pub(super) struct Stdin {
    name: Arc<str>,
    chunks: Receiver<std::io::Result<Chunk>>,
}

impl Stdin {
    /// Starts to read `input`.
    pub(super) fn read(input: Box<dyn Read + Send>, name: String) -> Result<Self, Error> {
        let (sender, chunks) = sync_channel(2);
        std::thread::Builder::new()
            .name("stdin".to_owned())
            .spawn(move || pump(input, &sender))
            .map_err(|e| Error::usage("cannot start the thread that reads stdin").caused_by(e))?;
        Ok(Self { name: name.into(), chunks })
    }
}

fn pump(input: Box<dyn Read + Send>, sender: &SyncSender<std::io::Result<Chunk>>) {
    let mut chunks = Chunks::new(input, CHUNK);
    while let Some(chunk) = chunks.next(Chunk::default()).transpose() {
        let failed = chunk.is_err();
        // Nobody listens any more when the command has ended.
        if sender.send(chunk).is_err() || failed {
            return;
        }
    }
}

/// The blocks of a stream of lines.
pub(super) struct Blocks {
    stdin: Stdin,
    lines: Arc<LineFormat>,
    next_line: u64,
    ended: bool,
}

impl Blocks {
    /// Blocks of `stdin`, whose lines are in `lines` format.
    pub(super) fn new(stdin: Stdin, lines: LineFormat) -> Self {
        Self { stdin, lines: Arc::new(lines), next_line: 1, ended: false }
    }

    /// The next block; `None` at the end of the input or when interrupted.
    pub(super) fn next(&mut self, interrupt: &Interrupt) -> Result<Option<Block>, Error> {
        let mut bytes: Vec<u8> = Vec::new();
        let mut age: Option<Instant> = None;
        while !self.ended && bytes.len() < BLOCK_BYTES && age.is_none_or(|born| born.elapsed() < BLOCK_AGE) {
            match self.stdin.chunks.recv_timeout(Duration::from_millis(50)) {
                Ok(Ok(chunk)) => {
                    age.get_or_insert_with(Instant::now);
                    bytes.extend_from_slice(chunk.bytes());
                }
                Ok(Err(cause)) => {
                    return Err(Error::input(format!("cannot read {}", self.stdin.name)).caused_by(cause));
                }
                Err(RecvTimeoutError::Timeout) if interrupt.is_set() => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => self.ended = true,
            }
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        let (name, lines) = (Arc::clone(&self.stdin.name), Arc::clone(&self.lines));
        let block = Block { chunk: bytes.into(), first_line: self.next_line, name, lines, tight: true };
        self.next_line += block.count();
        Ok(Some(block))
    }
}

#[cfg(test)]
mod tests {
    use super::super::draft::Source as _;
    use super::*;

    fn blocks(input: &'static [u8]) -> Blocks {
        let stdin = Stdin::read(Box::new(input), "stdin".to_owned()).unwrap();
        Blocks::new(stdin, LineFormat::new(None, Some("t".to_owned())))
    }

    #[test]
    fn lines_are_numbered_and_the_last_needs_no_line_end() {
        let mut blocks = blocks(b"{\"value\":null}\n\n{\"value\":nul");
        let mut seen = Vec::new();
        let mut block = blocks.next(&Interrupt::default()).unwrap().unwrap();
        block
            .each(&mut |draft| {
                seen.push((draft.origin.to_string(), draft.record.is_ok()));
                Ok(true)
            })
            .unwrap();
        assert_eq!(seen, [("stdin:1".to_owned(), true), ("stdin:3".to_owned(), false)]);
        assert!(blocks.next(&Interrupt::default()).unwrap().is_none());
    }
}
