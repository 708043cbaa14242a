const ZERO = 0x30;
const POINT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;

/** Powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
/** Integers of so many digits are exact in a double. */
const EXACT_DIGITS = 15;

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const special = /^[+-]?(?:nan|infinity|∞)$/i;

/**
 * The single nearest to a decimal number, ties to even, as .NET's `Single.Parse` has it; `undefined` when the bytes
 * start … end − 1 are none. NaN and Infinity, in any case, are numbers too.
 */
export function readSingleValue(bytes: Uint8Array, start: number, end: number): number | undefined {
  const quick = readShortDecimal(bytes, start, end);
  // Rounding first to double and then to single is wrong only where the double lies halfway between two singles.
  if (quick !== undefined && !isHalfway(quick)) return Math.fround(quick);
  const text = new TextDecoder().decode(bytes.subarray(start, end));
  if (decimal.test(text)) return roundedOnce(text);
  if (!special.test(text)) return undefined;
  const isNegative = text.startsWith("-");
  if (/nan$/i.test(text)) return Number.NaN;
  return isNegative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/**
 * A number of few digits without exponent, as a double: one division of exact numbers, and so rounded once.
 * Source: Clinger, How to Read Floating Point Numbers Accurately, 1990.
 */
function readShortDecimal(bytes: Uint8Array, start: number, end: number): number | undefined {
  let at = start;
  const sign = bytes[at];
  if (sign === MINUS || sign === PLUS) at++;
  const first = at;
  let integer = 0;
  let point = -1;
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit >= 0 && digit <= 9) integer = integer * 10 + digit;
    else if (bytes[at] === POINT && point < 0) point = at;
    else return undefined;
  }
  const digits = end - first - (point < 0 ? 0 : 1);
  if (digits === 0 || digits > EXACT_DIGITS) return undefined;
  const value = point < 0 ? integer : integer / POWERS[end - point - 1]!;
  return sign === MINUS ? -value : value;
}

/** Whether a double lies exactly halfway between two neighbouring singles. */
function isHalfway(value: number): boolean {
  const near = Math.fround(value);
  if (near === value || !Number.isFinite(near)) return false;
  return (near + neighbour(near, value > near)) / 2 === value;
}

const single = new Float32Array(1);
const bits = new Int32Array(single.buffer);

/** The next single above or below. */
function neighbour(value: number, above: boolean): number {
  single[0] = value;
  if (value === 0) bits[0] = above ? 1 : 1 | 0x80000000;
  else bits[0] = bits[0]! + (value > 0 === above ? 1 : -1);
  return single[0]!;
}

/** A decimal number rounded to single once. */
function roundedOnce(text: string): number {
  const value = Number(text);
  const near = Math.fround(value);
  if (!isHalfway(value)) return near;
  const side = compare(text, value);
  if (side === 0) return near;
  const other = neighbour(near, value > near);
  return side > 0 ? Math.max(near, other) : Math.min(near, other);
}

/** The sign of a decimal number less a double, exactly. */
function compare(text: string, value: number): number {
  const [mantissa = "", power = "0"] = text.split(/[eE]/);
  const [whole = "", fraction = ""] = mantissa.replace(/^[+-]/, "").split(".");
  let digits = BigInt(`${whole}${fraction}`);
  const exponent = Number(power) - fraction.length;
  // The double as an integer times a power of two.
  let scale = 0;
  let scaled = Math.abs(value);
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    scale++;
  }
  let double = BigInt(scaled);
  digits <<= BigInt(scale);
  if (exponent >= 0) digits *= powerOfTen(exponent);
  else double *= powerOfTen(-exponent);
  const side = digits > double ? 1 : digits < double ? -1 : 0;
  return value < 0 ? -side : side;
}

function powerOfTen(exponent: number): bigint {
  return BigInt(`1${"0".repeat(exponent)}`);
}
