import type { Precision } from "./columns.js";

/**
 * What the text of a field means, by ML.NET's rules. Each reader returns `undefined` for text it cannot read. Fields
 * that are absent or empty are the caller's matter.
 */

interface IntegerRange {
  readonly least: bigint;
  readonly greatest: bigint;
  /** The precision that holds all of them. */
  readonly precision: Precision;
}

export const integerTypes = {
  int8: { least: -128n, greatest: 127n, precision: "int32" },
  int16: { least: -32768n, greatest: 32767n, precision: "int32" },
  int32: { least: -(2n ** 31n), greatest: 2n ** 31n - 1n, precision: "int32" },
  int64: { least: -(2n ** 63n), greatest: 2n ** 63n - 1n, precision: "int64" },
  uint8: { least: 0n, greatest: 255n, precision: "int32" },
  uint16: { least: 0n, greatest: 65535n, precision: "int32" },
  uint32: { least: 0n, greatest: 2n ** 32n - 1n, precision: "int64" },
} as const satisfies Record<string, IntegerRange>;

export type IntegerType = keyof typeof integerTypes;

export function isIntegerType(type: string): type is IntegerType {
  return Object.hasOwn(integerTypes, type);
}

/** White space as .NET's `Char.IsWhiteSpace` has it: with U+0085, without U+FEFF. */
export function isWhiteSpace(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  if (unit < 0x2000) return unit === 0x85 || unit === 0xa0 || unit === 0x1680;
  if (unit <= 0x200a) return true;
  return unit === 0x2028 || unit === 0x2029 || unit === 0x202f || unit === 0x205f || unit === 0x3000;
}

/** Without white space at both ends. */
export function trimWhiteSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text.charCodeAt(start))) start++;
  while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** A real number taken apart: ±n × 10^exponent. */
interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

const realWithPoint = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const realWithComma = /^([+-]?)(\d*)(?:,(\d*))?(?:[eE]([+-]?\d+))?$/;
const missingReal = /^(?:\?|[nN][aA]|[nN]\/[aA]|[nN][aA][nN])$/;

/**
 * A double: the number nearest to the decimal digits, NaN for `?`, `NaN`, `NA`, `N/A` in any case, and the infinities
 * `Infinity`, `-Infinity`, `∞`, `-∞`. @param text without white space at its ends.
 */
export function readDouble(text: string, decimalMarker: "." | ","): number | undefined {
  const decimal = readDecimal(text, decimalMarker);
  if (typeof decimal !== "object") return decimal;
  const value = Number(`${decimal.digits}e${decimal.exponent}`);
  return decimal.negative ? -value : value;
}

/**
 * A single, by ML.NET's own rule and not by rounding the double: its first 19 or 20 digits as an integer, times a power
 * of ten, both as doubles, then rounded to single.
 */
export function readSingle(text: string, decimalMarker: "." | ","): number | undefined {
  const decimal = readDecimal(text, decimalMarker);
  if (typeof decimal !== "object") return decimal;
  let digits = decimal.digits.replace(/^0+/, "");
  let { exponent } = decimal;
  // Digits are taken in while the number they make is below (2^64 − 16) / 10.
  let taken = Math.min(digits.length, 19);
  if (taken < digits.length && BigInt(digits.slice(0, 19)) < 1844674407370955160n) taken = 20;
  exponent += digits.length - taken;
  digits = digits.slice(0, taken);
  const integer = taken > 15 ? Number(BigInt(digits)) : Number(digits);
  const value =
    integer === 0 || exponent < -65
      ? 0
      : exponent > 39
        ? Number.POSITIVE_INFINITY
        : integer * Number(`1e${exponent}`);
  return Math.fround(decimal.negative ? -value : value);
}

function readDecimal(text: string, decimalMarker: "." | ","): Decimal | number | undefined {
  const parts = (decimalMarker === "." ? realWithPoint : realWithComma).exec(text);
  if (parts) {
    const [, sign, whole = "", fraction = "", exponent = "0"] = parts;
    if (whole === "" && fraction === "") return undefined;
    // An exponent beyond a million means 0 or infinity for any line that fits in memory.
    const written = Math.max(-1e9, Math.min(1e9, Number(exponent)));
    return { negative: sign === "-", digits: whole + fraction, exponent: written - fraction.length };
  }
  if (missingReal.test(text)) return Number.NaN;
  if (text === "Infinity" || text === "∞") return Number.POSITIVE_INFINITY;
  if (text === "-Infinity" || text === "-∞") return Number.NEGATIVE_INFINITY;
  return undefined;
}

/** An integer in the range of the type: `-` where it has negative numbers, digits, nothing else. */
export function readInteger(text: string, type: IntegerType): bigint | undefined {
  const { least, greatest } = integerTypes[type];
  if (!(least < 0n ? /^-?0*\d{1,19}$/ : /^0*\d{1,10}$/).test(text)) return undefined;
  const value = BigInt(text);
  return value >= least && value <= greatest ? value : undefined;
}

const truths = new Map<string, boolean>([
  ...["true", "t", "yes", "y", "1", "+1", "+"].map((word) => [word, true] as const),
  ...["false", "f", "no", "n", "0", "-1", "-"].map((word) => [word, false] as const),
]);

export function readBoolean(text: string): boolean | undefined {
  if (text.length > 5) return undefined;
  return truths.get(text.replace(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32)));
}

/** A key 1 … count from a field of 0 … count − 1, or 0 from a text that says it is missing. */
export function readKey(text: string, count: number): number | undefined {
  if (missingReal.test(text)) return 0;
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value < count ? value + 1 : undefined;
}
