import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { saveModel, trainClassifier } from "../../src/index.js";
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
  takeSpareMemory(Number.POSITIVE_INFINITY);
});

describe("takeSpareMemory", () => {
  test("gives what was given away, all 0, once", () => {
    const memory = usedMemory(PAGE_BYTES + 5);
    expect(takeSpareMemory(PAGE_BYTES + 5)).toBe(memory);
    expect(new Uint8Array(memory.buffer).every((byte) => byte === 0)).toBe(true);
    expect(takeSpareMemory(PAGE_BYTES + 5)).toBeUndefined();
  });

  test("leaves one that would take long to clear", () => {
    const memory = usedMemory(100);
    expect(takeSpareMemory(99)).toBeUndefined();
    expect(takeSpareMemory(100)).toBe(memory);
  });

  test("has none where memory cannot be held weakly", () => {
    vi.stubGlobal("WeakRef", undefined);
    usedMemory(100);
    vi.unstubAllGlobals();
    expect(takeSpareMemory(100)).toBeUndefined();
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
