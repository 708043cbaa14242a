// What the tables of bench/rivals make of measurements.
import { describe, expect, test } from "vitest";
import { jsonLines, median, run } from "../../bench/rivals/commands.js";
import { machinesOf } from "../../bench/rivals/document.js";
import { gapPlot } from "../../bench/rivals/plot.js";
import type { Cell } from "../../bench/rivals/results.js";
import {
  absences,
  bestRivalMeans,
  bestRivalRows,
  fileRows,
  geometricMean,
  leastObjective,
  optimumRows,
  pointRows,
  ratioOf,
  settingsOf,
  timeTo,
} from "../../bench/rivals/tables.js";

const head = {
  table: "optimum, λn = 0.1",
  set: "s",
  program: "p",
  version: "1",
  load: 0,
  date: "2026-01-01",
  machine: "m",
} as const;
const curve = (rival: string, points: [number, number][], least?: number): Cell<any> => ({
  ...head,
  rival,
  state: "measured",
  value: {
    points: points.map(([seconds, objective], i) => ({ steps: i + 1, seconds, objective })),
    limit: null,
    classCount: 2,
    ...(least !== undefined && { least: { objective: least, gap: 1e-7 } }),
  },
});
const ours = curve(
  "dualtext",
  [
    [1, 1.1],
    [2, 1.001],
    [3, 1.0000005],
  ],
  1,
);
const slow = curve("slow", [
  [10, 1.1],
  [20, 1.001],
  [40, 1.00001],
]);
const fast = curve("fast", [
  [4, 1.1],
  [6, 1.00001],
]);

