import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { VectorColumn } from "../../src/data/columns.js";
import { featurizeText, fromRows, saveModel, trainClassifier } from "../../src/index.js";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import type { TextFeaturizer } from "../../src/text/text-featurizer.js";
import { Problem } from "../../src/train/problem.js";
import {
  ARENA_START,
  MAX_PAGES,
  markUsed,
  reserve,
  unclearBytes,
  willBeWritten,
} from "../../src/wasm/memory.js";
import { spareMemory, takeSpareMemory } from "../../src/wasm/spare-memory.js";
import { coreIn, freshCore } from "../helpers/place.js";
import { randomRows, withFoldableColumns } from "../helpers/rows.js";
import { labelledTexts } from "../helpers/texts.js";

const PAGE_BYTES = 65_536;

function usedMemory(bytes: number) {
  const memory = new WebAssembly.Memory({ initial: 2 });
  new Uint8Array(memory.buffer, 0, bytes).fill(1);
  spareMemory(memory, bytes);
  return memory;
}

beforeEach(() => {
  takeSpareMemory();
});

const isClear = (memory: WebAssembly.Memory, from: number, end: number) =>
  new Uint8Array(memory.buffer, from, end - from).every((byte) => byte === 0);

describe("takeSpareMemory", () => {
  test("knows memory that threads can share where the host hides the global of its buffers, as WebKit does", () => {
    takeSpareMemory("shared");
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
    vi.stubGlobal("SharedArrayBuffer", undefined);
    try {
      spareMemory(memory, 512);
    } finally {
      vi.unstubAllGlobals();
    }
    expect(takeSpareMemory()).toBeUndefined();
    expect(takeSpareMemory("shared")).toBe(memory);
  });

  test("gives what was given away, once", () => {
    const memory = usedMemory(PAGE_BYTES + 5);
    expect(takeSpareMemory()).toBe(memory);
    expect(unclearBytes(memory)).toBe(PAGE_BYTES + 5);
    expect(takeSpareMemory()).toBeUndefined();
  });

  test("has none where memory cannot be held weakly", () => {
    vi.stubGlobal("WeakRef", undefined);
    usedMemory(100);
    vi.unstubAllGlobals();
    expect(takeSpareMemory()).toBeUndefined();
  });

  test("gives a memory that is cleared as far as it is reserved", () => {
    const memory = usedMemory(1000);
    expect(takeSpareMemory()).toBe(memory);
    reserve(memory, 600, "A test");
    expect(isClear(memory, ARENA_START, 600)).toBe(true);
    new Uint8Array(memory.buffer, 0, 600).fill(2);
    reserve(memory, 3 * PAGE_BYTES, "A test");
    expect(new Uint8Array(memory.buffer, 0, 600).every((byte) => byte === 2)).toBe(true);
    expect(isClear(memory, 600, 3 * PAGE_BYTES)).toBe(true);
  });

  test("what will be written is left as it is, what comes after it is cleared", () => {
    const memory = usedMemory(1000);
    takeSpareMemory();
    willBeWritten(memory, 700);
    reserve(memory, 900, "A test");
    expect(new Uint8Array(memory.buffer, 0, 700).every((byte) => byte === 1)).toBe(true);
    expect(isClear(memory, 700, 900)).toBe(true);
    willBeWritten(memory, 2000);
    reserve(memory, 1000, "A test");
    expect(new Uint8Array(memory.buffer, 900, 100).every((byte) => byte === 1)).toBe(true);
    expect(unclearBytes(memory)).toBe(0);
  });

  test("what was not cleared is still known when it is given away again", () => {
    const memory = usedMemory(1000);
    takeSpareMemory();
    reserve(memory, 300, "A test");
    spareMemory(memory, 300);
    expect(takeSpareMemory()).toBe(memory);
    expect(unclearBytes(memory)).toBe(1000);
  });
});

test("models are the same bytes whatever was in the memory before", async () => {
  const rows = labelledTexts(300);
  const others = rows.map(({ text, label }, i) => ({
    text: `${text} other ${i % 91} words`,
    label: label + (i % 5),
  }));
  const digest = async (texts: readonly { text: string; label: string }[]) => {
    const { model } = await trainClassifier(texts, { tolerance: 1e-4 });
    return createHash("sha256").update(saveModel(model)).digest("hex");
  };
  const first = await digest(rows);
  const other = await digest(others);
  for (let i = 0; i < 3; i++) {
    expect(await digest(rows)).toBe(first);
    expect(await digest(others)).toBe(other);
  }
});

test("n-grams are counted the same in a memory full of other bytes", async () => {
  const rows = labelledTexts(300).map(({ text }, i) => ({
    Text: i % 7 === 0 ? `${text} Übergrößenträger №${i}` : text,
  }));
  const counted = async () => {
    const stage = featurizeText("Features", "Text").stages[0]!;
    const { transformer, output } = await stage.fitStage(fromRows(rows), {});
    const { matrix } = output.column("Features") as VectorColumn;
    return [(transformer as TextFeaturizer).tables, matrix];
  };
  takeSpareMemory();
  const first = await counted();
  const memory = new WebAssembly.Memory({ initial: 1024, maximum: MAX_PAGES });
  for (const byte of [0xff, 0x80, 0x01]) {
    takeSpareMemory();
    new Uint8Array(memory.buffer).fill(byte);
    spareMemory(memory, memory.buffer.byteLength);
    expect(await counted()).toEqual(first);
    expect(takeSpareMemory()).toBe(memory);
  }
});

test.each([2, 3])(
  "problems of %i classes are solved the same in a memory full of other bytes",
  (classCount) => {
    const { matrix, labels } = randomRows({ rowCount: 120, featureCount: 40, classCount });
    const input = { matrix: withFoldableColumns(matrix), labels, classCount, scaledL2: 0.2, hasBias: true };
    const solved = (core: ReturnType<typeof freshCore>) => {
      const problem = new Problem(core, { ...input, batchSize: 4 });
      const random = new Random(5);
      for (let epoch = 0; epoch < 3; epoch++) {
        atOnce(problem.startEpoch(random));
        problem.visit(0, problem.visitCount);
      }
      return [atOnce(problem.certify()), problem.dualLines().slice()];
    };
    const expected = solved(freshCore());
    const memory = new WebAssembly.Memory({ initial: 16, maximum: MAX_PAGES });
    for (const byte of [0xff, 0x01]) {
      new Uint8Array(memory.buffer).fill(byte);
      markUsed(memory, memory.buffer.byteLength);
      expect(solved(coreIn(memory))).toEqual(expected);
    }
  },
);
