import { Visits } from "./layout";

// Which rows an epoch visits, how often and in which order: src/train/schedule.ts says by what rule. It is done here because a short
// training ends before an engine has compiled such loops of JavaScript. All take the address of the record `Visits`; first and end
// are of places or of visits.

/** Visits in an epoch of a row with the root mean square residual. */
const MEAN_RATE: f64 = 0.5;
/** A row that seems converged is still looked at in one epoch of eight. */
const LEAST_RATE: f64 = 1.0 / 8.0;
/** Most visits of a row in an epoch. */
const MOST_VISITS: f64 = 32;
/** (√5 − 1) / 2: multiples of it spread evenly over 0 … 1, whatever their number. */
const GOLDEN_RATIO: f64 = 0.6180339887498949;

function rowAt(rows: usize, place: u32): u32 {
  return rows == 0 ? place : load<u32>(rows + ((<usize>place) << 2));
}

/** One visit of each row is due, and a part of the next. */
export function startVisits(record: usize): void {
  const due = <usize>load<u32>(record, Visits.due);
  const count = load<u32>(record, Visits.count);
  for (let i: u32 = 0; i < count; i++) {
    const part = <f64>i * GOLDEN_RATIO;
    store<f64>(due + ((<usize>i) << 3), 1 + (part - floor(part)));
  }
}

/** Lists each row once, in the order of `rows`. */
export function listRows(record: usize, first: u32, end: u32): void {
  const due = <usize>load<u32>(record, Visits.due);
  const rows = <usize>load<u32>(record, Visits.rows);
  const order = <usize>load<u32>(record, Visits.order);
  for (let i = first; i < end; i++) {
    const at = due + ((<usize>i) << 3);
    store<u32>(order + ((<usize>i) << 2), rowAt(rows, i));
    store<f64>(at, max<f64>(0, load<f64>(at) - 1));
  }
}

/** Puts those rows in random order: the first places, then the next. */
export function shuffleRows(record: usize, first: u32, end: u32): void {
  const count = load<u32>(record, Visits.count);
  const order = <usize>load<u32>(record, Visits.order);
  for (let i = first; i < end; i++) {
    const below = (<u64>nextU32(record) * <u64>(count - i)) >> 32;
    const at = order + ((<usize>i) << 2);
    const other = order + ((<usize>(i + <u32>below)) << 2);
    const row = load<u32>(at);
    store<u32>(at, load<u32>(other));
    store<u32>(other, row);
  }
}

/** What the square of a row's rate is over its residual. */
export function rateScale(record: usize): f64 {
  const count = load<u32>(record, Visits.count);
  const rows = <usize>load<u32>(record, Visits.rows);
  const residuals = <usize>load<u32>(record, Visits.residuals);
  let sum: f64 = 0;
  for (let i: u32 = 0; i < count; i++) sum += <f64>load<f32>(residuals + ((<usize>rowAt(rows, i)) << 2));
  return sum > 0 ? (MEAN_RATE * MEAN_RATE * <f64>count) / sum : 0;
}

/** Sets the visits that are due, at most `most` together, the others stay due; returns their number. */
export function takeDue(record: usize, scale: f64, most: u32, first: u32, end: u32): u32 {
  const rows = <usize>load<u32>(record, Visits.rows);
  const residuals = <usize>load<u32>(record, Visits.residuals);
  const due = <usize>load<u32>(record, Visits.due);
  const visits = <usize>load<u32>(record, Visits.visits);
  let left = most;
  for (let i = first; i < end; i++) {
    const rate = sqrt(scale * <f64>load<f32>(residuals + ((<usize>rowAt(rows, i)) << 2)));
    const at = due + ((<usize>i) << 3);
    // Comparisons: so a rate that is no number stays one, and takes no visit.
    const saved = load<f64>(at) + (rate < LEAST_RATE ? LEAST_RATE : rate > MOST_VISITS ? MOST_VISITS : rate);
    let taken: u32 = saved >= MOST_VISITS ? <u32>MOST_VISITS : saved >= 1 ? <u32>saved : 0;
    if (taken > left) taken = left;
    store<u8>(visits + <usize>i, <u8>taken);
    left -= taken;
    const rest = saved - <f64>taken;
    store<f64>(at, rest > MOST_VISITS ? MOST_VISITS : rest);
  }
  return most - left;
}

