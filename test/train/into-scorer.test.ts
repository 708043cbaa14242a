import { describe, expect, test } from "vitest";
import { nonZeros } from "../../src/data/csr.js";
import { plainProbabilities } from "../../src/model/plain-scorer.js";
import { Scorer } from "../../src/model/scorer.js";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import { Problem } from "../../src/train/problem.js";
import { freshCore } from "../helpers/place.js";
import { entriesOf, randomRows, withFoldableColumns } from "../helpers/rows.js";
import { weightsOf } from "../helpers/weights.js";

/** A trained problem turned into a scorer. */
function scorerOf(shape: { rowCount: number; featureCount: number; classCount: number }) {
  const { matrix, labels } = randomRows({ ...shape, density: 4 });
  const foldable = withFoldableColumns(matrix);
  const problem = new Problem(freshCore(), {
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
