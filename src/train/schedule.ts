import { ranges } from "../data/csr.js";
import type { Random } from "../random.js";

// Which rows an epoch visits, how often, and in which order.
//
// What a visit gains grows with the square of the row's residual |softmax(z) − q|, and after a few epochs most of the gap is
// with very few rows: of debian_section 3 % of the rows hold nine tenths of it, mainly texts that are nearly alike and have
// different labels, whose duals settle only after many visits in turn. So rows are visited at a rate that goes with their
// residual, the choice with the least variance in importance sampling (Zhao and Zhang, Stochastic optimization with
// importance sampling, 2015; adaptive: Csiba, Qu and Richtárik, 2015), but without chance: each row saves up its rate until
// a visit is due.

/** Visits in an epoch of a row with the root mean square residual. */
const MEAN_RATE = 0.5;
/** A row that seems converged is still looked at in one epoch of eight. */
const LEAST_RATE = 1 / 8;
/** Most visits of a row in an epoch. */
const MOST_VISITS = 32;
/** Multiples of it spread evenly over 0 … 1, whatever their number. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

export class Schedule {
  /** The rows that there are to visit; undefined: all. */
  readonly rows: Uint32Array | undefined;
  /** Visits that are due, by place in `rows`, and what has been saved up of the next. */
  readonly #due: Float64Array;
  /** The batch that a row was last put into, counted from 1; by place. */
  readonly #lastBatch: Uint32Array;
  /** Visits in the epoch, by place. */
  readonly #visits: Uint8Array;
  readonly #moments: Moments;

  /** Each row has one visit due. */
  constructor(rowCount: number, rows?: Uint32Array) {
    this.rows = rows;
    const count = rows?.length ?? rowCount;
    this.#due = new Float64Array(count);
    for (let i = 0; i < count; i++) this.#due[i] = 1 + ((i * GOLDEN_RATIO) % 1);
    this.#lastBatch = new Uint32Array(count);
    this.#visits = new Uint8Array(count);
    this.#moments = new Moments(count);
  }

  /** Rows that there are to visit. */
  get count(): number {
    return this.#due.length;
  }

  /** Where all rows are to be visited: the first so many have no visit due yet, but up to half of one saved up. */
  resume(rows: number): void {
    for (let row = 0; row < rows; row++) this.#due[row] = (this.#due[row]! - 1) / 2;
  }

  /** Writes each row once to `order`, u32[count], in random order; returns their number. Yields now and then. */
  *all(order: Uint32Array, random: Random): Generator<void, number> {
    const places = order.subarray(0, this.count);
    for (const [first, end] of ranges(this.count)) {
      this.#takeOne(places, first, end);
      yield;
    }
    for (const [first, end] of ranges(this.count)) {
      random.shuffle(places, first, end);
      yield;
    }
    return this.count;
  }

  /** Of the rows at places first … end − 1. */
  #takeOne(order: Uint32Array, first: number, end: number): void {
    for (let i = first; i < end; i++) {
      order[i] = this.rows?.[i] ?? i;
      this.#due[i] = Math.max(0, this.#due[i]! - 1);
    }
  }

  /**
   * Writes to `order`, u32[count], the visits that are due by the residuals; returns their number. The visits of a row
   * are spread evenly over the epoch, and no batch has the same row twice: it would take its second step by scores from
   * before the first. Yields now and then.
   *
   * @param residuals |softmax(z) − q|² of each row at its last visit, f32[rowCount] @param batchSize rows a batch
   */
  *byResidual(
    order: Uint32Array,
    residuals: Float32Array,
    batchSize: number,
    random: Random,
  ): Generator<void, number> {
    const { count } = this;
    const scale = this.#rateScale(residuals);
    let total = 0;
    for (const [first, end] of ranges(count)) {
      yield;
      total += this.#takeDue(residuals, scale, count - total, first, end);
    }
    // A moment in the epoch for each visit, as one of `total`; then the visits by moment.
    const moments = this.#moments;
    moments.start(total);
    for (const [first, end] of ranges(count)) {
      yield;
      moments.draw(this.#visits, random, first, end);
    }
    moments.startSorting();
    for (const [first, end] of ranges(total)) {
      yield;
      moments.sort(first, end);
    }
    yield;
    return this.#dealOut(moments.sorted, order, batchSize);
  }

  /** What the square of a row's rate is over its residual. */
  #rateScale(residuals: Float32Array): number {
    const { rows, count } = this;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += residuals[rows ? rows[i]! : i]!;
    return sum > 0 ? (MEAN_RATE * MEAN_RATE * count) / sum : 0;
  }

  /** Sets the visits that are due at places first … end − 1, at most `most` together, the others stay due; returns their number. */
  #takeDue(residuals: Float32Array, scale: number, most: number, first: number, end: number): number {
    const { rows } = this;
    const due = this.#due;
    const visits = this.#visits;
    let left = most;
    for (let i = first; i < end; i++) {
      const rate = Math.sqrt(scale * residuals[rows === undefined ? i : rows[i]!]!);
      const saved = due[i]! + (rate < LEAST_RATE ? LEAST_RATE : rate > MOST_VISITS ? MOST_VISITS : rate);
      // Comparisons: floor and min also mind what is no number.
      let taken = saved | 0;
      if (taken > MOST_VISITS) taken = MOST_VISITS;
      if (taken > left) taken = left;
      visits[i] = taken;
      left -= taken;
      const rest = saved - taken;
      due[i] = rest > MOST_VISITS ? MOST_VISITS : rest;
    }
    return most - left;
  }

  /** Writes the rows of `places` to `order`, without those that their batch has already; returns how many there are. */
  #dealOut(places: Uint32Array, order: Uint32Array, batchSize: number): number {
    const { rows } = this;
    const lastBatch = this.#lastBatch.fill(0);
    let length = 0;
    let batch = 1;
    let room = batchSize;
    for (let k = 0; k < places.length; k++) {
      const place = places[k]!;
      if (lastBatch[place] === batch) continue;
      lastBatch[place] = batch;
      order[length++] = rows ? rows[place]! : place;
      if (--room === 0) {
        batch++;
        room = batchSize;
      }
    }
    return length;
  }
}

