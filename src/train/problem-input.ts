import type { CsrMatrix } from "../data/csr.js";
import type { WeightLines } from "../wasm/weight-layout.js";
import type { DenseColumns } from "./dense-columns.js";
import type { Admission } from "./memory-need.js";

/** What is to be solved: rows with a class each, and the shape of the objective. */
export interface ProblemInput {
  readonly matrix: CsrMatrix;
  /** Class of each row, 0 … classCount − 1. */
  readonly labels: Uint32Array;
  readonly classCount: number;
  /** t, the distribution that each row is labelled with, f32[rowCount][classCount]. Default: all on the row's class. */
  readonly targets?: Float32Array | undefined;
  /** Weight of each row, above 0, with a mean of 1. Default: all 1. */
  readonly rowWeights?: Float32Array | undefined;
  /** N = λ · rowCount. */
  readonly scaledL2: number;
  readonly hasBias: boolean;
  /** Rows a batch at the start; see `RowTraits`. */
  readonly batchSize: number;
  /** Of the matrix; default: found. */
  readonly denseColumns?: DenseColumns | undefined;
  /** W₀, which the regulariser pulls to and training starts from. Default: 0. */
  readonly origin?: WeightLines;
  /** τ of the regulariser (λ/2) |W|² + λ τ |W|₁, biases without the second part. Not with an origin. Default 0. */
  readonly l1?: number | undefined;
  /**
   * Whether columns that need no weights of their own are folded: the same problem in less memory. Default true; never
   * with two classes, where it takes longer than it saves, with an origin, which may differ where columns do not, or with an
   * L1 part.
   */
  readonly folds?: boolean;
  /** Groups of lines of weights by which threads share a row, a power of two, at most `MOST_SHARDS`; see `shardsFor`. Default 1. */
  readonly shards?: number;
  /** Asked before memory is taken; throws to refuse it. Default: whatever the host gives. */
  readonly admit?: Admission | undefined;
  /** Threads that are to work on it; more than one needs a core with shared memory. Default 1. */
  readonly threads?: number;
}

/** A certificate: all it takes to say how far from the optimum the weights can be. In nats. */
export interface Certificate {
  /** (1/n) Σ −c t · ln p + (λ/2) |W − W₀|² + λ τ |W|₁, c the weights of the rows */
  readonly objective: number;
  /** Mean log-loss of the training rows. */
  readonly loss: number;
  /** Upper bound of objective − its minimum: the sum of the two terms. */
  readonly gap: number;
  /** (1/n) Σ c KL(q ‖ softmax(z)) */
  readonly divergence: number;
  /** (λ/2) |W − W(q)|²: what rounding the weights to f32 costs. */
  readonly drift: number;
}

/** Means over all rows of what their last visits saw before their steps: old, and so pessimistic. In nats. */
export interface Seen {
  readonly divergence: number;
  readonly loss: number;
  readonly residual: number;
}
