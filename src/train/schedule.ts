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
/** A row that seems converged is still looked at in one epoch of so many. */
const LONGEST_REST = 8;
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

  /** Each row has one visit due. */
  constructor(rowCount: number, rows?: Uint32Array) {
    this.rows = rows;
    const count = rows?.length ?? rowCount;
    this.#due = new Float64Array(count);
    for (let i = 0; i < count; i++) this.#due[i] = 1 + ((i * GOLDEN_RATIO) % 1);
    this.#lastBatch = new Uint32Array(count);
  }

  /** Rows that there are to visit. */
  get count(): number {
    return this.#due.length;
  }

  /** Where all rows are to be visited: the first so many have no visit due yet, but up to half of one saved up. */
  resume(rows: number): void {
    for (let row = 0; row < rows; row++) this.#due[row] = (this.#due[row]! - 1) / 2;
  }

  /** Writes each row once to `order`, u32[count], in random order; returns their number. */
  all(order: Uint32Array, random: Random): number {
    for (let i = 0; i < this.count; i++) {
      order[i] = this.rows?.[i] ?? i;
      this.#due[i] = Math.max(0, this.#due[i]! - 1);
    }
    random.shuffle(order.subarray(0, this.count));
    return this.count;
  }

  /**
   * Writes to `order`, u32[count], the visits that are due by the residuals; returns their number. The visits of a row
   * are spread evenly over the epoch, and no batch has the same row twice: it would take its second step by scores from
   * before the first.
   *
   * @param residuals |softmax(z) − q|² of each row at its last visit, f32[rowCount] @param batchSize rows a batch
   */
  byResidual(order: Uint32Array, residuals: Float32Array, batchSize: number, random: Random): number {
    const { rows } = this;
    const visits = this.#takeDue(residuals);
    let total = 0;
    for (let i = 0; i < visits.length; i++) total += visits[i]!;
    // A moment in the epoch for each visit, as one of `total`; then the visits by moment.
    const places = new Uint32Array(total);
    const moments = new Uint32Array(total);
    const ends = new Uint32Array(total + 1);
    let visit = 0;
    for (let i = 0; i < visits.length; i++) {
      const count = visits[i]!;
      for (let part = 0; part < count; part++) {
        const moment = Math.floor(((part + random.nextFloat()) / count) * total);
        places[visit] = i;
        moments[visit++] = moment;
        ends[moment + 1]!++;
      }
    }
    for (let moment = 0; moment < total; moment++) ends[moment + 1]! += ends[moment]!;
    const sorted = new Uint32Array(total);
    for (let k = 0; k < total; k++) sorted[ends[moments[k]!]!++] = places[k]!;
    const lastBatch = this.#lastBatch.fill(0);
    let length = 0;
    let batch = 1;
    for (let k = 0, room = batchSize; k < total; k++) {
      const place = sorted[k]!;
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

  /** Visits that are due, by place: as many as there are rows at most, the others stay due. */
  #takeDue(residuals: Float32Array): Uint8Array {
    const { rows, count } = this;
    const due = this.#due;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += residuals[rows ? rows[i]! : i]!;
    const scale = sum > 0 ? (MEAN_RATE * MEAN_RATE * count) / sum : 0;
    const visits = new Uint8Array(count);
    let left = count;
    for (let i = 0; i < count; i++) {
      const rate = Math.sqrt(scale * residuals[rows ? rows[i]! : i]!);
      const saved = due[i]! + Math.min(MOST_VISITS, Math.max(1 / LONGEST_REST, rate));
      const taken = Math.min(Math.floor(saved), MOST_VISITS, left);
      visits[i] = taken;
      left -= taken;
      due[i] = Math.min(saved - taken, MOST_VISITS);
    }
    return visits;
  }
}
