import { describe, expect, test } from "vitest";
import type { VectorColumn } from "../../src/data/columns.js";
import type { CsrMatrix } from "../../src/data/csr.js";
import type { Dataset } from "../../src/data/dataset.js";
import { fromRows } from "../../src/data/from-rows.js";
import { Random } from "../../src/random.js";
import type { LoadedStageParts, Progress, Transformer } from "../../src/stage.js";
import { featurizeText } from "../../src/stages.js";
import { printedUnit } from "../../src/text/slot-names.js";
import { readFeaturizer } from "../../src/text/text-featurizer.js";
import { defaultUnitMap } from "../../src/text/unit-map.js";
import { type PlainOptions, type PlainRow, plainFeatures } from "../reference/featurize-text.js";

const alphabets = {
  ascii: "aAbBcCzZ  .,-01<>&'",
  control: "ab \u0000\u0001\u0002\u0003\u001f\t\r\n\u007f",
  latin: "aéÉüÜñç ßøØ e\u0301u\u0308ǅ",
  cyrillic: "абвГДЖ  й и\u0306 ё",
  greek: "αβγΣσς ά",
  cjk: "学校図書館 語　ガカ\u3099",
  hangul: "한국어 ㄱㅏ",
  surrogates: "a😀𝔸 \ud800\udc00\ud83d \udfff",
  spaces: "  \u00a0\u2003\u3000\ufeff x",
  odd: "\ufffe\uffff\u2028\u2029\u0085\u0300\u0fff İıſKÅ",
};

function randomTexts(seed: number, count: number, letters: string, longest: number): string[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const length = random.nextBelow(longest);
    return Array.from({ length }, () => letters.charAt(random.nextBelow(letters.length))).join("");
  });
}

/**
 * Words of 1 to 35 units that differ in their last unit or in their length alone: of ASCII, with a last unit that is the highest of
 * ASCII or NUL, of other units; each in rows of ASCII and in rows that are not.
 */
function wordsOfLengths(): string[] {
  const bodies = ["abcdefgh".repeat(5), "\u007f".repeat(40), "\u0000".repeat(40), "жизнь\u8181学".repeat(6)];
  const words = bodies.flatMap((body) =>
    Array.from({ length: 35 }, (_, n) =>
      ["x", "\u007f", "\u0000", "ж", "\u8181"].map((last) => body.slice(0, n) + last),
    ),
  );
  const all = words.flat();
  const some = all.filter((_, i) => i % 3 !== 1);
  return [
    some.join(" "),
    ...some.filter((_, i) => i % 7 === 0),
    `é ${all.join(" ")}`,
    all.toReversed().join(" "),
  ];
}

const dataOf = (texts: readonly string[]) => fromRows(texts.map((Text) => ({ Text })));
const featuresOf = (data: Dataset) => data.column("Features") as VectorColumn;

async function fitted(data: Dataset, options: Pick<PlainOptions, "chars" | "words"> = {}) {
  const [stage] = featurizeText("Features", "Text", options).stages;
  const { transformer, output } = await stage!.fitStage(data, {});
  return { transformer, output: featuresOf(output!) };
}

function rowsOf({ matrix }: VectorColumn): PlainRow[] {
  const { indptr, indices, values } = matrix as CsrMatrix;
  return Array.from({ length: matrix.rowCount }, (_, row) => ({
    slots: [...indices.subarray(indptr[row], indptr[row + 1])],
    values: [...values.subarray(indptr[row], indptr[row + 1])],
  }));
}

function namesOf(column: VectorColumn): string[] {
  return Array.from({ length: column.size }, (_, slot) => column.slotNames!.at(slot));
}

function expectedNames(ngrams: readonly string[][], trigramCount: number, both: boolean): string[] {
  const shown = (unit: string) => (unit === "\u0000" ? "*" : printedUnit(unit.charCodeAt(0)));
  return ngrams.map((tokens, slot) =>
    slot < trigramCount
      ? `${both ? "Char." : ""}${tokens.map(shown).join("|")}`
      : `${both ? "Word." : ""}${tokens.join("|")}`,
  );
}