/** Begins with the moments of so many visits. */
export function startMoments(record: usize, total: u32): void {
  store<u32>(record, total, Visits.total);
  store<u32>(record, 0, Visits.drawn);
  memory.fill(<usize>load<u32>(record, Visits.ends), 0, (<usize>total + 1) << 2);
}

/** One moment of `total` in each of equal parts of the epoch for the visits of a place. */
export function drawMoments(record: usize, first: u32, end: u32): void {
  const visits = <usize>load<u32>(record, Visits.visits);
  const places = <usize>load<u32>(record, Visits.places);
  const moments = <usize>load<u32>(record, Visits.moments);
  const ends = <usize>load<u32>(record, Visits.ends);
  const total = <f64>load<u32>(record, Visits.total);
  let visit = (<usize>load<u32>(record, Visits.drawn)) << 2;
  for (let i = first; i < end; i++) {
    const count = <u32>load<u8>(visits + <usize>i);
    for (let part: u32 = 0; part < count; part++) {
      const float = <f64>(nextU32(record) >>> 9) / 0x800000;
      const moment = <u32>(((<f64>part + float) / <f64>count) * total);
      store<u32>(places + visit, i);
      store<u32>(moments + visit, moment);
      visit += 4;
      const after = ends + ((<usize>moment) << 2);
      store<u32>(after, load<u32>(after, 4) + 1, 4);
    }
  }
  store<u32>(record, <u32>(visit >> 2), Visits.drawn);
}

/** Writes whose the visits are to `order`, by moment: counted until here, so that each knows its place. */
export function sortMoments(record: usize, first: u32, end: u32): void {
  const places = <usize>load<u32>(record, Visits.places);
  const moments = <usize>load<u32>(record, Visits.moments);
  const ends = <usize>load<u32>(record, Visits.ends);
  const order = <usize>load<u32>(record, Visits.order);
  if (first == 0) {
    const last = ends + ((<usize>load<u32>(record, Visits.total)) << 2);
    for (let at = ends; at < last; at += 4) store<u32>(at, load<u32>(at) + load<u32>(at, 4), 4);
  }
  for (let k = (<usize>first) << 2; k < (<usize>end) << 2; k += 4) {
    const at = ends + ((<usize>load<u32>(moments + k)) << 2);
    const to = load<u32>(at);
    store<u32>(order + ((<usize>to) << 2), load<u32>(places + k));
    store<u32>(at, to + 1);
  }
}

/** Puts rows in the place of places, without those that their batch has already; returns how many are left. */
export function dealOut(record: usize, batchSize: u32): u32 {
  const rows = <usize>load<u32>(record, Visits.rows);
  const order = <usize>load<u32>(record, Visits.order);
  const total = (<usize>load<u32>(record, Visits.total)) << 2;
  // The batch that a place was last put into, counted from 1. Nobody needs the moments any more.
  const lastBatch = <usize>load<u32>(record, Visits.moments);
  memory.fill(lastBatch, 0, (<usize>load<u32>(record, Visits.count)) << 2);
  let length: u32 = 0;
  let batch: u32 = 1;
  let room = batchSize;
  for (let k: usize = 0; k < total; k += 4) {
    const place = load<u32>(order + k);
    const last = lastBatch + ((<usize>place) << 2);
    if (load<u32>(last) == batch) continue;
    store<u32>(last, batch);
    store<u32>(order + ((<usize>length) << 2), rowAt(rows, place));
    length++;
    if (--room == 0) {
      batch++;
      room = batchSize;
    }
  }
  return length;
}

/** The next number of the generator of src/random.ts, whose state the record holds. */
function nextU32(record: usize): u32 {
  const z1 = step(load<u32>(record, Visits.random), 13, 19, 12, 0xfffffffe);
  const z2 = step(load<u32>(record, Visits.random + 4), 2, 25, 4, 0xfffffff8);
  const z3 = step(load<u32>(record, Visits.random + 8), 3, 11, 17, 0xfffffff0);
  const z4 = load<u32>(record, Visits.random + 12) * 1664525 + 1013904223;
  store<u32>(record, z1, Visits.random);
  store<u32>(record, z2, Visits.random + 4);
  store<u32>(record, z3, Visits.random + 8);
  store<u32>(record, z4, Visits.random + 12);
  return z1 ^ z2 ^ z3 ^ z4;
}

function step(z: u32, a: u32, b: u32, c: u32, mask: u32): u32 {
  return ((z & mask) << c) ^ (((z << a) ^ z) >>> b);
}
