import { denseSquares } from "./dense";
import { ABSENT, OWN } from "./folding";
import { Problem } from "./layout";
import { sumOfSquares } from "./vector-math";

// Columns that need no weights of their own while a problem is solved; what that changes stands in folding.ts.
//
//   own     features that one row alone holds
//   shared  features with the same values in the same rows: one line of weights for all of them
//
//   lineOf  u32[featureCount]   the feature's line, OWN or more, or ABSENT where no row has it. Lines are numbered in order of
//                               their first features, the shared ones after the others

const FACTOR: u64 = 0x9e3779b97f4a7c15;

// Which columns those are is found by a hash of their entries: hashColumns for all rows, then planFolding for all features,
// then numberFolded, each in as many calls as the caller likes. What has the same hash need not be the same: foldRows sees whether
// it is. Another salt gives other hashes.
//
//   scratch  all 0 to begin with
//
//     records  [featureCount][16 bytes]   hash of the feature's column u64, rows it is in u32, features that follow it u32
//     buckets  u32[power of two, at least 2 featureCount]

const ROWS_WITH: usize = 8;
const FOLLOWERS: usize = 12;

/** Adds the entries of rows first … end − 1 to the hash of every column, and to the number of rows it is in. */
export function hashColumns(problem: usize, salt: u32, scratch: usize, first: u32, end: u32): void {
  const indptr = <usize>load<u32>(problem, Problem.indptr);
  const indices = <usize>load<u32>(problem, Problem.indices);
  const values = <usize>load<u32>(problem, Problem.values);
  for (let row = first; row < end; row++) {
    const stop = (<usize>load<u32>(indptr + ((<usize>row) << 2), 4)) << 2;
    const mixedRow = (((<u64>row + 1) << 32) | <u64>salt) * FACTOR;
    for (let k = (<usize>load<u32>(indptr + ((<usize>row) << 2))) << 2; k < stop; k += 4) {
      const record = scratch + ((<usize>load<u32>(indices + k)) << 4);
      const mixed = (load<u64>(record) ^ mixedRow ^ <u64>load<u32>(values + k)) * FACTOR;
      store<u64>(record, mixed ^ (mixed >> 29));
      store<u32>(record, load<u32>(record, ROWS_WITH) + 1, ROWS_WITH);
    }
  }
}

/**
 * Gives features first … end − 1 a leader, the first feature with the same column, in `lineOf`, and adds to the record's
 * counts of lines, of own features and, in place of `firstShared`, of shared lines, which are `denseCount`, 0 and 0 at the
 * start.
 */
export function planFolding(problem: usize, scratch: usize, bucketCount: u32, first: u32, end: u32): void {
  const lineOf = <usize>load<u32>(problem, Problem.lineOf);
  const buckets = scratch + ((<usize>load<u32>(problem, Problem.featureCount)) << 4);
  const mask = bucketCount - 1;
  let lineCount = load<u32>(problem, Problem.lineCount);
  let sharedCount = load<u32>(problem, Problem.firstShared);
  let ownCount = load<u32>(problem, Problem.ownCount);
  for (let feature = first; feature < end; feature++) {
    const line = lineOf + ((<usize>feature) << 2);
    const record = scratch + ((<usize>feature) << 4);
    const rows = load<u32>(record, ROWS_WITH);
    if (rows <= 1) {
      store<u32>(line, rows == 0 ? ABSENT : OWN);
      ownCount += rows;
      continue;
    }
    const hash = load<u64>(record);
    let bucket = <u32>(hash >> 32) & mask;
    let leader: u32;
    let itsRecord: usize = 0;
    for (;;) {
      leader = load<u32>(buckets + ((<usize>bucket) << 2));
      if (leader == 0) break;
      itsRecord = scratch + ((<usize>(leader - 1)) << 4);
      if (load<u64>(itsRecord) == hash && load<u32>(itsRecord, ROWS_WITH) == rows) break;
      bucket = (bucket + 1) & mask;
    }
    if (leader == 0) {
      store<u32>(buckets + ((<usize>bucket) << 2), feature + 1);
      store<u32>(line, feature);
      lineCount++;
    } else {
      store<u32>(line, leader - 1);
      const before = load<u32>(itsRecord, FOLLOWERS);
      store<u32>(itsRecord, before + 1, FOLLOWERS);
      sharedCount += <u32>(before == 0);
    }
  }
  store<u32>(problem, lineCount, Problem.lineCount);
  store<u32>(problem, sharedCount, Problem.firstShared);
  store<u32>(problem, ownCount, Problem.ownCount);
}

