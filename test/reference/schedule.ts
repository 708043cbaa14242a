import type { Random } from "../../src/random.js";

/** Which rows an epoch visits, by the plain definition of docs/numerics.md, section 3, with plain arrays. */
export class PlainSchedule {
  readonly #rows: readonly number[];
  readonly #due: number[];

  /** @param rows that there are to visit */
  constructor(rows: readonly number[]) {
    this.#rows = rows;
    this.#due = rows.map((_, i) => 1 + ((i * ((Math.sqrt(5) - 1) / 2)) % 1));
  }

  /** All rows, once each. */
  all(random: Random): number[] {
    this.#due.forEach((due, i) => {
      this.#due[i] = Math.max(0, due - 1);
    });
    return [...random.shuffle(Uint32Array.from(this.#rows))];
  }

  /** @param residuals of each row @param batchSize rows a batch, none of which is twice in it */
  byResidual(residuals: Float32Array, batchSize: number, random: Random): number[] {
    const own = this.#rows.map((row) => residuals[row]!);
    const sum = own.reduce((total, residual) => total + residual, 0);
    let left = own.length;
    const visits = own.map((residual, i) => {
      const rate = Math.sqrt(sum > 0 ? ((0.25 * own.length) / sum) * residual : 0);
      const saved = this.#due[i]! + Math.min(32, Math.max(1 / 8, rate));
      const count = Math.min(32, left, Math.floor(saved));
      this.#due[i] = Math.min(32, saved - count);
      left -= count;
      return count;
    });
    const total = own.length - left;
    const moments = visits.flatMap((count, i) =>
      Array.from({ length: count }, (_, part) => ({
        row: this.#rows[i]!,
        moment: Math.floor(((part + random.nextFloat()) / count) * total),
      })),
    );
    const order: number[] = [];
    let batch = new Set<number>();
    for (const { row } of moments.sort((a, b) => a.moment - b.moment)) {
      if (batch.has(row)) continue;
      order.push(row);
      batch = batch.size === batchSize - 1 ? new Set() : batch.add(row);
    }
    return order;
  }
}
