import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nonZeros } from "../../src/data/csr.js";
import { plainProbabilities } from "../../src/model/plain-scorer.js";
import { Scorer } from "../../src/model/scorer.js";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import { Enlisted, letWeightsWait } from "../../src/train/enlist.js";
import { Problem } from "../../src/train/problem.js";
import { takeSpareMemory } from "../../src/wasm/spare-memory.js";
import { freshCore } from "../helpers/place.js";
import { entriesOf, randomRows, withFoldableColumns } from "../helpers/rows.js";
import { weightsOf } from "../helpers/weights.js";

interface Shape {
  readonly rowCount: number;
  readonly featureCount: number;
  readonly classCount: number;
}

function trained(shape: Shape, core = freshCore()) {
  const { matrix, labels } = randomRows({ ...shape, density: 4 });
  const foldable = withFoldableColumns(matrix);
  const problem = new Problem(core, {
    matrix: foldable,
    labels,
    classCount: shape.classCount,
    scaledL2: 0.1,
    hasBias: true,
    batchSize: 8,
  });
  atOnce(problem.startFullEpoch(new Random(1)));
  problem.visit(0, problem.rowCount);
  const certifying = problem.certify();
  while (!certifying.next().done);
  return { problem, foldable };
}

/** A trained problem turned into a scorer. */
function scorerOf(shape: Shape) {
  const { problem, foldable } = trained(shape);
  const lines = Array.from(weightsOf(problem));
  const biases = problem.biasLine().slice();
  const scorer = atOnce(
    problem.intoScorer(Scorer.create(freshCore(), { ...shape, featureCount: foldable.columnCount })),
  );
  return { scorer, foldable, lines, biases };
}

describe.each([
  { rowCount: 1500, featureCount: 60, classCount: 5 },
  { rowCount: 1500, featureCount: 60, classCount: 2 },
])("$rowCount rows, $classCount classes", (shape) => {
  const { scorer, foldable, lines, biases } = scorerOf(shape);
  const { classCount } = shape;
  const stored = classCount === 2 ? 1 : classCount;
  const padded = lines.length / foldable.columnCount;

  test("its weights are the trainer's", () => {
    const kept = Array.from(scorer.storedWeights(), (piece) => [...piece]).flat();
    expect(kept).toEqual(lines.filter((_, i) => i % padded < stored));
    expect([...scorer.biases()]).toEqual([...biases.subarray(0, stored)]);
  });

  test("it scores as the plain scorer does, in blocks of every size", () => {
    const weights = Float32Array.from(lines.filter((_, i) => i % padded < stored));
    const rows = nonZeros(foldable);
    const model = { classCount, weights, biases: biases.slice(0, stored) };
    const probabilities = scorer.probabilities(rows);
    for (let row = 0; row < rows.rowCount; row += 97) {
      const plain = plainProbabilities(model, entriesOf(rows, row));
      expect(probabilities.subarray(row * classCount, (row + 1) * classCount)).toEqual(plain);
    }
    expect(scorer.probabilities(rows)).toEqual(probabilities);
  });
});

const digest = (weights: Float32Array) => createHash("sha256").update(weights).digest("hex");

describe("weights that a small problem keeps until they are needed", () => {
  beforeAll(() => letWeightsWait());
  afterAll(() => letWeightsWait(false));

  /** As a run ends: the scorer of a problem with fewer rows than features, and one that has the same weights already. */
  function handedOver() {
    const shape = { rowCount: 40, featureCount: 12_000, classCount: 24 };
    const core = freshCore();
    const { problem, foldable } = trained(shape, core);
    const empty = () => Scorer.create(freshCore(), { ...shape, featureCount: foldable.columnCount });
    const scorer = empty();
    takeSpareMemory();
    const present = atOnce(problem.intoScorer(empty()));
    atOnce(new Enlisted(core).handOver(problem, scorer));
    const stored = () => Array.from(scorer.storedWeights(), digest);
    return { core, scorer, present, stored, rows: nonZeros(foldable) };
  }

  test("they are saved from there, and the memory is given away with the first prediction", () => {
    const { core, scorer, present, stored, rows } = handedOver();
    const expected = Array.from(present.storedWeights(), digest);
    expect(stored()).toEqual(expected);
    expect(takeSpareMemory()).toBeUndefined();
    expect(scorer.probabilities(rows)).toEqual(present.probabilities(rows));
    expect(takeSpareMemory()).toBe(core.memory);
    new Uint8Array(core.memory.buffer).fill(0xff);
    expect(stored()).toEqual(expected);
    expect(scorer.probabilities(rows)).toEqual(present.probabilities(rows));
  });

  test("they do not wait where nobody has said that they may: the first prediction of a page does not stand still", () => {
    letWeightsWait(false);
    const { core } = handedOver();
    letWeightsWait();
    expect(takeSpareMemory()).toBe(core.memory);
  });

  test("two predictions at a time, or one while the model is saved, are the same", () => {
    const { core, scorer, present, rows } = handedOver();
    const expected = Array.from(present.storedWeights(), digest);
    const slow = scorer.computingProbabilities(rows);
    const saving = scorer.storedWeights();
    slow.next();
    const pieces = [digest(saving.next().value)];
    expect(scorer.probabilities(rows)).toEqual(present.probabilities(rows));
    new Uint8Array(core.memory.buffer).fill(0xff);
    for (const piece of saving) pieces.push(digest(piece));
    expect(pieces).toEqual(expected);
    expect(pieces.length).toBeGreaterThan(1);
    expect(atOnce(slow)).toEqual(present.probabilities(rows));
  });
});

test("a problem that takes more memory than the weights gives it away at once", () => {
  const shape = { rowCount: 1500, featureCount: 60, classCount: 5 };
  const core = freshCore();
  const { problem, foldable } = trained(shape, core);
  const scorer = Scorer.create(freshCore(), { ...shape, featureCount: foldable.columnCount });
  atOnce(new Enlisted(core).handOver(problem, scorer));
  expect(takeSpareMemory()).toBe(core.memory);
});
