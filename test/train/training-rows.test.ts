import { describe, expect, test } from "vitest";
import { fromRows, mapValueToKey, sdcaMaximumEntropy } from "../../src/index.js";

/** Rows whose features are one vector; those at `changed` have other values. */
function rowsWith(changed: Readonly<Record<number, readonly number[]>>, rowCount = 40, slots = 3) {
  return fromRows(
    Array.from({ length: rowCount }, (_, row) => ({
      Label: row % 2 === 0 ? "even" : "odd",
      Features: Float32Array.from({ length: slots }, (_, slot) => changed[row]?.[slot] ?? (slot + row) % 3),
    })),
  );
}
const trained = (data: ReturnType<typeof rowsWith>) =>
  mapValueToKey("Label")
    .append(sdcaMaximumEntropy({ maxEpochs: 2 }))
    .fit(data);

describe("features", () => {
  test.each([
    [Number.NaN, "holds NaN in slot 1"],
    [Number.POSITIVE_INFINITY, "holds Infinity in slot 1"],
    [Number.NEGATIVE_INFINITY, "holds -Infinity in slot 1"],
    [-2e18, "slot 1 holds -1999999968613499000"],
  ])("that hold %d are refused, by row and slot", async (value, words) => {
    await expect(trained(rowsWith({ 17: [1, value, 2] }))).rejects.toMatchObject({
      code: "not-finite",
      message: expect.stringMatching(new RegExp(`^Row 17 of column "Features".*(${words})`)),
    });
  });

  test("are refused where no piece of a row is too long, but the row is", async () => {
    const slots = 40_000;
    const long = Array.from({ length: slots }, () => 8e15);
    await expect(trained(rowsWith({ 3: long }, 4, slots))).rejects.toMatchObject({
      code: "not-finite",
      message: expect.stringContaining("Row 3 of column"),
    });
  });

  test("of rows that are too long together only are learned from", async () => {
    const lengths = Object.fromEntries(Array.from({ length: 40 }, (_, row) => [row, [9e17, row % 5, 1]]));
    const model = await trained(rowsWith(lengths));
    expect(model.classifier.training.rowCount).toBe(40);
  });
});
