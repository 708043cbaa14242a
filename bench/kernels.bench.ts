// The inner loops, per row. What decides their cost is the number of entries in a row and the number of classes.

import { Bench } from "tinybench";
import type { CsrMatrix } from "../src/data/csr.js";
import { Random } from "../src/random.js";
import { atOnce } from "../src/slices.js";
import { Problem } from "../src/train/problem.js";
import { loadCore } from "../src/wasm/core.js";
import { planBlocks, reserve } from "../src/wasm/memory.js";
import { paddedClasses, weightColumns } from "../src/wasm/weight-layout.js";
import { denseRows, longTailedRows } from "./made-up-rows.js";
import { isSmoke, printTable, rounded } from "./report.js";

const rowCount = 500;

export async function benchKernels(): Promise<void> {
  const [nnz, featureCount, columnCount] = [150, 50_000, 512];
  const textRows = longTailedRows(new Random(1), { rowCount, nnz, featureCount });
  await benchRows(`${nnz} n-grams a row, ${featureCount} features`, textRows, 16);
  await benchRows(`${columnCount} dense columns`, denseRows(new Random(1), { rowCount, columnCount }), 2);
}

async function benchRows(title: string, matrix: CsrMatrix, batchSize: number): Promise<void> {
  const featureCount = matrix.columnCount;
  const core = await loadCore();
  const rows: Record<string, string | number>[] = [];
  for (const classCount of [2, 4, 20, 100, 500]) {
    const random = new Random(1);
    const { indptr, indices, values } = matrix;
    const labels = Uint32Array.from({ length: rowCount }, (_, row) => row % classCount);
    const problem = new Problem(core(), {
      matrix,
      labels,
      classCount,
      scaledL2: 0.1,
      hasBias: true,
      batchSize,
    });

    const scoring = core();
    const stride = paddedClasses(classCount);
    const { at, totalBytes } = planBlocks({
      indptr: indptr.byteLength,
      indices: indices.byteLength,
      values: values.byteLength,
      probabilities: 4 * rowCount * classCount,
      biases: 4 * stride,
      scratch: 8 * stride,
      weights: 4 * featureCount * weightColumns(classCount).padded,
    });
    reserve(scoring.memory, totalBytes, "A bench");
    new Uint32Array(scoring.memory.buffer, at.indptr, indptr.length).set(indptr);
    new Uint32Array(scoring.memory.buffer, at.indices, indices.length).set(indices);
    new Float32Array(scoring.memory.buffer, at.values, values.length).set(values);

    const bench = new Bench(isSmoke ? { iterations: 1, time: 0, warmup: false } : { time: 400 });
    bench.add("score", () => {
      scoring.scoreRows(
        at.probabilities,
        at.indptr,
        at.indices,
        at.values,
        rowCount,
        at.weights,
        at.biases,
        at.scratch,
        classCount,
        stride,
      );
    });
    bench.add("epoch", () => {
      atOnce(problem.startFullEpoch(random));
      problem.visit(0, rowCount);
    });
    bench.add("confirm", () => {
      for (const _ of problem.certify());
    });
    await bench.run();
    const perRow = (name: string) => {
      const result = bench.getTask(name)!.result;
      return result.state === "completed" ? rounded((result.latency.p50 * 1e6) / rowCount) : "failed";
    };
    rows.push({
      classes: classCount,
      "score, ns/row": perRow("score"),
      "epoch, ns/row": perRow("epoch"),
      "confirm, ns/row": perRow("confirm"),
    });
  }
  printTable(`Kernels: ${title}, one thread`, rows);
}
