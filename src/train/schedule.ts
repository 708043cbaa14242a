import { Visits as Field } from "../../assembly/layout.js";
import { ranges } from "../data/csr.js";
import type { Random } from "../random.js";
import type { CoreExports } from "../wasm/core.js";

// Which rows an epoch visits, how often, and in which order.
//
// What a visit gains grows with the square of the row's residual |softmax(z) − q|, and after a few epochs most of the gap is
// with very few rows: of debian_section 3 % of the rows hold nine tenths of it, mainly texts that are nearly alike and have
// different labels, whose duals settle only after many visits in turn. So rows are visited at a rate that goes with their
// residual, the choice with the least variance in importance sampling (Zhao and Zhang, Stochastic optimization with
// importance sampling, 2015; adaptive: Csiba, Qu and Richtárik, 2015), but without chance: each row saves up its rate until
// a visit is due.
//
// The numbers and the loops are in assembly/schedule.ts.

/** Bytes of the block "schedule" for so many rows. */
export function scheduleBytes(rowCount: number): number {
  return Field.BYTES + 8 * rowCount + 4 * (4 * rowCount + 1) + rowCount;
}

/** Where the blocks are: "schedule" is the class's own, "order" is written to, "residuals" are those of the last visits. */
export type ScheduleBlocks = Readonly<Record<"schedule" | "order" | "residuals", number>>;

export class Schedule {
  /** Address of the rows that there are to visit, u32[count]; 0: all. */
  readonly listed: number;
  /** Rows that there are to visit. */
  readonly count: number;
  readonly #core: CoreExports;
  readonly #record: number;
  readonly #due: number;

  /** Each row has one visit due. */
  constructor(core: CoreExports, at: ScheduleBlocks, rowCount: number, rows?: Uint32Array) {
    this.count = rows?.length ?? rowCount;
    this.#core = core;
    this.#record = at.schedule;
    const { buffer } = core.memory;
    let end = at.schedule + Field.BYTES;
    const next = (bytes: number) => {
      end += bytes;
      return end - bytes;
    };
    this.#due = next(8 * rowCount);
    const words = () => next(4 * rowCount);
    const listed = words();
    this.listed = rows ? listed : 0;
    if (rows) new Uint32Array(buffer, listed, rows.length).set(rows);
    const record = new DataView(buffer, at.schedule, Field.BYTES);
    const fields: [Field, number][] = [
      [Field.count, this.count],
      [Field.rows, this.listed],
      [Field.order, at.order],
      [Field.residuals, at.residuals],
      [Field.due, this.#due],
      [Field.places, words()],
      [Field.moments, words()],
      [Field.ends, next(4 * (rowCount + 1))],
      [Field.visits, next(rowCount)],
    ];
    for (const [field, value] of fields) record.setUint32(field, value, true);
    core.startVisits(this.#record);
  }

  /** Where all rows are to be visited: the first so many have no visit due yet, but up to half of one saved up. */
  resume(rows: number): void {
    const due = new Float64Array(this.#core.memory.buffer, this.#due, rows);
    for (let row = 0; row < rows; row++) due[row] = (due[row]! - 1) / 2;
  }

  /** Writes each row once to "order", u32[count], in random order; returns their number. Yields now and then. */
  *all(random: Random): Generator<void, number> {
    for (const [first, end] of ranges(this.count)) {
      this.#core.listRows(this.#record, first, end);
      yield;
    }
    for (const [first, end] of ranges(this.count)) {
      this.#drawing(random, () => this.#core.shuffleRows(this.#record, first, end));
      yield;
    }
    return this.count;
  }

  /**
   * Writes to "order", u32[count], the visits that are due by the residuals |softmax(z) − q|²; returns their number. The visits of
   * a row are spread evenly over the epoch, and no batch has the same row twice: it would take its second step by scores from
   * before the first. Yields now and then. @param batchSize rows a batch
   */
  *byResidual(batchSize: number, random: Random): Generator<void, number> {
    const { count } = this;
    const core = this.#core;
    const record = this.#record;
    const scale = core.rateScale(record);
    let total = 0;
    for (const [first, end] of ranges(count)) {
      yield;
      total += core.takeDue(record, scale, count - total, first, end);
    }
    // A moment in the epoch for each visit, as one of `total`; then the visits by moment.
    core.startMoments(record, total);
    for (const [first, end] of ranges(count)) {
      yield;
      this.#drawing(random, () => core.drawMoments(record, first, end));
    }
    for (const [first, end] of ranges(total)) {
      yield;
      core.sortMoments(record, first, end);
    }
    yield;
    return core.dealOut(record, batchSize);
  }

  /** Lets the core draw numbers, with the generator's state. */
  #drawing(random: Random, draw: () => void): void {
    const state = new Int32Array(this.#core.memory.buffer, this.#record + Field.random, 4);
    state.set(random.state);
    draw();
    random.state.set(state);
  }
}
