// Certificates checked from outside: weights and duals are written to files, python/certificate.py computes the gap from
// them in f64 and looks for the optimum with a solver of its own.
import { join } from "node:path";
import type { CsrMatrix } from "../../src/data/csr.js";
import { atOnce } from "../../src/slices.js";
import { shardsFor } from "../../src/train/enlist.js";
import { Problem } from "../../src/train/problem.js";
import { rowTraits } from "../../src/train/row-traits.js";
import { solve } from "../../src/train/solve.js";
import { loadCore } from "../../src/wasm/core.js";
import { paddedClasses, weightColumns } from "../../src/wasm/weight-layout.js";
import { run } from "./commands.js";
import { train } from "./ours.js";
import { type Posed, writeArray, writeProblem } from "./posed.js";
import { type Effort, here, python, type Rival, scikitLearn } from "./rival.js";

export const checker: Rival = { name: "numpy and scipy", program: "scikit-learn", presence: scikitLearn };
export const certificateTable = "certificates";
export interface CertificateValue {
  readonly scaledL2: number;
  /** As the model records them. */
  readonly reported: { readonly objective: number; readonly gap: number };
  /** From the saved weights and duals, in f64. */
  readonly objective: number;
  readonly gap: number;
  /** Of a second, more exact model: the optimum lies between. */
  readonly bestObjective: number;
  readonly bestDual: number;
  /** The least objective that L-BFGS found, from zero; null where its vectors would not fit in memory. */
  readonly independent: number | null;
  readonly seconds: number;
}

/** A model at the λ of the trainer's defaults, its bias one more feature. L-BFGS has the time of one run of a rival. */
export async function measureCertificate(posed: Posed, effort: Effort): Promise<CertificateValue> {
  // The λ of the defaults, given as a number, so that training starts as the solver here does.
  const { l2 } = (await train(posed, {}, 1)).training;
  const { training } = await train(posed, { l2 }, 1);
  const scaledL2 = l2 * posed.matrix.rowCount;
  const folder = join(posed.folder, "certificate");
  writeProblem(folder, withBias(posed.matrix), posed.labels, posed.classCount);
  const reported = await solved(posed, scaledL2, training.tolerance, folder, "model");
  if (reported.gap !== training.dualityGap || reported.objective !== training.objective)
    throw new Error(`The trainer reports a gap of ${training.dualityGap}, its solver ${reported.gap}.`);
  await solved(posed, scaledL2, effort.finestGap / 10, folder, "exact");
  const args = [
    here("python/certificate.py"),
    folder,
    String(scaledL2),
    String(effort.limit),
    "model",
    "exact",
  ];
  const { stdout } = await run(python, args);
  return { scaledL2, reported, ...(JSON.parse(stdout) as Omit<CertificateValue, "scaledL2" | "reported">) };
}

async function solved(posed: Posed, scaledL2: number, tolerance: number, folder: string, prefix: string) {
  const { matrix, labels, classCount } = posed;
  const core = await loadCore();
  const traits = atOnce(rowTraits(core(), matrix));
  const shards = shardsFor(matrix, classCount);
  const input = { matrix, labels, classCount, scaledL2, hasBias: true, ...traits, shards };
  const problem = new Problem(core(), input);
  const { certificate } = await solve(problem, {
    tolerance,
    maxEpochs: 1000,
    maxMs: Number.POSITIVE_INFINITY,
    onAbort: "reject",
    seed: 1,
  });
  const unfolded = new Float32Array(matrix.columnCount * weightColumns(classCount).padded);
  atOnce(problem.writeWeights(unfolded));
  const lines = [unfolded, problem.biasLine()];
  const weights = lines.map((line, i) => perClass(line, classCount, i === 0 ? undefined : 1));
  writeArray(folder, `${prefix}-weights`, joined(weights));
  writeArray(folder, `${prefix}-duals`, allMasses(problem.dualLines(), labels, classCount));
  return { objective: certificate.objective, gap: certificate.gap };
}

/** [lines][classes] of weights as they lie in memory; of two classes the first has the second's, negated. */
function perClass(memory: Float32Array, classCount: number, lineCount?: number): Float32Array {
  const stride = lineCount === undefined ? weightColumns(classCount).padded : paddedClasses(classCount);
  const count = lineCount ?? memory.length / stride;
  const weights = new Float32Array(count * classCount);
  for (let line = 0; line < count; line++) {
    for (let c = 0; c < classCount; c++) {
      const weight = memory[line * stride + (classCount === 2 ? 0 : c)]!;
      weights[line * classCount + c] = classCount === 2 && c === 0 ? -weight : weight;
    }
  }
  return weights;
}

/** [rows][classes] of q; of two classes memory holds the mass on the wrong one. The label's own is 0: it follows. */
function allMasses(duals: Float32Array, labels: Uint32Array, classCount: number): Float32Array {
  const stride = weightColumns(classCount).padded;
  const masses = new Float32Array(labels.length * classCount);
  labels.forEach((label, row) => {
    if (classCount === 2) masses[2 * row + 1 - label] = duals[row]!;
    else for (let c = 0; c < classCount; c++) masses[row * classCount + c] = duals[row * stride + c]!;
  });
  return masses;
}

function withBias(matrix: CsrMatrix): CsrMatrix {
  const { rowCount, columnCount, indptr } = matrix;
  const indices = new Uint32Array(matrix.indices.length + rowCount);
  const values = new Float32Array(indices.length);
  for (let row = 0; row < rowCount; row++) {
    const [first, end] = [indptr[row]!, indptr[row + 1]!];
    indices.set(matrix.indices.subarray(first, end), first + row);
    values.set(matrix.values.subarray(first, end), first + row);
    indices[end + row] = columnCount;
    values[end + row] = 1;
  }
  return {
    ...matrix,
    columnCount: columnCount + 1,
    indptr: indptr.map((at, row) => at + row),
    indices,
    values,
  };
}

function joined(arrays: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