/** When the visits of an epoch are made; sorts them by counting. Its methods are for places or visits first … end − 1, in order. */
class Moments {
  /** Of each visit: whose it is, and its moment, 0 … total − 1. */
  readonly #places: Uint32Array;
  readonly #moments: Uint32Array;
  /** Visits at the moment before; once sorting has begun, where those of a moment go to. */
  readonly #ends: Uint32Array;
  readonly #sorted: Uint32Array;
  #total = 0;
  #visit = 0;

  /** @param most visits of an epoch */
  constructor(most: number) {
    this.#places = new Uint32Array(most);
    this.#moments = new Uint32Array(most);
    this.#ends = new Uint32Array(most + 1);
    this.#sorted = new Uint32Array(most);
  }

  /** Of another epoch. @param total visits there are */
  start(total: number): void {
    this.#total = total;
    this.#visit = 0;
    this.#ends.fill(0, 0, total + 1);
  }

  /** Whose the visits are, by moment, once they are sorted. */
  get sorted(): Uint32Array {
    return this.#sorted.subarray(0, this.#total);
  }

  /** One moment in each of equal parts of the epoch for the visits of a place. */
  draw(visits: Uint8Array, random: Random, first: number, end: number): void {
    const places = this.#places;
    const moments = this.#moments;
    const ends = this.#ends;
    const total = this.#total;
    let visit = this.#visit;
    for (let i = first; i < end; i++) {
      const count = visits[i]!;
      for (let part = 0; part < count; part++) {
        const moment = Math.floor(((part + random.nextFloat()) / count) * total);
        places[visit] = i;
        moments[visit++] = moment;
        ends[moment + 1]!++;
      }
    }
    this.#visit = visit;
  }

  startSorting(): void {
    const ends = this.#ends;
    for (let moment = 1; moment <= this.#total; moment++) ends[moment]! += ends[moment - 1]!;
  }

  sort(first: number, end: number): void {
    const places = this.#places;
    const moments = this.#moments;
    const ends = this.#ends;
    const sorted = this.#sorted;
    for (let k = first; k < end; k++) sorted[ends[moments[k]!]!++] = places[k]!;
  }
}