describe("tables of rivals", () => {
  test("ours counts to the end of the run that is there, a rival's gap is linear in time between two runs", () => {
    const points = [
      { steps: 1, seconds: 1, objective: 1.1 },
      { steps: 2, seconds: 3, objective: 1.001 },
    ];
    expect(timeTo(points, 1, 1e-2, false)).toEqual({ seconds: 3 });
    const between = timeTo(points, 1, 1e-2, true) as { seconds: number };
    expect(between.seconds).toBeCloseTo(2, 6);
    expect(timeTo(points, 1, 1e-4, true)).toEqual({ above: 3 });
    expect(timeTo([{ steps: 1, seconds: 1 }], 1, 1e-4, true)).toBeUndefined();
  });

  test("the least objective is anyone's", () => {
    expect(leastObjective([ours.value, slow.value])).toBe(1);
    expect(leastObjective([curve("x", [[1, 0.9]]).value, ours.value])).toBe(0.9);
  });

  test("a limit that was reached gives a ratio of at least so much", () => {
    expect(ratioOf({ above: 10 }, { seconds: 2 })).toEqual({ value: 5, isLeast: true });
    expect(ratioOf({ seconds: 10 }, { seconds: 2 })).toEqual({ value: 5, isLeast: false });
    expect(ratioOf({ seconds: 10 }, { above: 2 })).toBeUndefined();
  });

  test("rows: ours first, ratios beside every rival, the best rival apart", () => {
    const rows = optimumRows([slow, fast, ours], head.table);
    expect(rows.map((row) => row.solver)).toEqual(["dualtext", "slow", "fast"]);
    expect(rows[1]!["to 1e-6, s"]).toBe("> 40");
    expect(rows[1]!["× ours, 1e-6"]).toBe("> 13.3");
    const [best] = bestRivalRows([slow, fast, ours], head.table);
    expect(best!["to 1e-4"]).toMatch(/^1\.83 \(fast\)$/);
    expect(bestRivalMeans([slow, fast, ours], head.table)[0]).toMatch(
      /^two classes \(1 sets\): .*, 1\.83 to 1e-4,/,
    );
  });

  const file = (rival: string, value: object): Cell => ({
    ...head,
    table: "file to model",
    rival,
    state: "measured",
    value,
  });

  test("those that had no model in the same time share a row", () => {
    const rows = fileRows([
      file("natural", { over: 15 }),
      file("dualtext", { command: 2, accuracy: 0.9 }),
      file("@nlpjs/nlu", { over: 15 }),
      file("fastText, tuned", { command: 5, accuracy: 0.8 }),
    ]);
    expect(rows.map(({ program }) => program)).toEqual([
      "dualtext",
      "fastText, tuned",
      "natural; @nlpjs/nlu",
    ]);
    expect(rows[2]).toMatchObject({ "command, s": "> 15", "× ours, command": "> 7.5", accuracy: "" });
    expect(Object.keys(rows[2]!)).toEqual(Object.keys(rows[0]!));
  });

  test("a rival's accuracy is met by our fastest setting that is as accurate, or by none", () => {
    const mine = [
      file("dualtext", { command: 2, accuracy: 0.9 }),
      file("dualtext, words only", { command: 1, accuracy: 0.85 }),
    ];
    const row = (accuracy: number) =>
      pointRows(settingsOf([...mine, file("fastText, default", { command: 4, accuracy })]))[0]!;
    expect(row(0.901)).toMatchObject({ ours: "dualtext", "× ours, command": "2" });
    expect(row(0.84)).toMatchObject({ ours: "dualtext, words only", "× ours, command": "4" });
    expect(row(0.95).ours).toBe("none is as accurate");
  });

  test("ratios are of what was measured side by side, where that was done", () => {
    const cells = [
      file("dualtext", { warm: 1, command: 2, accuracy: 0.9 }),
      // Measured while the machine was half as fast.
      file("dualtext, words only", { warm: 1, command: 3, accuracy: 0.8, oursBeside: 4 }),
      file("fastText, default", { warm: 6, command: 12, accuracy: 0.8, oursBeside: 3 }),
    ];
    const [defaults, words, other] = fileRows(cells);
    expect(defaults).toMatchObject({ "× ours, warm": "", "× ours, command": "" });
    expect(words).toMatchObject({ "× ours, warm": "1", "× ours, command": "0.75" });
    expect(other).toMatchObject({ "× ours, warm": "6", "× ours, command": "4" });
    // 4 times the defaults against 0.75 times.
    expect(pointRows(settingsOf(cells))).toMatchObject([
      { ours: "dualtext, words only", "× ours, warm": "6", "× ours, command": "5.33" },
    ]);
  });

  test("absent rivals are named once, with what is missing", () => {
    const { version: _, ...rest } = head;
    const absent: Cell = { ...rest, rival: "glmnet", state: "absent", why: "not installed" };
    expect(absences([absent, { ...absent, set: "t" }, ours])).toEqual(["p: not installed"]);
  });

  test("machines: that of most cells, then what was measured on others", () => {
    const on = (machine: string, table: string, ...sets: string[]) =>
      sets.map((set) => ({ machine, table, set }));
    const files = on("M", "files", "a", "b", "c", "e");
    expect(machinesOf(files)).toBe("M");
    expect(machinesOf([...on("N", "twin", "a", "b"), ...files, ...on("N", "files", "d")])).toBe(
      'M; "twin", "files" (d): N',
    );
  });

  test("a plot has a line for each rival", () => {
    const svg = gapPlot("s", [ours, slow, fast])!;
    expect(svg.startsWith("<svg")).toBe(true);
    for (const name of ["dualtext", "slow", "fast"]) expect(svg).toContain(`>${name}</text>`);
  });

  test("medians, means, lines of JSON", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(geometricMean([1, 4])).toBeCloseTo(2, 12);
    expect(jsonLines('note\n{"a":1}\n{"a":2')).toEqual([{ a: 1 }]);
  });

  test("a command ends at its limit; a failure is an error with its message", async () => {
    const { timedOut } = await run(process.execPath, ["-e", "setInterval(() => {}, 1000)"], 0.5);
    expect(timedOut).toBe(true);
    await expect(run(process.execPath, ["-e", "throw new Error('bad luck')"])).rejects.toThrow("bad luck");
  });
});