/**
 * Gives features first … end − 1 that have a leader the leader's line: to those alone in the order of features, then to those that
 * share one, from `firstShared` on. How many features share each goes to the front of `scratch`, f32; how many entries they have is
 * added to `sharedEntries`. `state`, u32[2]: the next line of those alone, and the shared lines so far.
 */
export function numberFolded(problem: usize, scratch: usize, state: usize, first: u32, end: u32): void {
  const lineOf = <usize>load<u32>(problem, Problem.lineOf);
  const firstShared = load<u32>(problem, Problem.firstShared);
  let entries = load<u32>(problem, Problem.sharedEntries);
  let plain = load<u32>(state);
  let shared = load<u32>(state, 4);
  for (let feature = first; feature < end; feature++) {
    const line = lineOf + ((<usize>feature) << 2);
    const leader = load<u32>(line);
    if (leader >= OWN) continue;
    const record = scratch + ((<usize>feature) << 4);
    const others = load<u32>(record, FOLLOWERS);
    if (leader != feature) {
      // A leader stands before its followers, and has its line by the time that they ask for it.
      store<u32>(line, load<u32>(lineOf + ((<usize>leader) << 2)));
    } else if (others == 0) {
      store<u32>(line, plain++);
    } else {
      entries += load<u32>(record, ROWS_WITH);
      // Over records that are read no more.
      store<f32>(scratch + ((<usize>shared) << 2), <f32>(others + 1));
      store<u32>(line, firstShared + shared++);
    }
  }
  store<u32>(problem, entries, Problem.sharedEntries);
  store<u32>(state, plain);
  store<u32>(state, shared, 4);
}

/**
 * Folds rows first … end − 1 in place, after those before them: what is left of them moves to the front of `indices` and
 * `values`, with lines in place of features and the entries on shared lines last in each row, which `sharedAt` tells; own
 * entries go to `ownValues`, their positions there to `lineOf`, and |x|² to `norms` and `ownNorms`, summed in f64. Returns false where
 * features on one line are not the same: the rows are lost then.
 *
 *   positions  u32[lineCount − firstShared]   scratch, all 0 before the first rows
 *   waiting    u32[1 + entries of the longest row][2]   scratch; the first pair goes from call to call: where the entries
 *              begin that are not folded yet, and how many have gone to shared lines. 0 before the first rows
 */
