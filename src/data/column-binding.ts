import { DualTextError, nearestName } from "../errors.js";
import type { SlotNames } from "./columns.js";
import type { ColumnOption, FieldType } from "./load-options.js";
import type { LoadProblems } from "./load-problems.js";
import type { LoadSettings } from "./load-settings.js";

/** A column with the positions of its fields known. */
export interface BoundColumn {
  readonly name: string;
  readonly type: FieldType;
  /** Positions of its fields in a line, from 0. */
  readonly positions: readonly number[];
  /** Whether it is a vector, or a list of texts, even with a single field. */
  readonly isRange: boolean;
  /** Whether the range goes to the end of the line, so that all lines must be as long. */
  readonly toEnd: boolean;
  /** Number of keys, for key columns. */
  readonly count: number;
  readonly slotNames?: SlotNames;
}

/**
 * Finds the fields of the columns that the options ask for.
 * @param header names in the header, if there is one.
 * @param width fields of the first row.
 */
export function bindColumns(
  settings: LoadSettings,
  header: readonly string[] | undefined,
  width: number,
  problems: LoadProblems,
): BoundColumn[] {
  if (settings.columns) {
    return Object.entries(settings.columns).map(([name, option]) =>
      bind(name, option, header, width, problems),
    );
  }
  if (!header) {
    const features: ColumnOption = { range: [1], type: "single" };
    const label: ColumnOption = { index: 0, type: "single" };
    return [
      bind("Label", label, header, width, problems),
      bind("Features", features, header, width, problems),
    ];
  }
  const repeated = header.find((name, position) => header.indexOf(name) !== position);
  if (repeated !== undefined) {
    throw problems.error(
      `the header names ${JSON.stringify(repeated)} twice. Rename one, or give columns by index, such as { Label: 0, Text: 1 }.`,
    );
  }
  return header.map((name, position) => bind(name, position, header, width, problems));
}

function bind(
  name: string,
  option: ColumnOption,
  header: readonly string[] | undefined,
  width: number,
  problems: LoadProblems,
): BoundColumn {
  const scalar = { name, isRange: false, toEnd: false, count: 0 };
  if (typeof option === "number") {
    checkPositions(name, [option], header, problems);
    return { ...scalar, type: "text", positions: [option] };
  }
  const type = option.type ?? "text";
  if ("range" in option || "indices" in option) {
    const positions = "range" in option ? positionsIn(name, option.range, width, problems) : option.indices;
    checkPositions(name, positions, header, problems);
    const toEnd = "range" in option && option.range[1] === undefined;
    const slotNames = type === "text" || !header ? undefined : namesOf(positions, header);
    return { name, type, positions, isRange: true, toEnd, count: 0, ...(slotNames && { slotNames }) };
  }
  const positions = ["index" in option ? option.index : positionOf(option.name, header ?? [], problems)];
  checkPositions(name, positions, header, problems);
  return { ...scalar, type, positions, count: option.type === "key" ? option.count : 0 };
}

function positionOf(name: string, header: readonly string[], problems: LoadProblems): number {
  const position = header.indexOf(name);
  if (position >= 0) return position;
  const near = nearestName(name, header);
  const hint = near === undefined ? "" : ` Did you mean ${JSON.stringify(near)}?`;
  const where = problems.sourceName === undefined ? "The header" : `The header of ${problems.sourceName}`;
  throw new DualTextError(
    "bad-column",
    `${where} has no column ${JSON.stringify(name)}.${hint} It has: ${header.map((h) => JSON.stringify(h)).join(", ")}.`,
  );
}

function positionsIn(
  name: string,
  [first, last]: readonly [number, number?],
  width: number,
  problems: LoadProblems,
): number[] {
  if (last === undefined && width <= first) {
    throw problems.error(
      `column ${JSON.stringify(name)} goes from field ${first} to the end of the line, but the first row has ${width} fields. Give the range an end, or correct its start.`,
    );
  }
  return Array.from({ length: (last ?? width - 1) - first + 1 }, (_, i) => first + i);
}

function checkPositions(
  name: string,
  positions: readonly number[],
  header: readonly string[] | undefined,
  problems: LoadProblems,
): void {
  if (problems.lenient || !header) return;
  const beyond = positions.find((position) => position >= header.length);
  if (beyond === undefined) return;
  const where = problems.sourceName === undefined ? "the header" : `the header of ${problems.sourceName}`;
  throw new DualTextError(
    "bad-column",
    `Column ${JSON.stringify(name)} is to be field ${beyond}, but ${where} has ${header.length} fields, numbered from 0: ${header.map((h) => JSON.stringify(h)).join(", ")}. Correct the position or the separator.`,
  );
}

function namesOf(positions: readonly number[], header: readonly string[]): SlotNames {
  return { count: positions.length, at: (slot) => header[positions[slot]!] ?? "" };
}
