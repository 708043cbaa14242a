import type { Dataset } from "../data/dataset.js";
import { DualTextError } from "../errors.js";

/** The kind of a column of text. Throws `bad-column` when it holds something else. */
export function textKindOf(data: Dataset, name: string, stage: string): "text" | "texts" {
  const { kind } = data.typeOf(name);
  if (kind === "text" || kind === "texts") return kind;
  throw new DualTextError("bad-column", `Column "${name}" is ${kind}; ${stage} reads columns of text.`);
}
