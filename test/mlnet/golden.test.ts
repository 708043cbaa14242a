import { afterAll, describe, expect, test } from "vitest";
import { missingDataSets, NotBuilt } from "./case-data.js";
import { type Case, readCases, readRecords, readTables } from "./golden.js";
import { Report } from "./report.js";
import { isRequired, leftOutBecause } from "./required.js";
import { runCase } from "./run-case.js";
import { differenceOfTable, requiredTables } from "./unicode-tables.js";

// Runs every recorded case. One that must pass and fails, or is not built, fails the run, and so does any other that is
// built and fails. What is not built yet is skipped with the reason and counted in the table at the end.

/** Files of cases, and how many of each must pass. */
const files: { readonly [name: string]: number } = {
  load: 0,
  text: 36,
  featurize: 18,
  "featurize-data": 8,
  keys: 22,
  evaluate: 40,
  split: 109,
  embeddings: 15,
  hashed: 0,
  train: 0,
  zips: 0,
};

const report = new Report();
afterAll(() => console.log(report.toString()));

describe.each(Object.entries(files))("%s", (file, requiredCount) => {
  const cases = readCases(file);
  const records = readRecords(file);

  test("every case has its record, and the required ones are all there", () => {
    expect(cases.map(({ name }) => name)).toEqual([...records.keys()]);
    expect(cases.filter((given) => isRequired(file, given))).toHaveLength(requiredCount);
  });

  for (const given of cases) {
    const missing = missingDataSets(given);
    test(title(given, missing), async ({ skip }) => {
      const leftOut = leftOutBecause(given);
      if (leftOut !== undefined) skip(report.add(file, "left out", leftOut));
      if (missing.length > 0) skip(report.add(file, "no data", missing.join(", ")));
      const outcome = await runCase(given, records.get(given.name)!);
      if (outcome.kind === "not built" && !isRequired(file, given)) {
        skip(report.add(file, "not built", outcome.reason));
      }
      report.add(file, outcome.kind === "passed" ? "passed" : "failed");
      expect(outcome).toEqual({ kind: "passed" });
    });
  }
});

function title({ name }: Case, missing: readonly string[]): string {
  return missing.length === 0 ? name : `${name} (needs ${missing.join(" and ")} in DUALTEXT_DATA)`;
}

describe("unicode-invariant", () => {
  const tables = readTables("unicode-invariant");

  test("the required tables are all there", () => {
    expect(requiredTables).toHaveLength(12);
    expect(requiredTables.filter((table) => !tables.has(table))).toEqual([]);
  });

  for (const [table, recorded] of tables) {
    test(table, ({ skip }) => {
      let difference: string | undefined;
      try {
        difference = differenceOfTable(table, recorded);
      } catch (error) {
        if (!(error instanceof NotBuilt) || requiredTables.includes(table)) throw error;
        skip(report.add("unicode-invariant", "not built", error.message));
      }
      report.add("unicode-invariant", difference === undefined ? "passed" : "failed");
      expect(difference).toBeUndefined();
    });
  }
});

test("unicode-icu", ({ skip }) => {
  skip(report.add("unicode-icu", "left out", "what ICU changes; unicode-invariant is followed"));
});
