// The certificate against an optimum found by someone else. Needs python3 with scikit-learn: set DUALTEXT_PYTHON.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { Problem } from "../../src/train/problem.js";
import { solve } from "../../src/train/solve.js";
import { freshCore } from "../helpers/place.js";
import { randomRows } from "../helpers/rows.js";

const python = process.env.DUALTEXT_PYTHON;
const script = fileURLToPath(new URL("optimum.py", import.meta.url));

const shapes = [
  { rowCount: 300, featureCount: 80, classCount: 2, scaledL2: 0.3 },
  { rowCount: 300, featureCount: 80, classCount: 3, scaledL2: 0.1 },
  { rowCount: 400, featureCount: 120, classCount: 9, scaledL2: 1 },
  { rowCount: 250, featureCount: 200, classCount: 20, scaledL2: 0.05 },
];

describe.skipIf(!python)("beside scikit-learn (DUALTEXT_PYTHON names a python3 that has it)", () => {
  test.each(shapes)(
    "$classCount classes: objective − optimum is at most the gap",
    { timeout: 60_000 },
    async (shape) => {
      const { matrix, labels } = randomRows(shape);
      const { classCount, scaledL2 } = shape;
      const rows = Array.from({ length: shape.rowCount }, (_, row) => {
        const dense = new Array<number>(shape.featureCount + 1).fill(0);
        for (let k = matrix.indptr[row]!; k < matrix.indptr[row + 1]!; k++)
          dense[matrix.indices[k]!] = matrix.values[k]!;
        dense[shape.featureCount] = 1;
        return dense;
      });
      const input = JSON.stringify({ rows, labels: Array.from(labels), scaledL2 });
      const { stdout, stderr, status } = spawnSync(python!, [script], { input, encoding: "utf8" });
      expect(status, stderr).toBe(0);
      const { objective: optimum, beyond } = JSON.parse(stdout) as { objective: number; beyond: number };
      expect(beyond).toBeLessThanOrEqual(1e-8);

      for (const tolerance of [1e-1, 1e-2, 1e-4, 1e-6]) {
        const problem = new Problem(freshCore(), {
          matrix,
          labels,
          classCount,
          scaledL2,
          hasBias: true,
          batchSize: 4,
        });
        const limits = {
          maxEpochs: 500,
          maxMs: Number.POSITIVE_INFINITY,
          onAbort: "reject",
          seed: 1,
        } as const;
        const { certificate } = await solve(problem, { tolerance, ...limits });
        // scikit-learn's own optimum is good to 1e-8.
        expect(certificate.objective - optimum).toBeLessThanOrEqual(certificate.gap + 1e-8);
        expect(certificate.objective - optimum).toBeGreaterThanOrEqual(-1e-8);
        expect(certificate.gap).toBeLessThanOrEqual(tolerance);
      }
    },
  );
});
