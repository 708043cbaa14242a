import type { TextColumn, VectorColumn } from "../data/columns.js";
import { sliceRows } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import { storedArray } from "../data/stored-values.js";
import { checkScale, scaleToUnitRows, stretch } from "../data/unit-rows.js";
import { DualTextError, damagedModel } from "../errors.js";
import {
  type Fitted,
  type LoadedStageParts,
  type RunOptions,
  type StageParts,
  type Transformer,
  wholeArray,
} from "../stage.js";
import { type EmbeddingCache, MemoryCache } from "./embedding-cache.js";
import { type Encode, type Encoder, encodeTexts, probeVector } from "./encoder.js";

const STAGE = "embedText";
const BATCH_SIZE = 32;
/** Least cosine between the vectors of the probe text, of the encoder now and then: rounding differs between devices. */
const SAME_ENCODER = 0.99;

/** Options of `embedText`. */
export interface EmbedTextOptions {
  /** Most texts in one call of the encoder, from 1 on. Default 32. */
  readonly batchSize?: number;
  /** Whether each vector is scaled to length 1. Default true. */
  readonly l2Normalize?: boolean;
  /**
   * Whether then each component is brought to mean 0 and standard deviation 1/√dimension over the training rows, so that
   * vectors have length 1 on average. Default false.
   */
  readonly standardize?: boolean;
  /**
   * What each vector is multiplied by at the end, above 0. Default 1. What counts is its length beside that of the other
   * features: the two blocks of `featurizeText` have length 1 each.
   */
  readonly scale?: number;
  /** Where vectors are kept; `false`: nowhere. Default: 64 MiB of memory, for this stage and the models it makes. */
  readonly cache?: EmbeddingCache | false;
}

interface Settings {
  readonly batchSize: number;
  readonly l2Normalize: boolean;
  readonly standardize: boolean;
  readonly scale: number;
}

export interface ResolvedEmbedText {
  readonly settings: Settings;
  readonly cache: EmbeddingCache | undefined;
}

/** Throws `bad-option`. */
export function resolveEmbedTextOptions(options: EmbedTextOptions): ResolvedEmbedText {
  const { batchSize = BATCH_SIZE, l2Normalize = true, standardize = false, scale = 1, cache } = options;
  const settings = { batchSize, l2Normalize, standardize, scale };
  const fault = faultOf(settings);
  if (fault !== undefined) throw new DualTextError("bad-option", fault);
  checkScale(scale);
  return { settings, cache: cache === false ? undefined : (cache ?? new MemoryCache()) };
}

function faultOf({ batchSize, l2Normalize, standardize }: Settings): string | undefined {
  if (!(Number.isInteger(batchSize) && batchSize >= 1)) {
    return `batchSize is ${batchSize}; it must be a whole number from 1 on.`;
  }
  if (typeof l2Normalize === "boolean" && typeof standardize === "boolean") return undefined;
  return "l2Normalize and standardize must be true or false.";
}

/** Throws `bad-argument`. */
export function checkEncoder(encoder: Encoder): void {
  if (typeof encoder?.name === "string" && encoder.name !== "" && typeof encoder.encode === "function")
    return;
  throw new DualTextError(
    "bad-argument",
    "An encoder is { name, encode }: a name, and a function from a list of texts to a promise of a list of vectors.",
  );
}

/**
 * Embeds the training rows. Rejects with `bad-column`, `empty-input` (no row), `bad-encoder`, `signal.reason`.
 * @param columns the text column and the vector column made
 */
