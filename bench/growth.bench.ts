// How time and memory grow when rows, features or classes do. Rows are made up: n-grams of a long-tailed distribution.
import { Random } from "../src/random.js";
import { atOnce } from "../src/slices.js";
import { batchSizeFor } from "../src/train/batch-size.js";
import { Problem } from "../src/train/problem.js";
import { loadCore } from "../src/wasm/core.js";
import { longTailedRows } from "./made-up-rows.js";
import { isSmoke, medianMs, printTable, rounded } from "./report.js";

export const growthTable = "growth";

const base = { rowCount: 10_000, featureCount: 50_000, classCount: 8 };
const nnz = 100;
const times = isSmoke ? [1] : [1, 2, 4, 8, 16];

export async function measureGrowth(): Promise<Record<string, string>[]> {
  const rows: Record<string, string>[] = [];
  for (const what of ["rowCount", "featureCount", "classCount"] as const) {
    let first: number | undefined;
    for (const factor of times) {
      const shape = { ...base, [what]: base[what] * factor };
      if (isSmoke) shape.rowCount = 500;
      const { ms, bytes } = await epoch(shape);
      const perNonZero = (ms * 1e6) / (shape.rowCount * nnz);
      first ??= perNonZero;
      rows.push({
        doubled: { rowCount: "rows", featureCount: "features", classCount: "classes" }[what],
        rows: String(shape.rowCount),
        features: String(shape.featureCount),
        classes: String(shape.classCount),
        "epoch, ms": String(rounded(ms)),
        "ns a non-zero": String(rounded(perNonZero)),
        "× first": String(rounded(perNonZero / first)),
        "memory, MB": String(rounded(bytes / 1e6)),
      });
    }
  }
  return rows;
}

async function epoch(shape: typeof base): Promise<{ ms: number; bytes: number }> {
  const { rowCount, featureCount, classCount } = shape;
  const random = new Random(1);
  const matrix = longTailedRows(random, { rowCount, nnz, featureCount });
  const labels = Uint32Array.from({ length: rowCount }, (_, row) => row % classCount);
  const core = (await loadCore())();
  const batchSize = atOnce(batchSizeFor(matrix));
  const problem = new Problem(core, { matrix, labels, classCount, scaledL2: 0.1, hasBias: true, batchSize });
  const ms = await medianMs(() => {
    atOnce(problem.startFullEpoch(random));
    problem.visit(0, rowCount);
  }, 5);
  return { ms, bytes: core.memory.buffer.byteLength };
}

export async function benchGrowth(): Promise<void> {
  printTable(
    "Growth: an epoch that visits all rows, one thread; memory of the solver",
    await measureGrowth(),
  );
}
