// The n-grams that speak most for each label.
import { Dataset, type Model, type SlotNames, type Transformer } from "dualtext";
import { el } from "./dom.js";

const SHOWN = 24;

interface Weights {
  readonly names: SlotNames;
  readonly classCount: number;
  /** Weight of a slot for a class. */
  at(slot: number, c: number): number;
}

/** A choice of the label, and its n-grams. */
export function informativeNgrams(model: Model): HTMLElement[] {
  const weights = weightsOf(model);
  const labels = model.labels.map(String);
  const list = el("ul", { class: "ngrams", "aria-live": "polite" });
  const select = el("select", {}, ...labels.map((label, c) => el("option", { value: c }, label)));
  const kinds = el(
    "select",
    {},
    el("option", { value: "Word." }, "words and pairs of words"),
    el("option", { value: "Char." }, "character trigrams"),
  );
  const show = () => {
    const best = strongest(weights, Number(select.value), kinds.value);
    list.replaceChildren(
      ...best.map(({ slot, weight }) =>
        el("li", {}, readable(weights.names.at(slot)), " ", el("small", {}, `+${weight.toFixed(2)}`)),
      ),
    );
  };
  select.addEventListener("change", show);
  kinds.addEventListener("change", show);
  show();
  return [
    el("h3", {}, "What speaks for a label"),
    el("div", { class: "row" }, el("label", {}, "Label ", select), el("label", {}, "Show ", kinds)),
    list,
  ];
}

/** Slots of a kind with the greatest weight above the mean of the classes, greatest first. */
function strongest({ names, classCount, at }: Weights, c: number, kind: string) {
  const best: { slot: number; weight: number }[] = [];
  const firstWord = firstSlotOf(names, "Word.");
  const [start, end] = kind === "Word." ? [firstWord, names.count] : [0, firstWord];
  for (let slot = start; slot < end; slot++) {
    let mean = 0;
    for (let other = 0; other < classCount; other++) mean += at(slot, other) / classCount;
    const weight = at(slot, c) - mean;
    if (weight <= (best.length < SHOWN ? 0 : best.at(-1)!.weight)) continue;
    let place = best.length;
    while (place > 0 && best[place - 1]!.weight < weight) place--;
    best.splice(place, 0, { slot, weight });
    if (best.length > SHOWN) best.pop();
  }
  return best;
}

/** Characters come before words. */
function firstSlotOf({ count, at }: SlotNames, prefix: string): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(middle).startsWith(prefix)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** "Word.a|b" → "a b", "Char.*|t|h" → "·th". */
function readable(name: string): string {
  const text = name.slice(name.indexOf(".") + 1);
  return name.startsWith("Word.")
    ? text.replaceAll("|", " ")
    : text.split("|").join("").replace(/[*\s]/g, "·").replace(/<.>/g, "·");
}

function weightsOf(model: Model): Weights {
  const { classifier } = model;
  const { classCount, featureCount } = classifier;
  const stage = model.stages.find(({ outputs }) =>
    outputs.includes(classifier.columns.features),
  ) as Transformer;
  const names = slotNamesOf(model, stage);
  const stored = classifier.toParts().arrays.weights!;
  const all = new Float32Array(stored.length);
  let end = 0;
  for (const piece of stored.pieces() as Iterable<Float32Array>) {
    all.set(piece, end);
    end += piece.length;
  }
  // Of two classes the file holds one column, that of the second; the other is its negative.
  const columns = all.length / featureCount;
  const at = (slot: number, c: number) =>
    columns === 1 ? (c === 1 ? all[slot]! : -all[slot]!) : all[slot * columns + c]!;
  return { names, classCount, at };
}

function slotNamesOf(model: Model, stage: Transformer): SlotNames {
  const input = Object.fromEntries(
    stage.inputs.map((name) => [name, { kind: "text", values: [""] } as const]),
  );
  const type = stage.transform(Dataset.of(input)).typeOf(model.classifier.columns.features);
  if (type.kind !== "vector" || !type.slotNames) throw new Error("The features of this model have no names.");
  return type.slotNames;
}