describe("equal to the plain twin, bit for bit", () => {
  const every = Object.values(alphabets).join("");
  const corpora: [string, string[]][] = [
    ...Object.entries(alphabets).map(([name, letters], i): [string, string[]] => [
      name,
      randomTexts(i + 1, 60, letters, 40),
    ]),
    ["all of them", randomTexts(77, 150, every, 60)],
    [
      "texts of every length around a group of bytes",
      Array.from({ length: 40 }, (_, n) => "abc dEf ".repeat(6).slice(0, n)),
    ],
    [
      "long words",
      ["x".repeat(9), "y".repeat(1000), `${"x".repeat(9)} ${"y".repeat(1000)} ${"é".repeat(70)}`],
    ],
    ["words of every length around those of records", wordsOfLengths()],
    [
      "what occurs as often as a byte holds, or more",
      [254, 255, 256, 257, 258, 511, 512, 513, 1100].flatMap((n) => [
        "y".repeat(n),
        `${"ab".repeat(n)} é${"z".repeat(n)}`,
        `${"q ".repeat(n)}${"yz".repeat(n)}`,
      ]),
    ],
    [
      "English with a letter beyond ASCII here and there",
      Array.from({ length: 60 }, (_, n) => {
        const text = "The quick brown foxes jumped over sleeping dogs; ".repeat(2);
        return `${text.slice(0, n)}é${text.slice(n, 90 - (n >> 1))}${n % 7 === 0 ? "" : "ñ"}`;
      }),
    ],
    ["one text", ["the cat sat on the mat the cat"]],
    ["texts that become empty", ["\u0301", "", "a b c", " ", "  "]],
    ["many words", randomTexts(5, 300, "abcdefghij   ", 300)],
  ];
  describe.each(corpora)("%s", (_, texts) => {
    test.each<PlainOptions>([{}, { chars: false }, { words: false }])("%o", async (options) => {
      const { chars = true, words = true } = options;
      const unseen = [...texts.map((text) => `${text} ${texts[0]}`), ...randomTexts(99, 20, every, 30)];
      const plain = plainFeatures(
        texts.map((text) => [text]),
        [...texts, ...unseen].map((text) => [text]),
        options,
      );
      const { transformer, output } = await fitted(dataOf(texts), options);
      const trigramCount = chars ? plain.ngrams.filter((tokens) => tokens.length === 3).length : 0;
      expect(namesOf(output)).toEqual(expectedNames(plain.ngrams, trigramCount, chars && words));
      expect(rowsOf(output)).toEqual(plain.rows.slice(0, texts.length));
      const again = featuresOf(transformer.transform(dataOf([...texts, ...unseen])));
      expect(rowsOf(again)).toEqual(plain.rows);
    });
  });

  test("several columns", async () => {
    const random = (seed: number) => randomTexts(seed, 50, every, 20);
    const [first, second] = [random(1), random(2)];
    const data = fromRows(first.map((A, i) => ({ A, B: second[i]! })));
    const [stage] = featurizeText("Features", ["A", "B"]).stages;
    const { output } = await stage!.fitStage(data, {});
    const rows = first.map((text, i) => [text, second[i]!]);
    expect(rowsOf(featuresOf(output!))).toEqual(plainFeatures(rows, rows).rows);
  });
});

describe("extremes", () => {
  test("trigrams that all want the same bucket", async () => {
    // The hash of assembly/text/key-index.ts backwards: keys of three units with the same highest 16 bits of the hash.
    const bits = 48n;
    const inverse = (odd: bigint) => {
      let x = odd;
      for (let i = 0; i < 6; i++) x = BigInt.asUintN(48, x * (2n - odd * x));
      return x;
    };
    const [first, second] = [0x9e3779b97f4bn, 0xc2b2ae3d27d5n].map(inverse) as [bigint, bigint];
    const keyOf = (hash: bigint) => {
      const mixed = BigInt.asUintN(48, hash * second);
      return BigInt.asUintN(48, (mixed ^ (mixed >> 24n)) * first);
    };
    const map = defaultUnitMap();
    const texts: string[] = [];
    for (let low = 1n; texts.length < 700; low += 0x1234567n) {
      const key = keyOf((0xabcdn << (bits - 16n)) | BigInt.asUintN(32, low));
      const units = [32n, 16n, 0n].map((shift) => Number((key >> shift) & 0xffffn));
      if (units.every((unit) => map[unit] === unit && unit > 0x80)) texts.push(String.fromCharCode(...units));
    }
    const twice = [...texts, ...texts];
    const rows = twice.map((text) => [text]);
    const { output } = await fitted(dataOf(twice));
    expect(rowsOf(output)).toEqual(plainFeatures(rows, rows).rows);
  });

  test("a text of ten million characters in one word, and in two million", async () => {
    const { output } = await fitted(dataOf(["x".repeat(10_000_000), "a few words"]));
    expect(rowsOf(output)[0]!.slots).toHaveLength(4);
    expect(namesOf(output).filter((name) => name.length > 1_000_000)).toHaveLength(1);
    const long = await fitted(dataOf(["abcd ".repeat(2_000_000)]));
    expect(rowsOf(long.output)[0]!.slots).toHaveLength(9);
  });

  test("no word at all, no character at all: an error that names the column", async () => {
    for (const texts of [[""], ["", "\u0301"]]) {
      await expect(fitted(dataOf(texts))).rejects.toMatchObject({
        code: "no-features",
        message: expect.stringContaining('"Text"'),
      });
    }
    await expect(fitted(dataOf(["  "]), { chars: false })).rejects.toMatchObject({ code: "no-features" });
  });

  test("rows without a known n-gram are empty", async () => {
    const { transformer } = await fitted(dataOf(["abc"]));
    expect(rowsOf(featuresOf(transformer.transform(dataOf(["", "zzz", "日本"]))))).toEqual([
      { slots: [], values: [] },
      { slots: [], values: [] },
      { slots: [], values: [] },
    ]);
  });

  test("a column that is no text, and one that is not there", async () => {
    await expect(fitted(fromRows([{ Text: 3 }]) as Dataset)).rejects.toMatchObject({ code: "bad-column" });
    await expect(fitted(fromRows([{ Body: "a" }]) as Dataset)).rejects.toMatchObject({ code: "bad-column" });
  });
});

