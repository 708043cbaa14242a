/**
 * exp, log and log2 in double precision from exactly rounded operations alone (+ − × ÷ and bit access), so that every
 * engine gives the same bits. Host functions of these names differ from engine to engine in the last place.
 *
 * Method: argument reduction by powers of two, then a Taylor series of exp, or of log m = 2 artanh((m − 1) / (m + 1)).
 * Leading terms are carried as unevaluated sums of two doubles (Dekker, "A floating-point technique for extending the
 * available precision", 1971), so that only the last addition rounds visibly. Series and error-free sums and products
 * are textbook formulas; the constants are splits of ln 2 and 1 / ln 2 computed to 300 bits.
 */

/** ln 2 to 42 bits, so that its product with an exponent of up to 11 bits is exact, and what is left of ln 2. */
const LN2_HIGH = 0.6931471805598903;
const LN2_LOW = 5.497923018708371e-14;
/** 1 / ln 2 as the nearest double and the rest. */
const INV_LN2_HIGH = Math.LOG2E;
const INV_LN2_LOW = 2.0355273740931033e-17;

/** Above it exp is infinite: just over ln(2^1024). Below the other it is 0: just under ln(2^−1075). */
const EXP_OVERFLOW = 709.79;
const EXP_UNDERFLOW = -745.14;

/** 2^-1022 and 2^52. */
const SMALLEST_NORMAL = 2.2250738585072014e-308;
const TWO_52 = 4503599627370496;
const SQRT_2 = Math.SQRT2;
/** Dekker's splitter: 2^27 + 1 cuts 53 bits into two halves whose products are exact. */
const SPLITTER = 134217729;

/** 1/n! for n = 3 … 14. With |r| ≤ 0.35 the first term left out is below 2^-60. */
const EXP_SERIES = inverseFactorials(3, 14);
/** 1/(2n + 1) for n = 1 … 11. With s² ≤ 0.0295 the first term left out is below 2^-64 of the whole. */
const ARTANH_SERIES = Array.from({ length: 11 }, (_, i) => 1 / (2 * i + 3));

const bits = new DataView(new ArrayBuffer(8));

/** e^x, within 1 ulp over the whole range, results below 2^-1022 included. exp(−∞) is 0. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > EXP_OVERFLOW) return Infinity;
  if (x < EXP_UNDERFLOW) return 0;
  const exponent = Math.floor(x * INV_LN2_HIGH + 0.5);
  const high = x - exponent * LN2_HIGH;
  const low = exponent * LN2_LOW;
  const r = high - low;
  const rest = high - r - low;
  let series = 0;
  for (let n = EXP_SERIES.length - 1; n >= 0; n--) series = series * r + EXP_SERIES[n]!;
  const tail = rest + rest * r + r * r * (0.5 + r * series);
  const sum = 1 + r;
  return scale(sum + (1 - sum + r + tail), exponent);
}

/** Natural logarithm, within 1 ulp. NaN below 0, −∞ at 0 and −0. */
export function log(x: number): number {
  if (!(x > 0) || x === Infinity) return logOfSpecial(x);
  const { exponent, high, low } = logParts(x);
  const whole = exponent * LN2_HIGH;
  const sum = whole + high;
  return sum + (whole - sum + high + (low + exponent * LN2_LOW));
}

/** Logarithm to base 2, within 1 ulp; exact for powers of two. NaN below 0, −∞ at 0 and −0. */
export function log2(x: number): number {
  if (!(x > 0) || x === Infinity) return logOfSpecial(x);
  const { exponent, high, low } = logParts(x);
  const lead = high + low;
  const rest = high - lead + low;
  const product = lead * INV_LN2_HIGH;
  const error = productError(lead, INV_LN2_HIGH, product) + (lead * INV_LN2_LOW + rest * INV_LN2_HIGH);
  const sum = exponent + product;
  return sum + (exponent - sum + product + error);
}

function logOfSpecial(x: number): number {
  if (x === 0) return -Infinity;
  return x === Infinity ? x : Number.NaN;
}

/** x = 2^exponent × m with √½ < m ≤ √2, and log m as a sum of two doubles. */
function logParts(x: number): { exponent: number; high: number; low: number } {
  const normal = x < SMALLEST_NORMAL ? x * TWO_52 : x;
  bits.setFloat64(0, normal);
  const word = bits.getUint32(0);
  let exponent = (word >>> 20) - 1023 - (normal === x ? 0 : 52);
  bits.setUint32(0, (word & 0xfffff) | 0x3ff00000);
  let m = bits.getFloat64(0);
  if (m > SQRT_2) {
    m /= 2;
    exponent += 1;
  }
  const f = m - 1;
  const divisor = m + 1;
  const divisorRest = m < 1 ? 1 - divisor + m : m - divisor + 1;
  const s = f / divisor;
  const product = s * divisor;
  const sRest = (f - product - productError(s, divisor, product) - s * divisorRest) / divisor;
  const z = s * s;
  let series = 0;
  for (let n = ARTANH_SERIES.length - 1; n >= 0; n--) series = series * z + ARTANH_SERIES[n]!;
  return { exponent, high: 2 * s, low: 2 * (sRest + s * z * series) };
}

/** a × b − product, exactly (Dekker). */
function productError(a: number, b: number, product: number): number {
  const aSplit = a * SPLITTER;
  const aHigh = aSplit - (aSplit - a);
  const aLow = a - aHigh;
  const bSplit = b * SPLITTER;
  const bHigh = bSplit - (bSplit - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

/** value × 2^exponent, rounded once, for exponents from −1075 to 1024. */
function scale(value: number, exponent: number): number {
  if (exponent > 1023) return value * 2 * powerOfTwo(exponent - 1);
  if (exponent < -1022) return (value * powerOfTwo(exponent + 52)) / TWO_52;
  return value * powerOfTwo(exponent);
}

/** 2^exponent for −1022 … 1023. */
function powerOfTwo(exponent: number): number {
  bits.setUint32(0, (exponent + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

function inverseFactorials(first: number, last: number): number[] {
  const inverses: number[] = [];
  let factorial = 1;
  for (let n = 1; n <= last; n++) {
    factorial *= n;
    if (n >= first) inverses.push(1 / factorial);
  }
  return inverses;
}