export async function fitEmbedText(
  data: Dataset,
  encoder: Encoder,
  columns: { readonly input: string; readonly output: string },
  { settings, cache }: ResolvedEmbedText,
  run: RunOptions,
): Promise<Fitted> {
  const texts = textsOf(data, columns.input);
  if (texts.length === 0) {
    throw new DualTextError("empty-input", `Column "${columns.input}" has no rows to learn from.`);
  }
  const probe = await probeVector(encoder, run.signal);
  const dimension = probe.length;
  const options = { batchSize: settings.batchSize, cache, column: columns.input, dimension };
  const { values } = await encodeTexts(encoder, texts, options, run);
  if (settings.l2Normalize) scaleToUnitRows(values, dimension);
  const moments = settings.standardize ? momentsOf(values, dimension) : undefined;
  const transformer = new TextEmbedder(columns, encoder, probe, settings, moments, cache);
  return { transformer, output: transformer.withVectors(data, transformer.finished(values)) };
}

/** What standardising takes from a component and then multiplies it by. */
interface Moments {
  readonly means: Float32Array;
  readonly scales: Float32Array;
}

function momentsOf(values: Float32Array, dimension: number): Moments {
  const count = values.length / dimension;
  const sums = new Float64Array(dimension);
  values.forEach((value, i) => {
    sums[i % dimension]! += value;
  });
  const means = Float32Array.from(sums, (sum) => sum / count);
  const squares = new Float64Array(dimension);
  values.forEach((value, i) => {
    const off = value - means[i % dimension]!;
    squares[i % dimension]! += off * off;
  });
  // A component that is always the same says nothing.
  const scales = Float32Array.from(squares, (sum) =>
    sum > 0 ? 1 / Math.sqrt((sum / count) * dimension) : 0,
  );
  return { means, scales };
}

function textsOf(data: Dataset, input: string): readonly string[] {
  const { kind } = data.typeOf(input);
  if (kind === "text") return (data.column(input) as TextColumn).values;
  throw new DualTextError("bad-column", `Column "${input}" is ${kind}; ${STAGE} reads a column of text.`);
}

/**
 * The stage that gives each text the vector of an encoder. It is asynchronous: `transformAsync` embeds all rows at once,
 * and the model that has it is an `AsyncModel`.
 */
export class TextEmbedder implements Transformer {
  readonly stage = STAGE;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly dimension: number;
  readonly #encoder: Encoder;
  readonly #probe: Float32Array;
  readonly #settings: Settings;
  readonly #moments: Moments | undefined;
  readonly #cache: EmbeddingCache | undefined;

  constructor(
    { input, output }: { readonly input: string; readonly output: string },
    encoder: Encoder,
    probe: Float32Array,
    settings: Settings,
    moments: Moments | undefined,
    cache: EmbeddingCache | undefined,
  ) {
    this.inputs = [input];
    this.outputs = [output];
    this.dimension = probe.length;
    this.#encoder = encoder;
    this.#probe = probe;
    this.#settings = settings;
    this.#moments = moments;
    this.#cache = cache;
  }

  /** The name by which `loadModel` is given the encoder. */
  get encoderName(): string {
    return this.#encoder.name;
  }

  transform(): never {
    throw new DualTextError("bad-argument", `${STAGE} is asynchronous: use the methods of the AsyncModel.`);
  }

