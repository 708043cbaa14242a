import { describe, expect, test } from "vitest";
import { doubleText, singleText } from "../../src/data/number-text.js";

describe("singleText", () => {
  test.each([
    [0, "0"],
    [-0, "-0"],
    [3, "3"],
    [-1, "-1"],
    [0.1, "0.1"],
    [123.5, "123.5"],
    [0.0001, "0.0001"],
    [8.402e-5, "8.402E-05"],
    [1e-45, "1E-45"],
    [801417660, "801417660"],
    [5954365058.4067, "5.954365E+09"],
    [3.4028234663852886e38, "3.4028235E+38"],
    [427120.625, "427120.62"],
    [Number.POSITIVE_INFINITY, "Infinity"],
  ])("%d is %s", (value, text) => {
    expect(singleText(Math.fround(value))).toBe(text);
  });

  test("reads back as the same single", () => {
    const bits = new Uint32Array(1);
    const single = new Float32Array(bits.buffer);
    for (let i = 1; i < 0x7f800000; i += 10_000_019) {
      bits[0] = i;
      expect(Math.fround(Number(singleText(single[0]!)))).toBe(single[0]);
    }
  });
});

describe("doubleText", () => {
  test.each([
    [3, "3"],
    [0.1, "0.10000000000000001"],
    [0.30000000000000004, "0.30000000000000004"],
    [1e-45, "9.9999999999999998E-46"],
    [1e-300, "1E-300"],
    [1e16, "10000000000000000"],
    [1e17, "1E+17"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
  ])("%d is %s", (value, text) => {
    expect(doubleText(value)).toBe(text);
  });
});
