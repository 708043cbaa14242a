import {
  COMBINING_MARKS,
  DIACRITICS,
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

let defaultMap: Uint16Array | undefined;

/** The default normalisation, without diacritics and in lower case: what each unit becomes, or {@link DROPPED}. */
export function defaultUnitMap(): Uint16Array {
  defaultMap ??= compose(withoutDiacritics(), lowerCase());
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
  return withRanges(withMapping(identity(), DIACRITICS, true), COMBINING_MARKS, DROPPED);
}

function identity(): Uint16Array {
  const map = new Uint16Array(0x10000);
  for (let unit = 0; unit < map.length; unit++) map[unit] = unit;
  return map;
}

/**
 * Progressions: `from`, counted from the end of the one before, becomes `target`, and so on in steps of either.
 * @param byTarget whether targets are counted from the target before, or from `from`
 */
function withMapping(map: Uint16Array, packed: string, byTarget: boolean): Uint16Array {
  let from = 0;
  let target = 0;
  for (const [gap, distance, count = 1, steps = 3] of unpack(packed)) {
    from += gap!;
    target = (byTarget ? target : from) + distance!;
    const step = Math.floor(steps / 3);
    for (let i = 0; i < count; i++) map[from + i * step] = target + i * (steps % 3);
    from += count * step;
  }
  return map;
}

/** Ranges: `first`, counted from the one before, and `count`. */
function withRanges<Map extends Uint8Array | Uint16Array>(map: Map, packed: string, value: number): Map {
  let first = 0;
  for (const [offset, count] of unpack(packed)) {
    first += offset!;
    map.fill(value, first, first + count!);
  }
  return map;
}

function unpack(packed: string): number[][] {
  return packed.split(",").map((run) => run.split(" ").map((field) => Number.parseInt(field, 36)));
}

function compose(first: Uint16Array, second: Uint16Array): Uint16Array {
  return first.map((unit) => (unit === DROPPED ? DROPPED : second[unit]!));
}
