// One problem in the form in which all solvers get it: the matrix of the default features, classes from 0 on, λn.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KeyColumn, VectorColumn } from "../../src/data/columns.js";
import type { CsrMatrix } from "../../src/data/csr.js";
import { nonZeros } from "../../src/data/csr.js";
import type { Dataset } from "../../src/data/dataset.js";
import { featurizeText, mapValueToKey } from "../../src/stages.js";
import type { RivalSet } from "./sets.js";

export interface Posed {
  readonly set: RivalSet;
  /** With the columns Features and Label (a key), both computed. */
  readonly data: Dataset;
  readonly matrix: CsrMatrix;
  readonly labels: Uint32Array;
  readonly classCount: number;
  /** Where the files of {@link writeProblem} are. */
  readonly folder: string;
}

/** Featurizes a set and writes its problem for other programs, into a folder of its own below `parent`. */
export async function pose(set: RivalSet, parent: string): Promise<Posed> {
  const features = featurizeText("Features", "Text").append(mapValueToKey("Label"));
  const data = (await features.fit(set.data)).transform(set.data);
  const matrix = nonZeros((data.column("Features") as VectorColumn).matrix);
  const { keys, count } = data.column("Label") as KeyColumn;
  const labels = keys.map((key) => key - 1);
  const folder = join(parent, set.name, "problem");
  writeProblem(folder, matrix, labels, count);
  return { set, data, matrix, labels, classCount: count, folder };
}

/** shape.json and, as .bin, indptr u32, indices u32, values f32, labels u32. */
export function writeProblem(
  folder: string,
  matrix: CsrMatrix,
  labels: Uint32Array,
  classCount: number,
): void {
  mkdirSync(folder, { recursive: true });
  const { indptr, indices, values, rowCount, columnCount } = matrix;
  const shape = { rowCount, featureCount: columnCount, classCount };
  writeFileSync(join(folder, "shape.json"), JSON.stringify(shape));
  for (const [name, array] of Object.entries({ indptr, indices, values, labels }))
    writeArray(folder, name, array);
}

export function writeArray(folder: string, name: string, array: Float32Array | Uint32Array): void {
  writeFileSync(
    join(folder, `${name}.bin`),
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
  );
}

/** What the native programs are told of a problem. */
export type Shape = Pick<Posed, "matrix" | "classCount" | "folder">;

/** rows, features, classes: how the native programs are told the shape. */
export function shapeArguments({ matrix, classCount }: Omit<Shape, "folder">): string[] {
  return [matrix.rowCount, matrix.columnCount, classCount].map(String);
}
