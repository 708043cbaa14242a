import { describe, expect, test } from "vitest";
import { exp, log, log2 } from "../src/numbers.js";
import { Random } from "../src/random.js";

// The reference is fixed-point integer arithmetic with 300 bits after the point.
const PLACES = 300n;
const ONE = 1n << PLACES;

/** A finite double as mantissa × 2^exponent. */
function parts(x: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const word = view.getBigUint64(0);
  const field = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  const mantissa = field === 0 ? fraction : fraction | (1n << 52n);
  return { mantissa: x < 0 ? -mantissa : mantissa, exponent: Math.max(field, 1) - 1075 };
}

function shift(value: bigint, places: number): bigint {
  return places >= 0 ? value << BigInt(places) : value >> BigInt(-places);
}

/** 2 artanh(numerator / denominator). */
function doubledArtanh(numerator: bigint, denominator: bigint): bigint {
  const s = (numerator << PLACES) / denominator;
  const square = (s * s) >> PLACES;
  let power = s;
  let sum = 0n;
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += power / n;
    power = (power * square) >> PLACES;
    if (power === -1n) break;
  }
  return 2n * sum;
}

const LN_2 = doubledArtanh(1n, 3n);

/** log x in fixed point. */
function exactLog(x: number): bigint {
  let { mantissa, exponent } = parts(x);
  const length = mantissa.toString(2).length;
  exponent += length;
  const unit = 1n << BigInt(length);
  if (mantissa * 3n < unit * 2n) {
    mantissa *= 2n;
    exponent -= 1;
  }
  return BigInt(exponent) * LN_2 + doubledArtanh(mantissa - unit, mantissa + unit);
}

/** e^x = value × 2^exponent with value in fixed point, about 0.7 … 1.4. */
function exactExp(x: number): { value: bigint; exponent: number } {
  const { mantissa, exponent } = parts(x);
  const fixed = shift(mantissa, exponent + Number(PLACES));
  const power = Math.round(x / Math.LN2);
  const rest = fixed - BigInt(power) * LN_2;
  let term = ONE;
  let sum = 0n;
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    sum += term;
    term = ((term * rest) >> PLACES) / n;
  }
  return { value: sum, exponent: power };
}

/** Distance of a double from value × 2^exponent, in units of its last place. */
function ulps(candidate: number, value: bigint, exponent = 0): number {
  const more = 1400;
  const exact = shift(value, more + exponent);
  const given = parts(candidate);
  const places = given.exponent + Number(PLACES) + more;
  const difference = shift(given.mantissa, places) - exact;
  return Math.abs(Number((difference * 1_000_000n) / shift(1n, places))) / 1e6;
}

const random = new Random(7);
const uniform = (low: number, high: number) => low + (high - low) * (random.nextU32() / 2 ** 32);
const view = new DataView(new ArrayBuffer(8));
/** Any positive finite double, exponents equally likely. */
const anyPositive = () => {
  view.setUint32(0, random.nextBelow(0x7ff00000));
  view.setUint32(4, random.nextU32());
  return view.getFloat64(0) || 1;
};
const sample = (count: number, next: () => number) => Array.from({ length: count }, next);
const around = (x: number) => [-3, -2, -1, 0, 1, 2, 3].map((i) => x * (1 + i * Number.EPSILON));

const positives = {
  "over the whole range": sample(1500, anyPositive),
  "near 1": [...sample(1000, () => uniform(0.7, 1.5)), ...sample(300, () => 1 + uniform(-1e-9, 1e-9))],
  probabilities: sample(1000, () => Math.fround(uniform(0, 1)) || 0.5),
  "counts and ratios": sample(500, () => random.nextBelow(100000) + 1),
  subnormals: [5e-324, 1e-323, 2.5e-320, 1.1e-310, 2.225073858507201e-308],
  "where the reduction turns": [Math.SQRT1_2, Math.SQRT2, 2 * Math.SQRT2, 0.5, 1, 2].flatMap(around),
  "the ends": [Number.MIN_VALUE, 2.2250738585072014e-308, Number.MAX_VALUE],
};

const exponents = {
  "over the whole range": sample(2000, () => uniform(-745.13, 709.78)),
  "near 0": [...sample(1000, () => uniform(-1, 1)), ...sample(300, () => uniform(-1e-9, 1e-9))],
  tiny: [5e-324, -5e-324, 1e-300, -1e-17, 1e-17, 2 ** -53, -(2 ** -54)],
  "where the reduction turns": sample(600, () => (random.nextBelow(2000) - 1000 + 0.5) * Math.LN2).flatMap(
    around,
  ),
  "near overflow": [709.782712893384, 709.7827128933839, 709.78, 709.1, 709.4361393],
  "subnormal results": [...sample(600, () => uniform(-745.13, -708)), -745.1332191019411, -744.4400719213812],
};

describe("log", () => {
  test.each(Object.entries(positives))("is within 0.55 ulp %s", (_, values) => {
    expect(values.filter((x) => ulps(log(x), exactLog(x)) > 0.55)).toEqual([]);
  });
});

describe("log2", () => {
  test.each(Object.entries(positives))("is within 0.55 ulp %s", (_, values) => {
    const exact = (x: number) => (exactLog(x) << PLACES) / LN_2;
    expect(values.filter((x) => ulps(log2(x), exact(x)) > 0.55)).toEqual([]);
  });

  test("is exact for every power of two", () => {
    const wrong = Array.from({ length: 2098 }, (_, i) => i - 1074).filter((k) => !Object.is(log2(2 ** k), k));
    expect(wrong).toEqual([]);
  });
});

describe("exp", () => {
  test.each(Object.entries(exponents))(
    "is within 0.6 ulp %s, and 1 ulp where the result is subnormal",
    (_, values) => {
      for (const x of values.filter((x) => x <= 709.782712893384)) {
        const { value, exponent } = exactExp(x);
        const result = exp(x);
        const allowed = result < 2 ** -1022 ? 1 : 0.6;
        expect({ x, ulps: ulps(result, value, exponent) <= allowed }).toEqual({ x, ulps: true });
      }
    },
  );
});

test("the reference arithmetic knows ln 2, e and ln 10", () => {
  const digits = (value: bigint) => ((value * 10n ** 40n) >> PLACES).toString();
  expect(digits(LN_2)).toBe("6931471805599453094172321214581765680755");
  expect(digits(exactLog(10))).toBe("23025850929940456840179914546843642076011");
  const e = exactExp(1);
  expect(digits(shift(e.value, e.exponent))).toBe("27182818284590452353602874713526624977572");
});

test.each([
  [exp, 0, 1],
  [exp, -0, 1],
  [exp, Infinity, Infinity],
  [exp, -Infinity, 0],
  [exp, Number.NaN, Number.NaN],
  [exp, 709.7827128933841, Infinity],
  [exp, 1e308, Infinity],
  [exp, -745.1332191019413, 0],
  [exp, -1e308, 0],
  [log, 1, 0],
  [log, 0, -Infinity],
  [log, -0, -Infinity],
  [log, -1, Number.NaN],
  [log, -Infinity, Number.NaN],
  [log, Infinity, Infinity],
  [log, Number.NaN, Number.NaN],
  [log2, 1, 0],
  [log2, 0, -Infinity],
  [log2, -0, -Infinity],
  [log2, -5e-324, Number.NaN],
  [log2, Infinity, Infinity],
  [log2, Number.NaN, Number.NaN],
])("%o of %d is %d", (f, x, expected) => {
  expect(f(x)).toBe(expected);
});
