// How time and memory grow when rows, features or classes do, and beside it the time of the same algorithm in C: what the
// machine's memory makes of any program that visits rows in random order. Rows are made up: n-grams of a long-tailed
// distribution.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../src/random.js";
import { atOnce } from "../src/slices.js";
import { Problem } from "../src/train/problem.js";
import { rowTraits } from "../src/train/row-traits.js";
import { loadCore } from "../src/wasm/core.js";
import { longTailedRows } from "./made-up-rows.js";
import { isSmoke, printTable, rounded } from "./report.js";
import { median } from "./rivals/commands.js";
import { type Shape, writeProblem } from "./rivals/posed.js";
import { gcc } from "./rivals/rival.js";
import { epochSecondsOf, native } from "./rivals/twin.js";

export const growthTable = "growth";

const base = { rowCount: 10_000, featureCount: 50_000, classCount: 8 };
const nnz = 100;
const scaledL2 = 0.1;
const times = isSmoke ? [1] : [1, 2, 4, 8, 16];
const rounds = isSmoke ? 1 : 5;

interface Case {
  readonly shape: typeof base;
  readonly bytes: number;
  /** Seconds of an epoch, once each. */
  ours(): number;
  inC(): Promise<number>;
}

export async function measureGrowth(): Promise<Record<string, string>[]> {
  const rows: Record<string, string>[] = [];
  for (const what of ["rowCount", "featureCount", "classCount"] as const) {
    const doubled = { rowCount: "rows", featureCount: "features", classCount: "classes" }[what];
    const shapes = times.map((factor) => ({ ...base, [what]: base[what] * factor }));
    for (const row of await series(isSmoke ? [{ ...base, rowCount: 500 }] : shapes))
      rows.push({ doubled, ...row });
  }
  return rows;
}

/** The shapes in turn, round after round, so that a change of the machine's pace meets all of them. */
async function series(shapes: readonly (typeof base)[]): Promise<Record<string, string>[]> {
  const folder = mkdtempSync(join(tmpdir(), "dualtext-growth-"));
  try {
    const cases: Case[] = [];
    for (const [i, shape] of shapes.entries()) cases.push(await caseOf(shape, join(folder, String(i))));
    const ours = cases.map((): number[] => []);
    const inC = cases.map((): number[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [i, one] of cases.entries()) {
        ours[i]!.push(one.ours());
        if (!gcc().absent) inC[i]!.push(await one.inC());
      }
    }
    const perNonZero = (seconds: readonly number[], i: number) =>
      (median(seconds) * 1e9) / (cases[i]!.shape.rowCount * nnz);
    return cases.map(({ shape, bytes }, i) => ({
      rows: String(shape.rowCount),
      features: String(shape.featureCount),
      classes: String(shape.classCount),
      "epoch, ms": String(rounded(median(ours[i]!) * 1000)),
      "ns a non-zero": String(rounded(perNonZero(ours[i]!, i))),
      "× first": String(rounded(perNonZero(ours[i]!, i) / perNonZero(ours[0]!, 0))),
      ...(!gcc().absent && {
        "C, ns a non-zero": String(rounded(perNonZero(inC[i]!, i))),
        "C, × first": String(rounded(perNonZero(inC[i]!, i) / perNonZero(inC[0]!, 0))),
      }),
      "memory, MB": String(rounded(bytes / 1e6)),
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function caseOf(shape: typeof base, folder: string): Promise<Case> {
  const { rowCount, classCount } = shape;
  const matrix = longTailedRows(new Random(1), { nnz, ...shape });
  const labels = Uint32Array.from({ length: rowCount }, (_, row) => row % classCount);
  writeProblem(folder, matrix, labels, classCount);
  const posed: Shape = { matrix, classCount, folder };
  const core = await loadCore();
  const input = {
    matrix,
    labels,
    classCount,
    scaledL2,
    hasBias: true,
    ...atOnce(rowTraits(core(), matrix)),
  };
  const { usedBytes } = new Problem(core(), input);
  const problem = new Problem(core(), { ...input, folds: false });
  return {
    shape,
    bytes: usedBytes,
    ours() {
      atOnce(problem.restart(scaledL2));
      return epochSecondsOf(problem);
    },
    async inC() {
      return (await native("-O3 -msse4.2", posed, scaledL2, [])).epochSeconds;
    },
  };
}

export async function benchGrowth(): Promise<void> {
  printTable(
    "Growth: an epoch that visits all rows, one thread; memory of the solver",
    await measureGrowth(),
  );
}
