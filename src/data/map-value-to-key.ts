import { checkOptionNames, DualTextError, damagedModel } from "../errors.js";
import { type LoadedStageParts, type StageParts, type Transformer, wholeArray } from "../stage.js";
import type { Column, KeysType, KeyType, ValueColumn } from "./columns.js";
import type { Dataset } from "./dataset.js";
import { itemType, KeyMap, type MappableColumn } from "./key-map.js";
import { isSeveral, keysOfRows, sizeOf, valuesInOrder } from "./several-values.js";
import { readValues, storedArray, storedTypeOf, storeValues } from "./stored-values.js";

const STAGE = "mapValueToKey";

export interface MapValueToKeyOptions {
  /** Values beyond this many distinct ones get no key. An integer of at least 1, default 1 000 000. */
  readonly maximumNumberOfKeys?: number;
  /**
   * "byOccurrence" (default): keys in the order in which values first appear. "byValue": in ascending order, texts by
   * UTF-16 units; the values are sorted after `maximumNumberOfKeys` has cut them.
   */
  readonly keyOrdinality?: "byOccurrence" | "byValue";
  /** Whether keys of numbers and booleans stand for texts. Default false. */
  readonly addKeyValueAnnotationsAsText?: boolean;
  /**
   * The values that get keys, instead of those in the training data: texts, or a column of the input's type.
   * `maximumNumberOfKeys` does not apply to them.
   */
  readonly keyData?: readonly string[] | ValueColumn;
}

/** Column names of a fitted stage; `input` is `output` when left out. */
export interface StageColumns {
  readonly output: string;
  readonly input?: string;
}

/** Checks options when a stage is made. Throws `bad-option`. */
export function checkMapValueToKeyOptions(options: MapValueToKeyOptions): void {
  const names = ["maximumNumberOfKeys", "keyOrdinality", "addKeyValueAnnotationsAsText", "keyData"];
  checkOptionNames("mapValueToKey", options, names);
  const { maximumNumberOfKeys = 1, keyOrdinality = "byOccurrence" } = options;
  if (!Number.isInteger(maximumNumberOfKeys) || maximumNumberOfKeys < 1) {
    throw new DualTextError(
      "bad-option",
      `maximumNumberOfKeys is ${maximumNumberOfKeys}; it must be an integer of at least 1.`,
    );
  }
  if (keyOrdinality !== "byOccurrence" && keyOrdinality !== "byValue") {
    throw new DualTextError(
      "bad-option",
      `keyOrdinality is "${String(keyOrdinality)}"; it must be "byOccurrence" or "byValue".`,
    );
  }
}

/**
 * Learns which values of a column get which keys, as ML.NET's `MapValueToKey` does.
 * Throws `bad-option`, and `bad-column` when the input is not there.
 * @param known a fitted stage whose values keep their keys; those of the data that it lacks come after them
 */
export function fitMapValueToKey(
  data: Dataset,
  columns: StageColumns,
  options: MapValueToKeyOptions = {},
  known?: Transformer,
): MapValueToKey {
  checkMapValueToKeyOptions(options);
  const { output, input = output } = columns;
  const wanted = itemType(data.typeOf(input));
  const { keyData } = options;
  const before = known instanceof MapValueToKey ? known.keyMap : undefined;
  if (before && itemType(before.values) !== wanted) {
    throw new DualTextError(
      "bad-option",
      `The labels of the model to start from are of type ${itemType(before.values)}, but column "${input}" is of type ${wanted}.`,
    );
  }
  if (keyData === undefined)
    return new MapValueToKey(input, output, learn(data.column(input), options, before));
  const values: MappableColumn = isTexts(keyData) ? { kind: "text", values: keyData } : keyData;
  if (itemType(values) !== wanted) {
    throw new DualTextError(
      "bad-option",
      `keyData holds values of type ${itemType(values)}, but column "${input}" is of type ${wanted}.`,
    );
  }
  const all = { ...options, maximumNumberOfKeys: Number.POSITIVE_INFINITY };
  return new MapValueToKey(input, output, learn(values, all));
}

