import { DualTextError, damagedModel } from "../errors.js";
import type { LoadedStageParts, StageParts, Transformer } from "../stage.js";
import { type KeysColumn, typeOf, type ValueColumn } from "./columns.js";
import type { Dataset } from "./dataset.js";
import { valuesOfKeys } from "./key-map.js";
import type { StageColumns } from "./map-value-to-key.js";
import { columnOfRows, typeOfValues } from "./several-values.js";

const STAGE = "mapKeyToValue";

/** Makes the stage for data whose keys have values. Throws `bad-column` when they have none. */
export function fitMapKeyToValue(data: Dataset, { output, input = output }: StageColumns): MapKeyToValue {
  namesIn(data, input);
  return new MapKeyToValue(input, output);
}

/**
 * The stage that gives each row the value its key stands for, or the values of its keys, as ML.NET's `MapKeyToValue` does: for key 0, NaN in real
 * columns, else "", 0 or false. The values are those that the key column carries.
 */
export class MapKeyToValue implements Transformer {
  readonly stage = STAGE;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly #input: string;
  readonly #output: string;

  constructor(input: string, output: string) {
    this.inputs = [input];
    this.outputs = [output];
    this.#input = input;
    this.#output = output;
  }

  /** Throws `bad-column` when the input is not there, no key column, or its keys have no values. */
  transform(data: Dataset): Dataset {
    const names = namesIn(data, this.#input);
    const given = data.typeOf(this.#input);
    if (given.kind !== "keys") {
      return data.with(this.#output, typeOf(names), (start, end) =>
        valuesOfKeys(data.block(this.#input, start, end).keys, names),
      );
    }
    const type = typeOfValues(names, given.size, this.#input);
    return data.with(this.#output, type, (start, end) => {
      const { values: rows } = data.block(this.#input, start, end) as KeysColumn;
      return columnOfRows(type, rows, names);
    });
  }

  toParts(): StageParts {
    return { stage: STAGE, options: { input: this.#input, output: this.#output }, arrays: {} };
  }
}

/** Makes the stage again from its parts. Throws `bad-model-file`. */
export function readMapKeyToValue({ options }: LoadedStageParts): MapKeyToValue {
  const { input, output } = (options ?? {}) as Record<string, unknown>;
  if (typeof input !== "string" || typeof output !== "string") {
    throw damagedModel(`the options of its stage ${STAGE}`);
  }
  return new MapKeyToValue(input, output);
}

function namesIn(data: Dataset, input: string): ValueColumn {
  const type = data.typeOf(input);
  if (type.kind !== "key" && type.kind !== "keys") {
    throw new DualTextError(
      "bad-column",
      `Column "${input}" is a ${type.kind} column; mapKeyToValue needs keys, as mapValueToKey and trainers make them.`,
    );
  }
  if (!type.names || type.names.values.length !== type.count) {
    throw new DualTextError(
      "bad-column",
      `The ${type.count} keys of column "${input}" stand for ${type.names?.values.length ?? 0} values; mapKeyToValue needs one for each. Keys made by mapValueToKey have them, unless no value got a key.`,
    );
  }
  return type.names;
}
