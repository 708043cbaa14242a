import { DualTextError, damagedModel } from "../errors.js";
import type { LoadedStageParts, StageParts, Transformer } from "../stage.js";
import type { ColumnType, NumberColumn, SlotNames, VectorColumn, VectorType } from "./columns.js";
import { joinColumns, type Matrix } from "./csr.js";
import type { Dataset } from "./dataset.js";

const STAGE = "concatenate";

/**
 * The stage that puts numbers and vectors side by side into one vector, as ML.NET's `Concatenate` does. The result is
 * dense when all inputs are, else sparse.
 */
export class Concatenator implements Transformer {
  readonly stage = STAGE;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];

  constructor(inputs: readonly string[], output: string) {
    this.inputs = inputs;
    this.outputs = [output];
  }

  /** Throws `bad-column` when an input is not there, or is neither a vector nor a number of single precision. */
  transform(data: Dataset): Dataset {
    const types = this.inputs.map((name) => checkedType(name, data.typeOf(name)));
    const type: VectorType = {
      kind: "vector",
      size: types.reduce((size, one) => size + sizeOf(one), 0),
      ...slotNames(this.inputs, types),
    };
    // Made again for each reader: a large matrix is held by those who read it, not by the dataset.
    return data.with(
      this.outputs[0]!,
      type,
      (start, end) => {
        const parts = this.inputs.map((name) => matrixOf(data.block(name, start, end)));
        return { ...type, matrix: joinColumns(parts) };
      },
      false,
    );
  }

  toParts(): StageParts {
    return { stage: STAGE, options: { inputs: [...this.inputs], output: this.outputs[0]! }, arrays: {} };
  }
}

/** Makes the stage again from its parts. Throws `bad-model-file`. */
export function readConcatenator({ options }: LoadedStageParts): Concatenator {
  const { inputs, output } = (options ?? {}) as Record<string, unknown>;
  const isList =
    Array.isArray(inputs) && inputs.length > 0 && inputs.every((name) => typeof name === "string");
  if (!isList || typeof output !== "string") throw damagedModel(`the options of its stage ${STAGE}`);
  return new Concatenator(inputs, output);
}

function checkedType(name: string, type: ColumnType): ColumnType {
  if (type.kind === "vector" || (type.kind === "number" && type.precision === "single")) return type;
  const found = type.kind === "number" ? `a number of precision "${type.precision}"` : type.kind;
  throw new DualTextError(
    "bad-column",
    `Column "${name}" is ${found}; concatenate joins vectors and numbers of single precision.`,
  );
}

function sizeOf(type: ColumnType): number {
  return type.kind === "vector" ? type.size : 1;
}

function matrixOf(column: VectorColumn | NumberColumn): Matrix {
  if (column.kind === "vector") return column.matrix;
  const values = column.values as Float32Array;
  return { layout: "dense", rowCount: values.length, columnCount: 1, values };
}

/**
 * Of one input its own names. Of several: a number's slot has the column's name, a vector's the column's and its own
 * joined by a dot, or none where it has none.
 */
function slotNames(inputs: readonly string[], types: readonly ColumnType[]): { slotNames?: SlotNames } {
  const named = types.some((type) => type.kind !== "vector" || type.slotNames);
  if (!named) return {};
  const [only] = types;
  if (types.length === 1 && only?.kind === "vector") return { slotNames: only.slotNames! };
  const starts: number[] = [];
  let count = 0;
  for (const type of types) {
    starts.push(count);
    count += sizeOf(type);
  }
  const at = (slot: number): string => {
    const i = starts.findLastIndex((start) => start <= slot);
    const type = types[i]!;
    if (type.kind !== "vector") return inputs[i]!;
    const name = type.slotNames?.at(slot - starts[i]!) ?? "";
    return name === "" ? "" : `${inputs[i]}.${name}`;
  };
  return { slotNames: { count, at } };
}
