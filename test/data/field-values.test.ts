import { describe, expect, test } from "vitest";
import {
  integerTypes,
  isIntegerType,
  isWhiteSpace,
  readBoolean,
  readDouble,
  readInteger,
  readKey,
  readSingle,
  trimWhiteSpace,
} from "../../src/data/field-values.js";

const unreadable = [
  "",
  "-",
  "+",
  ".",
  "e5",
  "1e",
  "1e+",
  "1,5",
  "1.5.5",
  "0x10",
  "1_000",
  "$1",
  "1f",
  "true",
  "１",
  "--1",
  "1-",
  "infinity",
  "inf",
  "+Infinity",
];

describe("readDouble and readSingle", () => {
  test.each([
    { text: "1", value: 1 },
    { text: "+1", value: 1 },
    { text: ".5", value: 0.5 },
    { text: "5.", value: 5 },
    { text: "1E-3", value: 0.001 },
    { text: "-0", value: -0 },
    { text: "0.1", value: 0.1 },
    { text: "123456789012345678901234567890", value: 1.2345678901234568e29 },
    { text: "1e400", value: Number.POSITIVE_INFINITY },
    { text: "-1e999999999999999999999", value: Number.NEGATIVE_INFINITY },
    { text: "1e-400", value: 0 },
    { text: "∞", value: Number.POSITIVE_INFINITY },
    { text: "-Infinity", value: Number.NEGATIVE_INFINITY },
    ...["?", "NaN", "nan", "NA", "n/a"].map((text) => ({ text, value: Number.NaN })),
  ])("$text", ({ text, value }) => {
    expect(readDouble(text, ".")).toBe(value);
    expect(readSingle(text, ".")).toBe(Math.fround(value));
  });

  test.each(unreadable)("cannot read %j", (text) => {
    expect(readDouble(text, ".")).toBeUndefined();
    expect(readSingle(text, ".")).toBeUndefined();
  });

  test.each([
    { text: "1,5", value: 1.5 },
    { text: ",5", value: 0.5 },
    { text: "1.5", value: undefined },
  ])("with a decimal comma, $text", ({ text, value }) => {
    expect(readDouble(text, ",")).toBe(value);
    expect(readSingle(text, ",")).toBe(value);
  });

  // Values that ML.NET gives.
  test.each([
    ["1e39", Number.POSITIVE_INFINITY],
    ["3.4028236e38", Number.POSITIVE_INFINITY],
    ["3.4028235e38", 3.4028234663852886e38],
    ["1e-45", 1.401298464324817e-45],
    ["1e-46", 0],
    ["1e-66", 0],
    ["16777217", 16777216],
    ["0.1234567890123456789012345", 0.12345679104328156],
    ["00000000000000000000000000001.5", 1.5],
  ])("reads the single %s as ML.NET", (text, value) => {
    expect(readSingle(text, ".")).toBe(value);
  });
});

describe("readInteger", () => {
  test.each(Object.entries(integerTypes))(
    "%s takes its whole range and no more",
    (type, { least, greatest }) => {
      if (!isIntegerType(type)) throw new Error(type);
      for (const value of [least, greatest, 0n]) expect(readInteger(String(value), type)).toBe(value);
      for (const value of [least - 1n, greatest + 1n])
        expect(readInteger(String(value), type)).toBeUndefined();
    },
  );

  test("takes leading zeros and refuses all but digits", () => {
    expect(readInteger("007", "int32")).toBe(7n);
    expect(readInteger("-0", "int32")).toBe(0n);
    for (const text of ["", "+1", "1.5", "a", "1 ", " 1", "NaN", "?", "1e3", "９"]) {
      expect(readInteger(text, "int32")).toBeUndefined();
    }
    expect(readInteger("-1", "uint8")).toBeUndefined();
  });

  test("refuses a million digits at once", () => {
    expect(readInteger("9".repeat(1_000_000), "int64")).toBeUndefined();
  });
});

describe("readBoolean", () => {
  test.each(["true", "TRUE", "t", "Yes", "y", "1", "+1", "+"])("%s is true", (text) => {
    expect(readBoolean(text)).toBe(true);
  });
  test.each(["false", "F", "NO", "n", "0", "-1", "-"])("%s is false", (text) => {
    expect(readBoolean(text)).toBe(false);
  });
  test.each(["", "2", "on", "tr", "00", "true ", "NaN", "ｔ"])("%j is neither", (text) => {
    expect(readBoolean(text)).toBeUndefined();
  });
});

describe("readKey", () => {
  test.each([
    { text: "0", key: 1 },
    { text: "4", key: 5 },
    { text: "?", key: 0 },
    { text: "na", key: 0 },
    { text: "5", key: undefined },
    { text: "-1", key: undefined },
    { text: "1.0", key: undefined },
  ])("of five keys, $text is $key", ({ text, key }) => {
    expect(readKey(text, 5)).toBe(key);
  });
});

describe("isWhiteSpace", () => {
  test("agrees with .NET: U+0085 is, U+FEFF, U+180E and U+200B are not", () => {
    const spaces: number[] = [];
    for (let unit = 0; unit < 0x10000; unit++) if (isWhiteSpace(unit)) spaces.push(unit);
    const enQuadToHairSpace = Array.from({ length: 11 }, (_, i) => 0x2000 + i);
    const expected = [
      9,
      10,
      11,
      12,
      13,
      0x20,
      0x85,
      0xa0,
      0x1680,
      ...enQuadToHairSpace,
      0x2028,
      0x2029,
      0x202f,
      0x205f,
      0x3000,
    ];
    expect(spaces).toEqual(expected);
  });

  test("is trimmed at both ends", () => {
    expect(trimWhiteSpace("\u3000 a b\u0085\t")).toBe("a b");
    expect(trimWhiteSpace("\ufeffa")).toBe("\ufeffa");
    expect(trimWhiteSpace(" \t")).toBe("");
  });
});
