import { isWhiteSpace } from "../../src/data/field-values.js";
import {
  DROPPED,
  defaultUnitMap,
  lowerCase,
  numbers,
  punctuation,
  upperCase,
  withoutDiacritics,
} from "../../src/text/unit-map.js";
import { show } from "./case-comparison.js";
import { NotBuilt } from "./case-data.js";
import type { Json } from "./golden.js";

// Compares the tables over all UTF-16 units with this library's.

const builders: { readonly [table: string]: () => Json } = {
  "char.ToLowerInvariant: changed units, [from, to]": () => changed(lowerCase()),
  "normalizeText lower: changed units, [from, to]": () => changed(lowerCase()),
  "normalizeText diacritics removed: changed units, [from, to]": () => changed(withoutDiacritics()),
  "normalizeText diacritics removed: dropped units, ranges": () => dropped(withoutDiacritics()),
  "normalizeText defaults (lower, diacritics removed): changed units, [from, to]": () =>
    changed(defaultUnitMap()),
  "normalizeText defaults (lower, diacritics removed): dropped units, ranges": () =>
    dropped(defaultUnitMap()),
  "char.ToUpperInvariant: changed units, [from, to]": () => changed(upperCase()),
  "normalizeText upper: changed units, [from, to]": () => changed(upperCase()),
  "normalizeText punctuation removed: dropped units, ranges": () => holding(punctuation()),
  "normalizeText numbers removed: dropped units, ranges": () => holding(numbers()),
  "char.IsPunctuation, ranges": () => holding(punctuation()),
  "char.IsNumber, ranges": () => holding(numbers()),
  "char.IsWhiteSpace, ranges": () => ranges(isWhiteSpace),
};

/** The tables that must be built and right: case, diacritics, punctuation and numbers. */
export const requiredTables: readonly string[] = Object.keys(builders).filter((table) =>
  /To(Lower|Upper)|normalizeText|IsPunctuation|IsNumber/.test(table),
);

/** What differs, or undefined. Throws {@link NotBuilt}. */
export function differenceOfTable(table: string, recorded: Json): string | undefined {
  if (!Object.hasOwn(builders, table)) throw new NotBuilt(table.replace(/(^category)? .*|[:,].*/, "$1"));
  const found = builders[table]!();
  const [ours, theirs] = [JSON.stringify(found), JSON.stringify(recorded)];
  return ours === theirs ? undefined : `${show(found)}, recorded ${show(recorded)}`;
}

function changed(map: Uint16Array): [number, number][] {
  return Array.from(map, (to, from): [number, number] => [from, to]).filter(
    ([from, to]) => to !== from && to !== DROPPED,
  );
}

function holding(set: Uint8Array): Json {
  return ranges((unit) => set[unit] === 1);
}

function dropped(map: Uint16Array): Json {
  return ranges((unit) => map[unit] === DROPPED);
}

/** Units as they are recorded: one alone as a number, more in a row as [first, last]. */
function ranges(holds: (unit: number) => boolean): Json {
  const found: [number, number][] = [];
  for (let unit = 0; unit < 0x10000; unit++) {
    if (!holds(unit)) continue;
    const last = found.at(-1);
    if (last && last[1] === unit - 1) last[1] = unit;
    else found.push([unit, unit]);
  }
  return found.map(([first, last]) => (first === last ? first : [first, last]));
}
