import { describe, expect, test } from "vitest";
import type { VectorColumn } from "../../src/data/columns.js";
import type { CsrMatrix } from "../../src/data/csr.js";
import { fromRows } from "../../src/data/from-rows.js";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import { featurizeText } from "../../src/stages.js";
import type { FeaturizeTextOptions } from "../../src/text/featurize-text.js";
import { matchSlots } from "../../src/text/match-ngrams.js";
import { slotCount } from "../../src/text/ngram-tables.js";
import { pruningTables } from "../../src/text/prune-ngrams.js";
import { slotNamesOf } from "../../src/text/slot-names.js";
import type { TextFeaturizer } from "../../src/text/text-featurizer.js";

const dataOf = (texts: readonly string[]) => fromRows(texts.map((Text) => ({ Text })));

async function fitted(texts: readonly string[], options: FeaturizeTextOptions = {}, before?: TextFeaturizer) {
  const start = { features: "Features", label: "Label", featurizer: before, keyMap: undefined };
  const [stage] = featurizeText("Features", "Text", options).stages;
  const { transformer, output } = await stage!.fitStage(dataOf(texts), before ? { start } : {});
  const { matrix } = output!.column("Features") as VectorColumn;
  return { featurizer: transformer as TextFeaturizer, matrix: matrix as CsrMatrix };
}

/** Random texts of few letters, so that many n-grams are shared, with long and odd words among them. */
function randomTexts(seed: number, count: number): string[] {
  const random = new Random(seed);
  const words = [
    "ab",
    "b",
    "ca",
    "Käse",
    "\ud800x",
    "学校",
    "extraordinarily",
    "x".repeat(40),
    "c",
    "bb",
    "zz",
  ];
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + random.nextBelow(8) }, () => words[random.nextBelow(words.length)]!).join(" "),
  );
}

const blocks = [{}, { chars: false }, { words: false }] as const;

describe.each(blocks)("featurizer that begins from another, %o", (options) => {
  test("has the n-grams of a fit on both data, one after the other, and the new rows' features", async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const before = randomTexts(seed, 1 + (seed % 4));
      const after = randomTexts(100 + seed, 5);
      const old = await fitted(before, options);
      const both = await fitted([...before, ...after], options);
      const extended = await fitted(after, options, old.featurizer);
      expect(extended.featurizer.tables).toEqual(both.featurizer.tables);
      const first = both.matrix.indptr[before.length]!;
      expect(extended.matrix.columnCount).toBe(both.matrix.columnCount);
      expect(extended.matrix.indices).toEqual(both.matrix.indices.slice(first));
      expect(extended.matrix.values).toEqual(both.matrix.values.slice(first));
      // What it makes of the rows later is the same.
      const again = extended.featurizer.transform(dataOf(after)).column("Features") as VectorColumn;
      expect(again.matrix).toEqual({ ...extended.matrix, indptr: (again.matrix as CsrMatrix).indptr });
    }
  });

  test("finds each old slot by its n-gram", async () => {
    const old = await fitted(randomTexts(3, 20), options);
    const extended = await fitted(randomTexts(4, 20), options, old.featurizer);
    const slots = extended.featurizer.slotsIn(old.featurizer)!;
    const [now, then] = [extended, old].map(({ featurizer }) => slotNamesOf(featurizer.tables));
    const names = new Map(Array.from({ length: then!.count }, (_, slot) => [then!.at(slot), slot]));
    expect([...slots]).toEqual(
      Array.from({ length: now!.count }, (_, slot) => names.get(now!.at(slot)) ?? -1),
    );
    expect(slots.filter((slot) => slot >= 0).length).toBe(old.featurizer.slotCount);
  });
});

test("a model's featurizer with other blocks is refused", async () => {
  const old = await fitted(["ab ca"], { chars: false });
  await expect(fitted(["ab"], {}, old.featurizer)).rejects.toMatchObject({ code: "bad-option" });
});

test("tables that have nothing in common are put one behind the other", async () => {
  const [first, second] = [await fitted(["abc"]), await fitted(["xyz uvw"])];
  const { tables } = (await fitted(["xyz uvw"], {}, first.featurizer)).featurizer;
  // Only the beginning and the end of a text have no letters.
  const shared = matchSlots(first.featurizer.tables, second.featurizer.tables).filter(
    (slot) => slot >= 0,
  ).length;
  expect(slotCount(tables)).toBe(first.featurizer.slotCount + second.featurizer.slotCount - shared);
});

test("n-grams that no row has any more go, and words that only they had", async () => {
  const texts = randomTexts(8, 30);
  const all = await fitted(texts);
  const kept = texts.filter((_, row) => row % 3 === 0);
  const used = new Uint8Array(all.featurizer.slotCount);
  const { indptr, indices } = all.matrix;
  texts.forEach((_, row) => {
    if (row % 3 === 0) for (let k = indptr[row]!; k < indptr[row + 1]!; k++) used[indices[k]!] = 1;
  });
  const pruned = atOnce(pruningTables(all.featurizer.tables, used));
  const alone = await fitted(kept);
  const namesOf = (tables: typeof pruned) => {
    const names = slotNamesOf(tables);
    return Array.from({ length: names.count }, (_, slot) => names.at(slot)).sort();
  };
  expect(namesOf(pruned)).toEqual(namesOf(alone.featurizer.tables));
  expect(pruned.words!.ends.length).toBe(alone.featurizer.tables.words!.ends.length);
});
