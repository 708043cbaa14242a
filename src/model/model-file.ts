import type { ColumnType, Precision } from "../data/columns.js";
import { ranges } from "../data/csr.js";
import { DualTextError, damagedModel as damaged } from "../errors.js";
import {
  type ArraySource,
  arrayTypes,
  isJsonObject,
  type Json,
  type JsonObject,
  type LoadedStageParts,
  type StageParts,
  type StoredArray,
} from "../stage.js";
import { version as libraryVersion } from "../version.js";
import { crc32 } from "./crc32.js";
import { type Checksum, checkLayout, readDirectory, readEntry, type ZipDirectory } from "./zip-reader.js";
import { type FilePiece, type ZipSource, zipBytes, zipPieces } from "./zip-writer.js";

// A model file is a zip of manifest.json and an entry for each array. See docs/model-format.md.

const FORMAT = "dualtext-model";
/** Raised by changes that an older reader would misunderstand. */
export const FORMAT_VERSION = 1;
const MANIFEST = "manifest.json";
/** Bytes of an array that are written at a time. */
const CHUNK_BYTES = 1 << 20;

/** What a model file holds. */
export interface ModelContents {
  readonly inputSchema: Readonly<Record<string, ColumnType>>;
  readonly stages: readonly StageParts[];
}

/** What was read from one; arrays may be views of its bytes. */
export interface LoadedModelContents {
  readonly inputSchema: Readonly<Record<string, ColumnType>>;
  readonly stages: readonly LoadedStageParts[];
}

/** Exact size of the file, in bytes, without making it. */
export function modelBytes(contents: ModelContents): number {
  return zipBytes(entriesOf(contents));
}

/** The file in pieces; a piece is valid until the next is asked for. No large array is ever copied whole. */
export function modelPieces(contents: ModelContents): Generator<FilePiece> {
  return zipPieces(entriesOf(contents));
}

/** The whole file. Yields after each piece. */
export function* encodingModel(contents: ModelContents): Generator<void, Uint8Array> {
  const entries = entriesOf(contents);
  const file = new Uint8Array(zipBytes(entries));
  for (const { at, bytes } of zipPieces(entries)) {
    file.set(bytes, at);
    yield;
  }
  return file;
}

function* bytesOf(source: ArraySource): Generator<Uint8Array> {
  for (const { buffer, byteOffset, byteLength } of source.pieces()) {
    for (const [first, end] of ranges(byteLength, CHUNK_BYTES))
      yield new Uint8Array(buffer, byteOffset + first, end - first);
  }
}

function entriesOf({ inputSchema, stages }: ModelContents): ZipSource[] {
  const sources: ZipSource[] = [];
  const listed = stages.map(({ stage, options, arrays }, i) => {
    const entries = Object.entries(arrays).map(([name, source]) => {
      const { type, length } = source;
      const entry = `${String(i).padStart(2, "0")}-${stage}/${name}.${type}`;
      const byteLength = length * arrayTypes[type].BYTES_PER_ELEMENT;
      sources.push({ name: entry, byteLength, chunks: () => bytesOf(source) });
      return [name, { entry, type, length }];
    });
    return { stage, options, arrays: Object.fromEntries(entries) };
  });
  const manifest = {
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    libraryVersion,
    inputSchema,
    stages: listed,
  };
  // JSON escapes halves of surrogate pairs, so the text has a UTF-8 form whatever the labels are.
  const bytes = new TextEncoder().encode(JSON.stringify(manifest));
  return [{ name: MANIFEST, byteLength: bytes.length, chunks: () => [bytes] }, ...sources];
}

/**
 * Reads a file. Every byte is covered by a checksum, every length checked before use.
 * Throws `bad-model-file` and `newer-model-file`. @param checksum of the data of an entry
 */
export async function decodeModel(
  bytes: Uint8Array,
  checksum: Checksum = crc32,
): Promise<LoadedModelContents> {
  const directory = readDirectory(bytes);
  const manifestEntry = directory?.entries.get(MANIFEST);
  if (!directory || !manifestEntry) throw foreign(bytes, directory);
  const offsets = checkLayout(bytes, directory);
  const read = (name: string): Promise<Uint8Array> => {
    const entry = directory.entries.get(name);
    if (!entry) throw damaged(`it has no entry "${name}"`);
    return readEntry(bytes, entry, offsets.get(name)!, checksum);
  };
  const manifest = parseManifest(await read(MANIFEST));
  const used = new Set([MANIFEST]);
  const stages: LoadedStageParts[] = [];
  for (const value of asArray(manifest.stages, "stages")) {
    const { stage, options, arrays } = asObject(value, "a stage");
    if (typeof stage !== "string") throw damaged("a stage in its manifest has no name");
    const loaded: Record<string, StoredArray> = {};
    for (const [name, array] of Object.entries(asObject(arrays, `the arrays of stage ${stage}`))) {
      const { entry, type, length } = asObject(array, `array ${name} of stage ${stage}`);
      if (typeof entry !== "string" || used.has(entry))
        throw damaged(`array ${name} of stage ${stage} has no entry`);
      used.add(entry);
      loaded[name] = arrayOf(await read(entry), type, length, entry);
    }
    stages.push({ stage, options: options ?? null, arrays: loaded });
  }
  const stray = [...directory.entries.keys()].find((name) => !used.has(name));
  if (stray !== undefined) throw damaged(`its manifest does not know the entry "${stray}"`);
  return { inputSchema: readSchema(manifest.inputSchema), stages };
}

