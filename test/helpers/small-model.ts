import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { type Classifier, trainClassifier } from "../../src/train-classifier.js";

/** Rows with labels and words that trip up careless code. */
export const smallRows = [
  { text: "the sun is warm today", label: "weather" },
  { text: "rain and wind, rain and cloud", label: "weather" },
  { text: "we cook rice and soup", label: "food" },
  { text: "Crème brûlée with Käse", label: "food" },
  { text: "__proto__ constructor toString", label: "__proto__" },
  { text: "hasOwnProperty \ud800 alone", label: "__proto__" },
  { text: "песня и танец 歌を歌う", label: "müsik \udc00" },
  { text: "a loud song and a drum", label: "müsik \udc00" },
] as const;

/** Texts to predict: known words, unknown ones, none. */
export const probes = ["rain in the soup", "__proto__", "Ein Lied", "", "歌", "\udfff", "cook a song"];

export const smallOptions = { l2: 0.05, tolerance: 1e-6, seed: 7 } as const;

export function smallClassifier(more: { readonly l1?: number } = {}): Promise<Classifier> {
  return trainClassifier(smallRows, { ...smallOptions, ...more });
}

/** The bits of all that a model says about the probes. */
export function predictionBits(classifier: Pick<Classifier, "predict">): string[] {
  return probes.map((text) => {
    const { top = [] } = classifier.predict(text, { topK: 4 });
    return top
      .map(({ label, probability }) => {
        const [bits] = new Uint32Array(Float32Array.of(probability).buffer);
        return `${JSON.stringify(label)} ${bits!.toString(16)}`;
      })
      .join(", ");
  });
}

export type Manifest = Record<string, any>;

/**
 * A model file taken apart, changed and packed again by another program, with all checksums right.
 * @param change edits the manifest and the entries in place
 */
export function repacked(
  bytes: Uint8Array,
  change: (manifest: Manifest, entries: Record<string, Uint8Array>) => void,
  level: 0 | 6 = 0,
): Uint8Array {
  const entries = unzipSync(bytes);
  const manifest = JSON.parse(strFromU8(entries["manifest.json"]!));
  change(manifest, entries);
  const { "manifest.json": _, ...rest } = entries;
  return zipSync({ "manifest.json": strToU8(JSON.stringify(manifest)), ...rest }, { level });
}
