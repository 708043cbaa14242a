import type { Encoder } from "../../src/text/encoder.js";

/** Counts of some letters, and a constant: a stand-in for a sentence encoder that notes its calls. */
export function letterEncoder(letters = "aeinrst"): Encoder & { readonly calls: string[][] } {
  const calls: string[][] = [];
  const encode = async (texts: string[]) => {
    calls.push(texts);
    await new Promise((resolve) => setTimeout(resolve, 0));
    return texts.map((text) => [...[...letters].map((letter) => text.split(letter).length - 1), 1]);
  };
  return { name: `letters ${letters}`, encode, calls };
}
