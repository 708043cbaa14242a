import type { TextColumn, TextsColumn } from "../data/columns.js";
import type { Dataset } from "../data/dataset.js";
import { checkOptionNames, DualTextError, damagedModel } from "../errors.js";
import type { LoadedStageParts, StageParts, Transformer } from "../stage.js";
import { textKindOf } from "./text-columns.js";
import { DROPPED, lowerCase, numbers, punctuation, upperCase, withoutDiacritics } from "./unit-map.js";

const STAGE = "normalizeText";

/** Options of `normalizeText`, with ML.NET's defaults. */
export interface NormalizeTextOptions {
  /** Default "lower". */
  readonly caseMode?: "lower" | "upper" | "none";
  /** Default false. */
  readonly keepDiacritics?: boolean;
  /** Default true. */
  readonly keepPunctuations?: boolean;
  /** Default true. */
  readonly keepNumbers?: boolean;
}

type Settings = Required<NormalizeTextOptions>;
const flags = ["keepDiacritics", "keepPunctuations", "keepNumbers"] as const;
const caseModes = ["lower", "upper", "none"] as const;

/** Throws `bad-option`. */
export function resolveNormalizeTextOptions(options: NormalizeTextOptions): Settings {
  checkOptionNames("normalizeText", options, [
    "caseMode",
    "keepDiacritics",
    "keepPunctuations",
    "keepNumbers",
  ]);
  const { caseMode = "lower" } = options;
  const { keepDiacritics = false, keepPunctuations = true, keepNumbers = true } = options;
  const settings: Settings = { caseMode, keepDiacritics, keepPunctuations, keepNumbers };
  if (!caseModes.includes(caseMode)) {
    throw new DualTextError(
      "bad-option",
      `caseMode is ${JSON.stringify(caseMode)}; it must be "lower", "upper" or "none".`,
    );
  }
  for (const flag of flags) {
    if (typeof settings[flag] === "boolean") continue;
    throw new DualTextError(
      "bad-option",
      `${flag} is ${JSON.stringify(settings[flag])}; it must be true or false.`,
    );
  }
  return settings;
}

/** What stands in the map for a unit that is left out. */
const LEFT_OUT = -1;

/** What each UTF-16 unit becomes, whatever stands beside it. */
function unitMap({ caseMode, keepDiacritics, keepPunctuations, keepNumbers }: Settings): Int32Array {
  const base = keepDiacritics ? undefined : withoutDiacritics();
  const cased = caseMode === "none" ? undefined : caseMode === "lower" ? lowerCase() : upperCase();
  const isPunctuation = keepPunctuations ? undefined : punctuation();
  const isNumber = keepNumbers ? undefined : numbers();
  const map = new Int32Array(0x10000);
  for (let unit = 0; unit < map.length; unit++) {
    const bare = base ? base[unit]! : unit;
    const isLeftOut = isPunctuation?.[unit] === 1 || isNumber?.[unit] === 1 || (base && bare === DROPPED);
    map[unit] = isLeftOut ? LEFT_OUT : cased ? cased[bare]! : bare;
  }
  return map;
}

/** The stage that changes case and leaves out marks, punctuation or numbers, as ML.NET's `NormalizeText` does. */
export class TextNormalizer implements Transformer {
  readonly stage = STAGE;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly #settings: Settings;
  readonly #map: Int32Array;

  constructor(input: string, output: string, settings: Settings) {
    this.inputs = [input];
    this.outputs = [output];
    this.#settings = settings;
    this.#map = unitMap(settings);
  }

  /** Throws `bad-column`. A text may become empty; of several texts in a row those that are empty are left out. */
  transform(data: Dataset): Dataset {
    const [input] = this.inputs as [string];
    const kind = textKindOf(data, input, STAGE);
    const normalize = (text: string) => this.#normalized(text);
    return data.with(this.outputs[0]!, { kind }, (start, end) => {
      const column = data.block(input, start, end) as TextColumn | TextsColumn;
      if (column.kind === "text") return { kind: "text", values: column.values.map(normalize) };
      const values = column.values.map((texts) => texts.map(normalize).filter((text) => text !== ""));
      return { kind: "texts", values };
    });
  }

  #normalized(text: string): string {
    const map = this.#map;
    let normal = "";
    /** Units before it are in `normal`; those from it on stay as they are. */
    let from = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      const to = map[unit]!;
      if (to === unit) continue;
      normal += text.slice(from, i);
      if (to !== LEFT_OUT) normal += String.fromCharCode(to);
      from = i + 1;
    }
    return from === 0 ? text : normal + text.slice(from);
  }

  toParts(): StageParts {
    return {
      stage: STAGE,
      options: { input: this.inputs[0]!, output: this.outputs[0]!, ...this.#settings },
      arrays: {},
    };
  }
}

/** Makes the stage again from its parts. Throws `bad-model-file`. */
export function readTextNormalizer({ options }: LoadedStageParts): TextNormalizer {
  const { input, output, ...settings } = (options ?? {}) as Record<string, unknown>;
  const isWhole =
    typeof input === "string" &&
    typeof output === "string" &&
    caseModes.includes(settings.caseMode as Settings["caseMode"]) &&
    flags.every((flag) => typeof settings[flag] === "boolean");
  if (!isWhole) throw damagedModel(`the options of its stage ${STAGE}`);
  return new TextNormalizer(input, output, settings as unknown as Settings);
}