  /** Rejects with `bad-column`, `bad-encoder`, `signal.reason`. */
  async transformAsync(data: Dataset, run: RunOptions): Promise<Dataset> {
    const { dimension } = this;
    const [input] = this.inputs as [string];
    const { batchSize, l2Normalize } = this.#settings;
    const options = { batchSize, cache: this.#cache, column: input, dimension };
    const { values } = await encodeTexts(this.#encoder, textsOf(data, input), options, run);
    if (l2Normalize) scaleToUnitRows(values, dimension);
    return this.withVectors(data, this.finished(values));
  }

  /** Standardises and scales vectors in place, as this stage does. */
  finished(values: Float32Array): Float32Array {
    const { dimension } = this;
    if (this.#moments) {
      const { means, scales } = this.#moments;
      for (let i = 0; i < values.length; i++) {
        values[i] = Math.fround(values[i]! - means[i % dimension]!) * scales[i % dimension]!;
      }
    }
    stretch(values, this.#settings.scale);
    return values;
  }

  /** The data with the output column. */
  withVectors(data: Dataset, values: Float32Array): Dataset {
    const { dimension } = this;
    const matrix = { layout: "dense", rowCount: data.rowCount, columnCount: dimension, values } as const;
    const type = { kind: "vector", size: dimension } as const;
    const read = (start: number, end: number): VectorColumn => ({
      ...type,
      matrix: sliceRows(matrix, start, end),
    });
    return data.with(this.outputs[0]!, type, read);
  }

  /** Rejects with `bad-encoder` when the encoder is not the one that the model was fitted with. */
  async checkEncoder(): Promise<void> {
    const then = this.#probe;
    const now = await probeVector(this.#encoder);
    const { name } = this.#encoder;
    if (now.length !== then.length) {
      throw new DualTextError(
        "bad-encoder",
        `The encoder "${name}" gives vectors of ${now.length} numbers; the model was trained with ${then.length}.`,
      );
    }
    const cosine = dot(now, then) / Math.sqrt(dot(now, now) * dot(then, then));
    if (cosine >= SAME_ENCODER) return;
    throw new DualTextError(
      "bad-encoder",
      `The encoder "${name}" is another than the one the model was trained with: of the same text it gives a vector with a cosine of ${cosine.toFixed(3)} to that one's.`,
    );
  }

  toParts(): StageParts {
    return {
      stage: STAGE,
      options: {
        input: this.inputs[0]!,
        output: this.outputs[0]!,
        encoder: this.encoderName,
        dimension: this.dimension,
        ...this.#settings,
      },
      arrays: {
        probe: wholeArray(this.#probe),
        ...(this.#moments && {
          means: wholeArray(this.#moments.means),
          scales: wholeArray(this.#moments.scales),
        }),
      },
    };
  }
}

/** Encoders by the names under which models were saved with them. */
export type Encoders = Readonly<Record<string, Encode>>;

/**
 * Makes the stage again from its parts. Rejects with `bad-model-file`, with `missing-encoder` when the encoder is not
 * among those given, and with `bad-encoder` when it is another one.
 */
export async function readTextEmbedder(
  { options, arrays }: LoadedStageParts,
  encoders: Encoders = {},
): Promise<TextEmbedder> {
  const fail = (what: string): never => {
    throw damagedModel(`${what} of its text embedding`);
  };
  const { input, output, encoder: name, dimension, ...rest } = (options ?? {}) as Record<string, unknown>;
  if (typeof input !== "string" || typeof output !== "string") return fail("the columns");
  if (typeof name !== "string") return fail("the encoder's name");
  const settings = rest as unknown as Settings;
  if (faultOf(settings) !== undefined || !(settings.scale > 0)) return fail("the options");
  const probe = storedArray(arrays, "probe", Float32Array).slice();
  if (probe.length === 0 || probe.length !== dimension) return fail("the dimension");
  let moments: Moments | undefined;
  if (settings.standardize) {
    const [means, scales] = ["means", "scales"].map((array) => storedArray(arrays, array, Float32Array));
    moments = { means: means!, scales: scales! };
    if (means!.length !== dimension || scales!.length !== dimension) return fail("the moments");
  }
  const encode = Object.hasOwn(encoders, name) ? encoders[name] : undefined;
  if (typeof encode !== "function") {
    const given = Object.keys(encoders).map((other) => JSON.stringify(other));
    throw new DualTextError(
      "missing-encoder",
      `The model was trained with the encoder ${JSON.stringify(name)}, which is code and so in no file: ` +
        `give it to loadModel as { encoders: { ${JSON.stringify(name)}: encode } }. ` +
        `Given: ${given.join(", ") || "none"}.`,
    );
  }
  const stage = new TextEmbedder(
    { input, output },
    { name, encode },
    probe,
    settings,
    moments,
    new MemoryCache(),
  );
  await stage.checkEncoder();
  return stage;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
