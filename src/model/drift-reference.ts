import { type StageParts, type StoredArray, wholeArray } from "../stage.js";

/** Of some numbers: how many, their mean, their standard deviation and their skewness. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly deviation: number;
  readonly skewness: number;
}

/** What predictions of rows look like. */
export interface Outlook {
  /** 1 − the largest probability. */
  readonly doubt: Moments;
  /** Rows by the class with the largest probability. */
  readonly classes: Uint32Array;
}

/**
 * What new rows are compared with, to tell whether they still look like the training rows: how those would have looked to
 * a model that has not seen them. See docs/drift.md.
 */
export interface DriftReference {
  /** The share of a row's features that no other row has: what a model without the row would not know of it. */
  readonly unseen: Moments;
  /** Predictions of rows by weights without them. They are known between two bounds, or once, from other rows. */
  readonly outlooks: readonly Outlook[];
}

/** The moments of numbers as they come. */
export class MomentSums {
  #count: number;
  #sum: number;
  #squares: number;
  #cubes: number;

  constructor(count = 0, sum = 0, squares = 0, cubes = 0) {
    this.#count = count;
    this.#sum = sum;
    this.#squares = squares;
    this.#cubes = cubes;
  }

  add(value: number): void {
    this.#count++;
    this.#sum += value;
    this.#squares += value * value;
    this.#cubes += value * value * value;
  }

  get moments(): Moments {
    const count = this.#count;
    if (count === 0) return { count, mean: 0, deviation: 0, skewness: 0 };
    const mean = this.#sum / count;
    const squares = this.#squares / count;
    const variance = Math.max(0, squares - mean * mean);
    const deviation = Math.sqrt(variance);
    const third = this.#cubes / count - 3 * mean * squares + 2 * mean * mean * mean;
    // Where all are equal but for rounding there is no shape.
    const skewness = variance > 1e-18 ? third / (variance * deviation) : 0;
    return { count, mean, deviation, skewness };
  }
}

/** Numbers of `Moments` in a file, in this order. */
const momentNames = ["count", "mean", "deviation", "skewness"] as const;
/** Outlooks in a file. */
const STORED_OUTLOOKS = 2;

/** The array of a model file: f64, the moments of `unseen`, then of each outlook those of `doubt` and its classes. */
export function referenceParts({ unseen, outlooks }: DriftReference): StageParts["arrays"] {
  const numbers = (moments: Moments) => momentNames.map((name) => moments[name]);
  const lists = outlooks.map(({ doubt, classes }) => [...numbers(doubt), ...classes]);
  return { driftReference: wholeArray(Float64Array.from([...numbers(unseen), ...lists.flat()])) };
}

/** The reference of {@link referenceParts}; undefined when the numbers do not fit the model or each other. */
export function readReference(stored: StoredArray, classCount: number): DriftReference | undefined {
  const size = momentNames.length;
  if (!(stored instanceof Float64Array)) return undefined;
  if (stored.length !== size + STORED_OUTLOOKS * (size + classCount)) return undefined;
  if (!stored.every(Number.isFinite)) return undefined;
  const momentsAt = (at: number): Moments => {
    const [count, mean, deviation, skewness] = stored.subarray(at, at + size) as unknown as [
      number,
      number,
      number,
      number,
    ];
    return { count, mean, deviation, skewness };
  };
  const outlooks = Array.from({ length: STORED_OUTLOOKS }, (_, i): Outlook => {
    const at = size + i * (size + classCount);
    return {
      doubt: momentsAt(at),
      classes: Uint32Array.from(stored.subarray(at + size, at + size + classCount)),
    };
  });
  const isWhole = outlooks.every(
    ({ doubt, classes }) => classes.reduce((sum, count) => sum + count, 0) === doubt.count,
  );
  return isWhole ? { unseen: momentsAt(0), outlooks } : undefined;
}
