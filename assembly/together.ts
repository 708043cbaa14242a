import { Control, Problem } from "./layout";
import { fetchRows, stepInBatch, visitPair } from "./sdca";

// An epoch by several threads on one memory, with the bits of visitRows. Each thread has some shards of the features for
// its own and is the only one that reads and writes their weights: so weights stay in the caches of its processor. In each
// batch
//
//   score    each thread scores all rows for its shards;
//   step     thread 0 takes the steps in order, those of two rows as soon as all shards of both are scored;
//   fetch    each thread asks memory for its entries of the next batch's rows, when it would else wait for the steps;
//   update   each thread adds the updates of all rows to its shards in order, those of two rows as soon as their steps are
//            taken.
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
  }
  // Every slot has been scored by each thread once in every second batch.
  const all = load<u32>(problem, Problem.threads) * ((batch >> 1) + 1);
  const ready = <usize>load<u32>(problem, Problem.ready) + (firstSlot << 2);
  let stepped: usize = 0;
  for (let i: usize = 0; i < size; i += 2) {
    visitPair(problem, rows, i, size, firstSlot, false);
    add(control, ready + (i << 2), 1);
    if (thread != 0) continue;
    while (stepped <= i && atomic.load<u32>(ready + (stepped << 2)) >= all) {
      stepped = stepPair(problem, control, rows, stepped, size, firstSlot);
    }
  }
  if (thread == 0) {
    while (stepped < size) {
      waitFor(control, ready + (stepped << 2), all);
      stepped = stepPair(problem, control, rows, stepped, size, firstSlot);
    }
  }
  fetchRows(problem, rows + (size << 2), order + ((<usize>min(stop + batchSize, end)) << 2));
  for (let i: usize = 0; i < size; i += 2) {
    if (thread != 0) waitFor(control, control + Control.stepped, start + <u32>min(i + 2, size));
    visitPair(problem, rows, i, size, firstSlot, true);
  }
  store<u32>(problem, stop, Problem.place);
  return true;
}

/** Takes the steps of the i-th row of a batch and the next, where there is one; returns which comes after them. */
function stepPair(
  problem: usize,
  control: usize,
  rows: usize,
  i: usize,
  size: usize,
  firstSlot: usize,
): usize {
  const end = min(i + 2, size);
  for (let at = i; at < end; at++) stepInBatch(problem, load<u32>(rows + (at << 2)), firstSlot + at);
  add(control, control + Control.stepped, <u32>(end - i));
  return end;
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
