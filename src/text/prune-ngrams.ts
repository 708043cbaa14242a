import { charSlotCount, type NgramTables, NO_PREFIX } from "./ngram-tables.js";

type Words = NonNullable<NgramTables["words"]>;

/** The n-grams that `isKept` names, in their order, and words only where an n-gram is left of them. */
export function pruneTables(tables: NgramTables, isKept: Uint8Array): NgramTables {
  const chars = charSlotCount(tables);
  const { trigrams, words } = tables;
  return {
    trigrams: trigrams && pruneTrigrams(trigrams, isKept),
    words: words && pruneWords(words, isKept.subarray(chars)),
  };
}

function pruneTrigrams(units: Uint16Array, isKept: Uint8Array): Uint16Array {
  const kept = units.slice();
  let at = 0;
  for (let i = 0; i < units.length; i += 3) {
    if (isKept[i / 3] === 0) continue;
    kept[at] = units[i]!;
    kept[at + 1] = units[i + 1]!;
    kept[at + 2] = units[i + 2]!;
    at += 3;
  }
  return kept.slice(0, at);
}

function pruneWords({ units, ends, ngrams }: Words, isKept: Uint8Array): Words {
  const ids = new Int32Array(ends.length + 1);
  for (let slot = 0; slot < isKept.length; slot++) {
    if (isKept[slot] !== 0 && ngrams[2 * slot] === NO_PREFIX) ids[ngrams[2 * slot + 1]!] = 1;
  }
  let count = 0;
  for (let id = 1; id < ids.length; id++) if (ids[id] !== 0) ids[id] = ++count;
  const keptUnits = units.slice();
  const keptEnds = new Uint32Array(count);
  let unitCount = 0;
  for (let id = 1; id < ids.length; id++) {
    if (ids[id] === 0) continue;
    for (let i = id === 1 ? 0 : ends[id - 2]!; i < ends[id - 1]!; i++) keptUnits[unitCount++] = units[i]!;
    keptEnds[ids[id]! - 1] = unitCount;
  }
  const kept = ngrams.slice();
  let at = 0;
  for (let slot = 0; slot < isKept.length; slot++) {
    if (isKept[slot] === 0) continue;
    const prefix = ngrams[2 * slot]!;
    kept[at++] = prefix === NO_PREFIX ? NO_PREFIX : ids[prefix]!;
    kept[at++] = ids[ngrams[2 * slot + 1]!]!;
  }
  return { units: keptUnits.slice(0, unitCount), ends: keptEnds, ngrams: kept.slice(0, at) };
}