/** The version of the library that wrote a file which {@link decodeModel} reads; "unknown" where it does not say. */
export async function libraryVersionOf(bytes: Uint8Array): Promise<string> {
  const directory = readDirectory(bytes);
  const entry = directory?.entries.get(MANIFEST);
  if (!directory || !entry) throw foreign(bytes, directory);
  const offset = checkLayout(bytes, directory).get(MANIFEST)!;
  const { libraryVersion: written } = parseManifest(await readEntry(bytes, entry, offset, crc32));
  return typeof written === "string" ? written : "unknown";
}

function parseManifest(bytes: Uint8Array): JsonObject {
  let parsed: Json;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw damaged("its manifest is not JSON", cause);
  }
  const manifest = asObject(parsed, "the whole");
  const { format, formatVersion } = manifest;
  if (format !== FORMAT || !Number.isInteger(formatVersion) || (formatVersion as number) < 1) {
    throw new DualTextError(
      "bad-model-file",
      "This zip file has a manifest, but not that of a dualtext model.",
    );
  }
  if ((formatVersion as number) > FORMAT_VERSION) {
    throw new DualTextError(
      "newer-model-file",
      `The model file has format version ${formatVersion}, written by dualtext ${String(manifest.libraryVersion)}; ` +
        `this is dualtext ${libraryVersion}, which reads up to version ${FORMAT_VERSION}. Install a newer dualtext.`,
    );
  }
  return manifest;
}

function asObject(value: Json | undefined, what: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw damaged(`its manifest does not say what ${what} is`);
}

function asArray(value: Json | undefined, what: string): readonly Json[] {
  if (Array.isArray(value)) return value;
  throw damaged(`its manifest does not list the ${what}`);
}

function arrayOf(
  bytes: Uint8Array,
  type: Json | undefined,
  length: Json | undefined,
  entry: string,
): StoredArray {
  if (typeof type !== "string" || !Object.hasOwn(arrayTypes, type)) {
    throw damaged(`entry "${entry}" is of type ${JSON.stringify(type)}, which is unknown`);
  }
  const make = arrayTypes[type as ArraySource["type"]];
  const size = make.BYTES_PER_ELEMENT;
  if (typeof length !== "number" || length * size !== bytes.length) {
    throw damaged(
      `entry "${entry}" has ${bytes.length} bytes instead of ${size} for each of ${JSON.stringify(length)}`,
    );
  }
  // A view needs an address that is a multiple of the element's size; entries are aligned, but the bytes may not be.
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new make(aligned.buffer as ArrayBuffer, aligned.byteOffset, length);
}

const precisions: readonly unknown[] = ["single", "double", "int32", "int64"] satisfies Precision[];

/** The type of a column and nothing else; undefined where `type` is none. */
function columnType({ kind, precision, count, size }: JsonObject): ColumnType | undefined {
  const sized = typeof size === "number" && { size };
  switch (kind) {
    case "text":
    case "boolean":
      return { kind };
    case "number":
      return precisions.includes(precision) ? { kind, precision: precision as Precision } : undefined;
    case "key":
    case "keys":
      return typeof count === "number" ? ({ kind, count, ...sized } as ColumnType) : undefined;
    case "vector":
      return typeof size === "number" ? { kind, size } : undefined;
    case "texts":
      return { kind, ...sized };
    default:
      return undefined;
  }
}

function readSchema(json: Json | undefined): Record<string, ColumnType> {
  const columns = Object.entries(asObject(json, "the input schema")).map(
    ([name, value]): [string, ColumnType] => {
      const read = columnType(asObject(value, `column "${name}"`));
      if (!read) throw damaged(`its manifest does not say of what type column "${name}" is`);
      return [name, read];
    },
  );
  return Object.fromEntries(columns);
}

/** The error for bytes that are no model of ours, saying what they are where that can be told. */
function foreign(bytes: Uint8Array, directory: ZipDirectory | undefined): DualTextError {
  const names = [...(directory?.entries.keys() ?? [])].map((name) => name.replaceAll("\\", "/"));
  let what = "This is not a dualtext model file";
  if (bytes.length === 0) what = "The model file is empty";
  else if (names.some((name) => name.startsWith("TransformerChain/"))) {
    what = "This is a model of ML.NET, not of dualtext";
  } else if (directory) what = `This zip file has no ${MANIFEST}, so it is not a dualtext model`;
  else if (bytes[0] === 0x50 && bytes[1] === 0x4b) what = "This zip file is cut short or damaged";
  return new DualTextError("bad-model-file", `${what}. Give a file that dualtext has saved.`);
}
