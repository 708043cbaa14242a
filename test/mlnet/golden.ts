import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

// Reads the cases and the records of them. README.md beside this file says what they hold.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** One case: what ML.NET was given. */
export interface Case {
  readonly name: string;
  readonly source: JsonObject;
  readonly apply?: JsonObject;
  readonly steps?: readonly Step[];
  readonly show?: readonly string[];
  readonly rows?: number;
  readonly evaluate?: JsonObject;
  readonly split?: JsonObject;
  readonly [field: string]: unknown;
}

export type Step = JsonObject & { readonly op: string };

/** What ML.NET did with it. */
export interface GoldenRecord {
  readonly case: string;
  readonly columns?: readonly GoldenColumn[];
  readonly metrics?: JsonObject;
  readonly test?: readonly Json[];
  readonly train?: readonly Json[];
  readonly folds?: readonly { readonly test: readonly Json[]; readonly train: number }[];
  readonly error?: { readonly stage: string; readonly chain: readonly { readonly message: string }[] };
  /** Cells in the order of `columns`. */
  readonly cells: readonly (readonly Json[])[];
  readonly [field: string]: unknown;
}

export interface GoldenColumn {
  readonly name: string;
  readonly type: string;
  readonly slotNames?: Json;
  readonly keyValues?: Json;
}

const here = new URL("./", import.meta.url);

/** The cases of a file, by the name of the file without its ending. */
export function readCases(name: string): Case[] {
  return parseJson(readFileSync(new URL(`cases/${name}.json`, here), "utf8")) as unknown as Case[];
}

/** The records of a file, by the name of their case. */
export function readRecords(name: string): Map<string, GoldenRecord> {
  const lines = readLines(`golden/${name}.jsonl`);
  const records = new Map<string, GoldenRecord>();
  for (let i = 0; i < lines.length; ) {
    const head = lines[i++] as JsonObject;
    const rowCount = (head.rows as number | undefined) ?? 0;
    records.set(head.case as string, {
      ...(head as unknown as GoldenRecord),
      cells: lines.slice(i, i + rowCount) as Json[][],
    });
    i += rowCount;
  }
  return records;
}

/** The tables of a file of Unicode tables, by name. */
export function readTables(name: string): Map<string, Json> {
  const lines = readLines(`golden/${name}.jsonl`) as JsonObject[];
  return new Map(lines.map((line) => [line.table as string, line.value!]));
}

function readLines(path: string): Json[] {
  const plain = new URL(path, here);
  const text = existsSync(fileURLToPath(plain))
    ? readFileSync(plain, "utf8")
    : gunzipSync(readFileSync(new URL(`${path}.gz`, here))).toString("utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map(parseJson);
}

/**
 * JSON with integers that a double cannot hold as strings of digits. `JSON.parse` keeps lone surrogates, which the files
 * write as escapes, and −0.
 */
export function parseJson(text: string): Json {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
  return JSON.parse(
    text.replace(tokens, (token) =>
      /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
    ),
  );
}

/** A number as the files write it: NaN and the infinities as strings. */
export function toNumber(value: Json): number {
  return typeof value === "boolean" ? Number(value) : Number(value as number | string);
}

/** A vector, which the files write as a list or, when it is long, as { n: length, i: indices, v: values }. */
export function toVector<T extends Json>(value: Json, absent: T): T[] {
  if (Array.isArray(value)) return value as T[];
  const { n, i, v } = value as { n: number; i: number[]; v: T[] };
  const vector = new Array<T>(n).fill(absent);
  i.forEach((slot, k) => {
    vector[slot] = v[k]!;
  });
  return vector;
}
