// Step 4: labels while one types.
import type { Model } from "dualtext";
import { byId, el, percent, say } from "./dom.js";

const MOST_LABELS = 6;
/** A screen reader is told when the typing rests. */
const REST_MS = 700;

let model: Model | undefined;
let resting: ReturnType<typeof setTimeout> | undefined;

export function tryStep(): void {
  byId<HTMLTextAreaElement>("try-text").addEventListener("input", show);
}

/** From now on texts are given to this model. @param example a text to begin with */
export function tryModel(next: Model, example: string): void {
  model = next;
  byId("try-section").hidden = false;
  byId<HTMLTextAreaElement>("try-text").value = example;
  show();
}

function show(): void {
  if (!model) return;
  const text = byId<HTMLTextAreaElement>("try-text").value;
  const { top } = model.predict(text, { topK: Math.min(MOST_LABELS, model.labels.length) });
  byId("try-labels").replaceChildren(
    ...top!.map(({ label, probability }) => {
      const bar = el("i");
      bar.style.setProperty("--share", String(probability));
      return el(
        "li",
        {},
        el("span", {}, String(label)),
        el("div", { class: "bar", "aria-hidden": "true" }, bar),
        el("output", {}, percent(probability)),
      );
    }),
  );
  clearTimeout(resting);
  const [best] = top!;
  resting = setTimeout(
    () => say(byId("try-status"), `${best!.label}, ${percent(best!.probability)}`),
    REST_MS,
  );
}
