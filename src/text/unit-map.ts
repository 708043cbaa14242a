import {
  BASE_LETTERS,
  COMBINING_MARKS,
  LOWER_CASE,
  NUMBERS,
  PUNCTUATION,
  UPPER_CASE,
} from "./unicode-tables.js";

/**
 * Text normalisation as ML.NET does it: each UTF-16 unit alone becomes one unit or none, whatever stands beside it. So
 * the whole of it is one map of 65536 entries.
 */

/** What the map holds for units that are left out: itself such a unit, and no unit's image. */
export const DROPPED = 0x0300;

/** The letters with a diacritic that do not go with their lower case. */
const DOTTED_CAPITAL_I = 0x130;
const ANGSTROM_SIGN = 0x212b;

let defaultMap: Uint16Array | undefined;

/** The default normalisation, without diacritics and in lower case: what each unit becomes, or {@link DROPPED}. */
export function defaultUnitMap(): Uint16Array {
  if (!defaultMap) {
    const base = baseLetters();
    defaultMap = withMapping(base.slice(), LOWER_CASE, false, base);
    // Diacritics are taken away first: the first of these loses one, which its lower case has not, the second keeps one.
    defaultMap[DOTTED_CAPITAL_I] = 0x69;
    defaultMap[ANGSTROM_SIGN] = 0xe5;
  }
  return defaultMap;
}

/** .NET's invariant lower case of each unit. */
export function lowerCase(): Uint16Array {
  return withMapping(identity(), LOWER_CASE, false);
}

/** .NET's invariant upper case of each unit. */
export function upperCase(): Uint16Array {
  return withMapping(identity(), UPPER_CASE, false);
}

/** 1 for the units that .NET counts as punctuation. */
export function punctuation(): Uint8Array {
  return withRanges(new Uint8Array(0x10000), PUNCTUATION, 1);
}

/** 1 for the units that .NET counts as numbers. */
export function numbers(): Uint8Array {
  return withRanges(new Uint8Array(0x10000), NUMBERS, 1);
}

/** Letters with a diacritic become their base letters, combining marks {@link DROPPED}. */
export function withoutDiacritics(): Uint16Array {
  const base = baseLetters();
  const upper = upperCase();
  lowerCase().forEach((lower, unit) => {
    if (lower !== unit && base[lower] !== lower && unit !== ANGSTROM_SIGN) base[unit] = upper[base[lower]!]!;
  });
  base[DOTTED_CAPITAL_I] = 0x49;
  return base;
}

/** {@link withoutDiacritics}, where capitals that have one keep it. */
function baseLetters(): Uint16Array {
  return withRanges(withMapping(identity(), BASE_LETTERS, true), COMBINING_MARKS, DROPPED);
}

function identity(): Uint16Array {
  // Two at a time, as this runs once, and so before it is compiled. The lower one comes first, as in WebAssembly's memory.
  const pairs = new Uint32Array(0x8000);
  for (let i = 0, pair = 0x10000; i < 0x8000; i++, pair += 0x20002) pairs[i] = pair;
  return new Uint16Array(pairs.buffer);
}

/**
 * Progressions: `from`, counted from the end of the one before, becomes `target`, and so on in steps of either.
 * @param byTarget whether targets are counted from the target before, or from `from` @param next what becomes of a target
 */
function withMapping(map: Uint16Array, packed: string, byTarget: boolean, next?: Uint16Array): Uint16Array {
  const numbers = unpack(packed);
  let from = 0;
  let target = 0;
  for (let k = 0; k < numbers.length; ) {
    const head = numbers[k++]!;
    from += signed(head >> 1);
    target = (byTarget ? target : from) + signed(numbers[k++]!);
    const [count, steps] = head & 1 ? [1, 3] : [numbers[k++]!, numbers[k++]!];
    const step = Math.floor(steps / 3);
    for (let i = 0; i < count; i++) {
      const to = target + i * (steps % 3);
      map[from + i * step] = next ? next[to]! : to;
    }
    from += count * step;
  }
  return map;
}

/** Ranges: `first`, counted from the one before, and `count`. */
function withRanges<Map extends Uint8Array | Uint16Array>(map: Map, packed: string, value: number): Map {
  const numbers = unpack(packed);
  let first = 0;
  for (let k = 0; k < numbers.length; k += 2) {
    first += numbers[k]!;
    map.fill(value, first, first + numbers[k + 1]!);
  }
  return map;
}

/** A number's last letter is one of 32 from "#" on, those before it are of the 25 that follow. */
function unpack(packed: string): number[] {
  const numbers: number[] = [];
  let number = 0;
  for (let i = 0; i < packed.length; i++) {
    const digit = packed.charCodeAt(i) - 0x23;
    if (digit < 32) {
      numbers.push(number * 32 + digit);
      number = 0;
    } else number = number * 25 + digit - 32;
  }
  return numbers;
}

/** 0, −1, 1, −2, … are stored as 0, 1, 2, 3, … */
function signed(number: number): number {
  return (number >> 1) ^ -(number & 1);
}
