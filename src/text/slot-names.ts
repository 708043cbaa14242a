import type { SlotNames } from "../data/columns.js";
import type { RowBuilder } from "./row-builder.js";
import { NO_PREFIX } from "./word-ngrams.js";

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
export function slotNamesOf(rows: RowBuilder): SlotNames {
  const { chars, words, charSlotCount } = rows;
  const both = chars !== undefined && words !== undefined;
  const charName = (slot: number): string => {
    const pair = chars!.keys[2 * slot]!;
    const units = [pair >>> 16, pair & 0xffff, chars!.keys[2 * slot + 1]!];
    return units.map((unit) => (unit === 0 ? "*" : printedUnit(unit))).join("|");
  };
  const wordText = (id: number) =>
    Array.from(words!.words.unitsOf(id), (unit) => String.fromCharCode(unit)).join("");
  const wordName = (slot: number): string => {
    const prefix = words!.pairs[2 * slot]!;
    const last = wordText(words!.pairs[2 * slot + 1]!);
    return prefix === NO_PREFIX ? last : `${wordText(prefix)}|${last}`;
  };
  return {
    count: rows.slotCount,
    at: (slot) => {
      if (slot < charSlotCount) return `${both ? "Char." : ""}${charName(slot)}`;
      return `${both ? "Word." : ""}${wordName(slot - charSlotCount)}`;
    },
  };
}