function isTexts(keyData: readonly string[] | ValueColumn): keyData is readonly string[] {
  return Array.isArray(keyData);
}

function learn(column: Column, options: MapValueToKeyOptions, before?: KeyMap): KeyMap {
  const rules = {
    keyOrdinality: options.keyOrdinality ?? "byOccurrence",
    maximumNumberOfKeys: options.maximumNumberOfKeys ?? 1_000_000,
    asText: options.addKeyValueAnnotationsAsText ?? false,
  };
  return KeyMap.learn(valuesInOrder(column), rules, before);
}

/**
 * The fitted stage: gives each row the key of its value, 0 for a value without one, or the keys of its values where it
 * has several. The output is a key column that knows the values its keys stand for.
 */
export class MapValueToKey implements Transformer {
  readonly stage = STAGE;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly keyMap: KeyMap;
  readonly #input: string;
  readonly #output: string;

  constructor(input: string, output: string, keyMap: KeyMap) {
    this.inputs = [input];
    this.outputs = [output];
    this.keyMap = keyMap;
    this.#input = input;
    this.#output = output;
  }

  /** Throws `bad-column` when the input is not there or of another type than in training. */
  transform(data: Dataset): Dataset {
    const { values, names, count } = this.keyMap;
    const given = itemType(data.typeOf(this.#input));
    if (given !== itemType(values)) {
      throw new DualTextError(
        "bad-column",
        `Column "${this.#input}" is of type ${given}, but was of type ${itemType(values)} when its keys were learned.`,
      );
    }
    const keys = { count, ...(names && { names }) };
    const type = data.typeOf(this.#input);
    const size = sizeOf(type);
    const outputType: KeyType | KeysType = isSeveral(type)
      ? { kind: "keys", ...keys, ...(size !== undefined && { size }) }
      : { kind: "key", ...keys };
    return data.with(this.#output, outputType, (start, end) => {
      const column: Column = data.block(this.#input, start, end);
      return isSeveral(column)
        ? { ...(outputType as KeysType), values: keysOfRows(column, this.keyMap) }
        : { ...(outputType as KeyType), keys: this.keyMap.keysOf(column) };
    });
  }

  toParts(): StageParts {
    const { values, asText } = this.keyMap;
    const columns = { input: this.#input, output: this.#output, asText };
    if (values.kind !== "key") {
      return {
        stage: STAGE,
        options: { ...columns, type: storedTypeOf(values) },
        arrays: storeValues(values, "values"),
      };
    }
    const { count, keys, names } = values;
    return {
      stage: STAGE,
      options: { ...columns, type: "key", count, namesType: names ? storedTypeOf(names) : null },
      arrays: { values: wholeArray(keys), ...(names && storeValues(names, "names")) },
    };
  }
}

/** Makes the stage again from its parts. Throws `bad-model-file`. */
export function readMapValueToKey({ options, arrays }: LoadedStageParts): MapValueToKey {
  const { input, output, asText, type, count, namesType } = (options ?? {}) as Record<string, unknown>;
  if (typeof input !== "string" || typeof output !== "string" || typeof asText !== "boolean") {
    throw damagedModel(`the options of its stage ${STAGE}`);
  }
  if (type !== "key")
    return new MapValueToKey(input, output, new KeyMap(readValues(type, arrays, "values"), asText));
  const keys = storedArray(arrays, "values", Uint32Array);
  if (!Number.isInteger(count) || keys.some((key) => key < 1 || key > (count as number))) {
    throw damagedModel(`the keys of its stage ${STAGE}`);
  }
  const names = namesType === null ? undefined : readValues(namesType, arrays, "names");
  const values: MappableColumn = { kind: "key", count: count as number, keys, ...(names && { names }) };
  return new MapValueToKey(input, output, new KeyMap(values, asText));
}
