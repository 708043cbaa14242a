import { describe, expect, test } from "vitest";
import { Random } from "../../src/random.js";
import { readSingleValue } from "../../src/text/single-value.js";

const read = (text: string) => {
  const bytes = new TextEncoder().encode(`x ${text} y`);
  return readSingleValue(bytes, 2, bytes.length - 2);
};

describe("readSingleValue", () => {
  test.each([
    ["0.418", Math.fround(0.418)],
    ["-.5", -0.5],
    ["+3", 3],
    ["1e2", 100],
    ["7.", 7],
    ["-0", -0],
    ["-0.0", -0],
    ["1E-46", 0],
    ["1e39", Number.POSITIVE_INFINITY],
    ["3.4028234663852886e38", Math.fround(3.4028234663852886e38)],
    ["NaN", Number.NaN],
    ["-infinity", Number.NEGATIVE_INFINITY],
    ["∞", Number.POSITIVE_INFINITY],
  ])("%s", (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test.each(["", ".", "-", "+-1", "1.2.3", "1e", "e5", "1 ", "0x10", "1,5", "１", "12a", "--1"])(
    "%j is no number",
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );

  test("rounds once, where rounding to double first would be wrong", () => {
    // 16777217 is halfway between two singles; a digit beyond what a double holds decides.
    expect(read("16777217")).toBe(16777216);
    expect(read("16777217.00000000000000001")).toBe(16777218);
    expect(read("-16777217.00000000000000001")).toBe(-16777218);
    expect(read("16777216.99999999999999999")).toBe(16777216);
    expect(read("16777219")).toBe(16777220);
    expect(read("16777218.99999999999999999")).toBe(16777218);
    // Half of the smallest single, and a little more.
    expect(read("7.006492321624085354618e-46")).toBe(0);
    expect(
      read("7.00649232162408535461864791644958065640130970938257885878534141944895541342930300743319095e-46"),
    ).toBe(1.401298464324817e-45);
  });

  test("numbers around every halfway point are rounded to the nearer single", () => {
    const random = new Random(5);
    const bits = new Uint32Array(1);
    const single = new Float32Array(bits.buffer);
    for (let i = 0; i < 300; i++) {
      bits[0] = 0x3f000000 + random.nextBelow(0x02000000);
      const lower = single[0]!;
      bits[0]!++;
      const upper = single[0]!;
      // Exact in decimal: at most 25 fractional digits for numbers from 0.5 to 8.
      const middle = ((lower + upper) / 2).toFixed(30);
      expect(read(`${middle}1`)).toBe(upper);
      expect(read(middle)).toBe(Math.fround((lower + upper) / 2));
      expect(read(`-${middle}0000001`)).toBe(-upper);
    }
  });
});
