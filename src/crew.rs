//! Work that is shared out: each piece goes to the next thread, and comes back in the order it was given.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, Scope, ScopedJoinHandle};

use crate::error::Error;

/// Pieces a worker may have before it: one in hand, one to go on with.
const AHEAD: usize = 2;
/// More threads than this have nothing to do: what hands out and collects is one.
const MOST: usize = 4;

/// How many workers this machine has room for.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(MOST)
}

/// As many workers as that keeps busy, if there is room for them. Where none is wanted the system is not asked, which reads files.
pub(crate) fn wanted(busy: u64) -> usize {
    if busy == 0 { 0 } else { busy.min(workers() as u64) as usize }
}

/// Does the same work on as many threads as there is room for, this one among them; the first error, once all have ended.
pub(crate) fn all_hands<Work>(work: Work) -> Result<(), Error>
where
    Work: Fn() -> Result<(), Error> + Sync,
{
    std::thread::scope(|scope| {
        let others = (1..workers()).map(|_| hire(scope, &work)).collect::<Result<Vec<_>, _>>()?;
        let join = |other: ScopedJoinHandle<'_, _>| other.join().unwrap_or_else(|panic| resume_unwind(panic));
        others.into_iter().map(join).fold(work(), Result::and)
    })
}

fn hire<'s, T: Send + 's>(
    scope: &'s Scope<'s, '_>,
    work: impl FnOnce() -> T + Send + 's,
) -> Result<ScopedJoinHandle<'s, T>, Error> {
    let started = Builder::new().name("worker".to_owned()).spawn_scoped(scope, work);
    started.map_err(|e| Error::usage("cannot start a thread").caused_by(e))
}

/// Makes a `Done` of each `Task`.
pub(crate) struct Crew<'w, Task, Done> {
    hands: Hands<'w, Task, Done>,
    given: usize,
    taken: usize,
}

enum Hands<'w, Task, Done> {
    /// The caller's own, and what they have done.
    Own(Box<dyn FnMut(Task) -> Done + 'w>, VecDeque<Done>),
    /// Threads. They end when this is dropped.
    Others(Vec<(Sender<Task>, Receiver<Done>)>),
}

impl<'w, Task: Send, Done: Send> Crew<'w, Task, Done> {
    /// The caller alone: what is given is done at once. For less work than a thread takes to start.
    pub(crate) fn alone(work: impl FnMut(Task) -> Done + 'w) -> Self {
        Self { hands: Hands::Own(Box::new(work), VecDeque::new()), given: 0, taken: 0 }
    }

    /// A thread for each of `workers`; an error if the system has none left.
    pub(crate) fn start<'s, Work>(
        scope: &'s Scope<'s, '_>,
        workers: impl IntoIterator<Item = Work>,
    ) -> Result<Self, Error>
    where
        Task: 's,
        Done: 's,
        Work: FnMut(Task) -> Done + Send + 's,
    {
        let lines = workers.into_iter().map(|mut work| {
            let (tasks, to_do) = channel();
            let (done, results) = channel();
            let run = move || {
                // Nobody listens any more when the command has ended.
                while let Ok(task) = to_do.recv() {
                    if done.send(work(task)).is_err() {
                        return;
                    }
                }
            };
            hire(scope, run)?;
            Ok((tasks, results))
        });
        Ok(Self { hands: Hands::Others(lines.collect::<Result<_, Error>>()?), given: 0, taken: 0 })
    }

    /// Hands out a piece.
    pub(crate) fn give(&mut self, task: Task) {
        match &mut self.hands {
            Hands::Own(work, done) => done.push_back(work(task)),
            Hands::Others(lines) => {
                let (tasks, _) = &lines[self.given % lines.len()];
                // A worker that is gone has panicked, which the end of its scope tells.
                let _ = tasks.send(task);
            }
        }
        self.given += 1;
    }

    /// What became of the oldest piece; waits for it. `None` if nothing is under way.
    pub(crate) fn take(&mut self) -> Option<Done> {
        if self.is_idle() {
            return None;
        }
        let at = self.taken;
        self.taken += 1;
        match &mut self.hands {
            Hands::Own(_, done) => done.pop_front(),
            Hands::Others(lines) => lines[at % lines.len()].1.recv().ok(),
        }
    }

    /// Whether nothing is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.given == self.taken
    }

    /// Whether a piece more keeps somebody busy.
    pub(crate) fn has_room(&self) -> bool {
        let hands = match &self.hands {
            Hands::Own(..) => 1,
            Hands::Others(lines) => lines.len(),
        };
        self.given - self.taken < AHEAD * hands
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn results_come_in_the_order_of_their_tasks_whoever_is_slow() {
        std::thread::scope(|scope| {
            let worker = |slow: u64| {
                move |n: u64| {
                    std::thread::sleep(Duration::from_micros(slow));
                    n * 2
                }
            };
            let others = Crew::start(scope, [worker(0), worker(700), worker(50)]).unwrap();
            for mut crew in [Crew::alone(worker(0)), others] {
                let mut results = Vec::new();
                for n in 0..100 {
                    while !crew.has_room() {
                        results.extend(crew.take());
                    }
                    crew.give(n);
                }
                while let Some(result) = crew.take() {
                    results.push(result);
                }
                assert_eq!(results, (0..100).map(|n| n * 2).collect::<Vec<_>>());
                assert!(crew.is_idle() && crew.take().is_none());
            }
        });
    }

    #[test]
    fn where_nobody_is_kept_busy_nobody_is_wanted() {
        assert_eq!((wanted(0), wanted(1), wanted(u64::MAX)), (0, 1, workers()));
    }
}
