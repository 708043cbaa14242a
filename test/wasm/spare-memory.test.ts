import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { saveModel, trainClassifier } from "../../src/index.js";
import { reserve } from "../../src/wasm/memory.js";
import { spareMemory, takeClearMemory, takeSpareMemory } from "../../src/wasm/spare-memory.js";
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

describe("takeClearMemory", () => {
  test("gives what was given away, all 0, once", () => {
    const memory = usedMemory(PAGE_BYTES + 5);
    expect(takeClearMemory(PAGE_BYTES + 5)).toBe(memory);
    expect(isClear(memory, 0, 2 * PAGE_BYTES)).toBe(true);
    expect(takeClearMemory(PAGE_BYTES + 5)).toBeUndefined();
  });

  test("leaves one that would take long to clear", () => {
    const memory = usedMemory(100);
    expect(takeClearMemory(99)).toBeUndefined();
    expect(takeClearMemory(100)).toBe(memory);
  });

  test("has none where memory cannot be held weakly", () => {
    vi.stubGlobal("WeakRef", undefined);
    usedMemory(100);
    vi.unstubAllGlobals();
    expect(takeClearMemory(100)).toBeUndefined();
  });
});

describe("takeSpareMemory", () => {
  test("gives a memory that is cleared as far as it is reserved", () => {
    const memory = usedMemory(1000);
    expect(takeSpareMemory()).toBe(memory);
    reserve(memory, 600, "A test");
    expect(isClear(memory, 0, 600)).toBe(true);
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
    expect(takeClearMemory(999)).toBeUndefined();
    expect(takeClearMemory(1000)).toBe(memory);
    expect(isClear(memory, 0, 2 * PAGE_BYTES)).toBe(true);
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
