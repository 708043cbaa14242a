import { Control, Problem } from "./layout";
import { stepInBatch, visitPair } from "./sdca";

// An epoch by several threads on one memory, with the bits of visitRows. Each thread has some shards of the features for
// its own and is the only one that reads and writes their weights: so weights stay in the caches of its processor. In each
// batch
//
//   score    each thread scores all rows for its shards;
//   step     thread 0 takes the steps in order, each as soon as all shards of the row are scored;
//   update   each thread adds the updates of all rows to its shards in order, each as soon as its step is taken.
//
// Nobody waits for anything else. A thread may be scoring a batch while another still updates from the one before, so
// `scores`, `changes` and `marks` have room for two. No thread can be two batches ahead: its last steps would not have been
// taken. Counters only grow. Whoever waits spins for some microseconds, then sleeps.

const SPINS: u32 = 20_000;
/** Nanoseconds of a sleep after which the counter is looked at again. */
const SLEEP: i64 = 50_000_000;

/**
 * Visits the next batch of the rows order[0] … order[end − 1] together with the other threads, which must do the same.
 * Returns whether there may be more; if not, the record's `place` says how far the threads have come: `end`, or the end of
 * a batch during which `Control.stop` was found set. Before an epoch the host sets `place` of all records, `ready` and all
 * counters to 0, and `opened` to 2. A call a batch lets the engine go over to optimised code in the middle of an epoch.
 */
export function visitTogether(problem: usize, order: usize, end: u32, thread: u32): bool {
  const batchSize = load<u32>(problem, Problem.batchSize);
  const control = <usize>load<u32>(problem, Problem.control);
  const start = load<u32>(problem, Problem.place);
  if (start >= end) return false;
  // Twice the place before which batches may begin, plus 1 when it stays there.
  if (waitFor(control, control + Control.opened, 2 * start + 1) == 2 * start + 1) return false;
  const stop = min(start + batchSize, end);
  const batch = start / batchSize;
  const firstSlot = <usize>(batch & 1) * <usize>batchSize;
  const rows = order + ((<usize>start) << 2);
  const size = <usize>(stop - start);
  if (thread == 0) {
    const isLast = atomic.load<u32>(control + Control.stop) != 0;
    atomic.store<u32>(control + Control.opened, 2 * stop + (isLast ? 1 : 2));
    wake(control, control + Control.opened);
    scoreAndStep(problem, control, rows, size, firstSlot, batch);
  } else {
    for (let i: usize = 0; i < size; i += 2) score(problem, control, rows, i, size, firstSlot);
  }
  for (let i: usize = 0; i < size; i += 2) {
    if (thread != 0) waitFor(control, control + Control.stepped, start + <u32>min(i + 2, size));
    visitPair(problem, rows, i, size, firstSlot, true);
  }
  store<u32>(problem, stop, Problem.place);
  return true;
}

/** Where it is counted how many threads have ever scored the row in a slot. */
function readyAt(problem: usize, slot: usize): usize {
  return <usize>load<u32>(problem, Problem.ready) + (slot << 2);
}

function score(problem: usize, control: usize, rows: usize, i: usize, size: usize, firstSlot: usize): void {
  visitPair(problem, rows, i, size, firstSlot, false);
  add(control, readyAt(problem, firstSlot + i), 1);
  if (i + 1 < size) add(control, readyAt(problem, firstSlot + i + 1), 1);
}

function scoreAndStep(
  problem: usize,
  control: usize,
  rows: usize,
  size: usize,
  firstSlot: usize,
  batch: u32,
): void {
  // Every slot has been scored by each thread once in every second batch.
  const all = load<u32>(problem, Problem.threads) * ((batch >> 1) + 1);
  let next: usize = 0;
  for (let i: usize = 0; i < size; i += 2) {
    score(problem, control, rows, i, size, firstSlot);
    while (next < min(i + 2, size) && atomic.load<u32>(readyAt(problem, firstSlot + next)) >= all) {
      step(problem, control, rows, next++, firstSlot);
    }
  }
  for (; next < size; next++) {
    waitFor(control, readyAt(problem, firstSlot + next), all);
    step(problem, control, rows, next, firstSlot);
  }
}

function step(problem: usize, control: usize, rows: usize, i: usize, firstSlot: usize): void {
  stepInBatch(problem, load<u32>(rows + (i << 2)), firstSlot + i);
  add(control, control + Control.stepped, 1);
}

/** Adds to a counter and wakes who sleeps on it. */
function add(control: usize, counter: usize, count: u32): void {
  atomic.add<u32>(counter, count);
  wake(control, counter);
}

function wake(control: usize, counter: usize): void {
  if (atomic.load<u32>(control + Control.sleepers) != 0) atomic.notify(counter, -1);
}

/** Waits until a counter has reached a value; returns what it is then. */
function waitFor(control: usize, counter: usize, value: u32): u32 {
  let spins: u32 = 0;
  while (true) {
    const seen = atomic.load<u32>(counter);
    if (seen >= value) return seen;
    if (++spins < SPINS) continue;
    // Whoever changes it either sees a sleeper here or is seen by the wait itself.
    atomic.add<u32>(control + Control.sleepers, 1);
    atomic.wait<i32>(counter, <i32>seen, SLEEP);
    atomic.sub<u32>(control + Control.sleepers, 1);
  }
}