export function foldRows(problem: usize, positions: usize, waiting: usize, first: u32, end: u32): bool {
  const state = waiting;
  waiting += 8;
  const firstShared = load<u32>(problem, Problem.firstShared);
  const lineOf = <usize>load<u32>(problem, Problem.lineOf);
  const indptr = <usize>load<u32>(problem, Problem.indptr);
  const sharedAt = <usize>load<u32>(problem, Problem.sharedAt);
  const indices = <usize>load<u32>(problem, Problem.indices);
  const values = <usize>load<u32>(problem, Problem.values);
  const ownIndptr = <usize>load<u32>(problem, Problem.ownIndptr);
  const ownValues = <usize>load<u32>(problem, Problem.ownValues);
  const norms = <usize>load<u32>(problem, Problem.norms);
  const ownNorms = <usize>load<u32>(problem, Problem.ownNorms);
  const biasSquare = <f64>load<u32>(problem, Problem.hasBias);
  let to = (<usize>load<u32>(indptr + ((<usize>first) << 2))) << 2;
  let own = (<usize>load<u32>(ownIndptr + ((<usize>first) << 2))) << 2;
  let k = (<usize>load<u32>(state)) << 2;
  let shared = load<u32>(state, 4);
  for (let row = (<usize>first) << 2; row < (<usize>end) << 2; row += 4) {
    // Positions of entries that wait are counted from 1 over all rows, so those of earlier rows are too small.
    const before = shared;
    const stop = (<usize>load<u32>(indptr + row, 4)) << 2;
    let norm = biasSquare + denseSquares(problem, <u32>(row >> 2));
    let ownNorm: f64 = 0;
    for (; k < stop; k += 4) {
      const feature = load<u32>(indices + k);
      const value = load<f32>(values + k);
      const square = <f64>value * <f64>value;
      norm += square;
      const lineAt = lineOf + ((<usize>feature) << 2);
      const line = load<u32>(lineAt);
      if (line < firstShared) {
        store<u32>(indices + to, line);
        store<f32>(values + to, value);
        to += 4;
      } else if (line == OWN) {
        store<u32>(lineAt, OWN + <u32>(own >> 2));
        store<f32>(ownValues + own, value);
        own += 4;
        ownNorm += square;
      } else {
        const at = positions + ((<usize>(line - firstShared)) << 2);
        const position = load<u32>(at);
        if (position > before) {
          if (load<f32>(waiting + ((<usize>(position - before - 1)) << 3), 4) != value) return false;
        } else {
          const slot = waiting + ((<usize>(shared - before)) << 3);
          store<u32>(slot, line);
          store<f32>(slot, value, 4);
          shared++;
          store<u32>(at, shared);
        }
      }
    }
    store<f32>(norms + row, <f32>norm);
    store<f32>(ownNorms + row, <f32>ownNorm);
    store<u32>(sharedAt + row, <u32>(to >> 2));
    for (let i: usize = 0; i < (<usize>(shared - before)) << 3; i += 8) {
      store<u32>(indices + to, load<u32>(waiting + i));
      store<f32>(values + to, load<f32>(waiting + i, 4));
      to += 4;
    }
    store<u32>(indptr + row, <u32>(to >> 2), 4);
    store<u32>(ownIndptr + row, <u32>(own >> 2), 4);
  }
  store<u32>(state, <u32>(k >> 2));
  store<u32>(state, shared, 4);
  // The features of a line are in equally many rows: in more than those together only where they are not the same ones.
  return end < load<u32>(problem, Problem.rowCount) || shared == load<u32>(problem, Problem.sharedEntries);
}

// Rows whose columns are not folded:

/** Numbers features first … end − 1 that are not ABSENT, from `line` on; returns the next number. */
export function numberLines(lineOf: usize, first: u32, end: u32, line: u32): u32 {
  for (let at = lineOf + ((<usize>first) << 2); at < lineOf + ((<usize>end) << 2); at += 4)
    if (load<u32>(at) != ABSENT) store<u32>(at, line++);
  return line;
}

/** Puts lines in place of features in entries first … end − 1 of all rows. */
export function setLines(problem: usize, first: u32, end: u32): void {
  const lineOf = <usize>load<u32>(problem, Problem.lineOf);
  const indices = <usize>load<u32>(problem, Problem.indices);
  for (let at = indices + ((<usize>first) << 2); at < indices + ((<usize>end) << 2); at += 4)
    store<u32>(at, load<u32>(lineOf + ((<usize>load<u32>(at)) << 2)));
}

/** `sharedAt` and `norms` of rows first … end − 1, of which no line is shared. */
export function measureNorms(problem: usize, first: u32, end: u32): void {
  const indptr = <usize>load<u32>(problem, Problem.indptr);
  const values = <usize>load<u32>(problem, Problem.values);
  const sharedAt = <usize>load<u32>(problem, Problem.sharedAt);
  const norms = <usize>load<u32>(problem, Problem.norms);
  const biasSquare = <f64>load<u32>(problem, Problem.hasBias);
  for (let row = first; row < end; row++) {
    const at = (<usize>row) << 2;
    const from = load<u32>(indptr + at);
    const stop = load<u32>(indptr + at, 4);
    store<u32>(sharedAt + at, stop);
    const norm =
      biasSquare + denseSquares(problem, row) + sumOfSquares(values + ((<usize>from) << 2), stop - from);
    store<f32>(norms + at, <f32>norm);
  }
}
