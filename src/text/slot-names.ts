import type { SlotNames } from "../data/columns.js";
import { charSlotCount, type NgramTables, NO_PREFIX, slotCount } from "./ngram-tables.js";

/** ML.NET's names of the control characters U+0080 … U+009F, in code order. */
const C1_NAMES =
  "PAD HOP BPH NBH IND NEL SSA ESA HTS HTJ VTS PLD PLU RI SS2 SS3 DCS PU1 PU2 STS CCH MW SPA EPA SOS SGCI SCI CSI ST OSC PM APC".split(
    " ",
  );

/** A unit as ML.NET prints it in the name of a slot. */
export function printedUnit(unit: number): string {
  if (unit <= 0x20) return `<${String.fromCharCode(0x2400 + unit)}>`;
  if (unit === 0x7f) return "<\u2421>";
  if (unit >= 0x80 && unit <= 0x9f) return `<${C1_NAMES[unit - 0x80]}>`;
  if (unit === 0x2028) return "<LSEP>";
  if (unit === 0x2029) return "<PSEP>";
  // What ML.NET prints for every half of a surrogate pair.
  if (unit >= 0xd800 && unit <= 0xdfff) return "\\u4X";
  return String.fromCharCode(unit);
}

/** Names of the slots of a featurizer: tokens joined by "|", with "Char." or "Word." before them if there are both. */
export function slotNamesOf(tables: NgramTables): SlotNames {
  const { trigrams, words } = tables;
  const both = trigrams !== undefined && words !== undefined;
  const firstWord = charSlotCount(tables);
  const charName = (slot: number): string =>
    Array.from(trigrams!.subarray(3 * slot, 3 * slot + 3), (unit) =>
      unit === 0 ? "*" : printedUnit(unit),
    ).join("|");
  const wordText = (id: number) => {
    const units = words!.units.subarray(id === 1 ? 0 : words!.ends[id - 2]!, words!.ends[id - 1]!);
    return Array.from(units, (unit) => String.fromCharCode(unit)).join("");
  };
  const wordName = (slot: number): string => {
    const prefix = words!.ngrams[2 * slot]!;
    const last = wordText(words!.ngrams[2 * slot + 1]!);
    return prefix === NO_PREFIX ? last : `${wordText(prefix)}|${last}`;
  };
  return {
    count: slotCount(tables),
    at: (slot) => {
      if (slot < firstWord) return `${both ? "Char." : ""}${charName(slot)}`;
      return `${both ? "Word." : ""}${wordName(slot - firstWord)}`;
    },
  };
}