describe("a run", () => {
  const texts = randomTexts(11, 30_000, alphabets.latin, 60);

  test("reports progress that only grows and ends with the last row", async () => {
    const seen: Progress[] = [];
    await featurizeText("Features", "Text").fit(dataOf(texts), {
      onProgress: (progress) => seen.push(progress),
    });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.every(({ phase, total }) => phase === "featurize" && total === texts.length)).toBe(true);
    expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).sort((a, b) => a - b));
    expect(seen.at(-1)!.done).toBe(texts.length);
  });

  test("ends with the signal's reason, before and while it runs", async () => {
    const reason = new Error("enough");
    const run = (signal: AbortSignal, onProgress = () => {}) =>
      featurizeText("Features", "Text").fit(dataOf(texts), { signal, onProgress });
    await expect(run(AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    await expect(run(controller.signal, () => controller.abort(reason))).rejects.toBe(reason);
  });
});

describe("stored", () => {
  const loaded = (transformer: Transformer): LoadedStageParts => {
    const { stage, options, arrays } = transformer.toParts();
    const whole = Object.entries(arrays).map(([name, source]) => [name, [...source.pieces()][0]!]);
    return { stage, options, arrays: Object.fromEntries(whole) };
  };

  test.each<PlainOptions>([{}, { chars: false }, { words: false }])(
    "%o comes back the same",
    async (options) => {
      const texts = Object.values(alphabets).flatMap((letters, i) => randomTexts(i, 40, letters, 50));
      const { transformer } = await fitted(dataOf(texts), options);
      const again = await readFeaturizer(loaded(transformer));
      const probes = dataOf([...texts, ...randomTexts(50, 40, Object.values(alphabets).join(""), 50)]);
      const [before, after] = [transformer, again].map((stage) => featuresOf(stage.transform(probes)));
      expect(rowsOf(after!)).toEqual(rowsOf(before!));
      expect(namesOf(after!)).toEqual(namesOf(before!));
      expect(loaded(again)).toEqual(loaded(transformer));
    },
  );

  type Arrays = { trigrams: Uint16Array; wordUnits: Uint16Array; wordNgrams: Int32Array };
  const changes: [string, (arrays: Arrays) => void][] = [
    ["a trigram twice", ({ trigrams }) => trigrams.copyWithin(3, 0, 3)],
    ["a trigram beyond ASCII twice", ({ trigrams }) => trigrams.fill(0x100, 0, 6)],
    ["a word twice", ({ wordUnits }) => wordUnits.copyWithin(1, 0, 1)],
    ["a pair twice", ({ wordNgrams }) => wordNgrams.set([1, 2], wordNgrams.length - 2)],
    ["a word alone twice", ({ wordNgrams }) => wordNgrams.set([-1, 1], wordNgrams.length - 2)],
    ["no word alone", ({ wordNgrams }) => wordNgrams.set([1, 1], 0)],
    ["a pair with a word that is not there", ({ wordNgrams }) => wordNgrams.set([1, 9], 2)],
    ["a pair after no word", ({ wordNgrams }) => wordNgrams.set([0, 1], 2)],
  ];
  test.each(changes)("%s is refused", async (_, change) => {
    const parts = loaded((await fitted(dataOf(["a b a c b"]))).transformer);
    expect((await readFeaturizer(parts)).slotCount).toBe(16);
    change(parts.arrays as unknown as Arrays);
    await expect(readFeaturizer(parts)).rejects.toMatchObject({ code: "bad-model-file" });
  });

  test("rows of a call that failed do not come up in the next", async () => {
    const { transformer } = await fitted(dataOf(["ab cd", "ef"]));
    const before = rowsOf(featuresOf(transformer.transform(dataOf(["ab", "cd"]))));
    const broken = dataOf(["cd", "ef", "ab"]).with("Text", { kind: "text" }, () => ({
      kind: "text",
      values: ["cd", "ef", null as never],
    }));
    expect(() => transformer.transform(broken).column("Features")).toThrow(TypeError);
    expect(rowsOf(featuresOf(transformer.transform(dataOf(["ab", "cd"]))))).toEqual(before);
  });

  test("a featurizer that was fitted is not changed by what it transforms", async () => {
    const { transformer } = await fitted(dataOf(["ab cd", "ef"]));
    const before = loaded(transformer);
    transformer.transform(dataOf(["gh ij kl", "ab ef cd"])).column("Features");
    expect(loaded(transformer)).toEqual(before);
  });
});
