import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { VectorColumn } from "../../src/data/columns.js";
import { featurizeText, fromRows, saveModel, trainClassifier } from "../../src/index.js";
import type { TextFeaturizer } from "../../src/text/text-featurizer.js";
import { ARENA_START, MAX_PAGES, reserve, unclearBytes } from "../../src/wasm/memory.js";
import { spareMemory, takeSpareMemory } from "../../src/wasm/spare-memory.js";
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
