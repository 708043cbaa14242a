import { describe, expect, test } from "vitest";
import { plainProbabilities } from "../../src/model/plain-scorer.js";
import { nonZeros } from "../../src/model/scorer.js";
import { Random } from "../../src/random.js";
import { Problem } from "../../src/train/problem.js";
import { freshCore } from "../helpers/place.js";
import { randomRows } from "../helpers/rows.js";

/** A trained problem turned into a scorer; whether it went on in the memory of the trainer. */
function scorerOf(shape: { rowCount: number; featureCount: number; classCount: number }) {
  const { matrix, labels } = randomRows({ ...shape, density: 4 });
  // Features that no row has make the weights most of the memory.
  const wide = { ...matrix, columnCount: shape.featureCount * 1500 };
  const core = freshCore();
  let others = 0;
  const fresh = () => {
    others++;
    return freshCore();
  };
  const problem = new Problem(core, {
    matrix: wide,
    labels,
    classCount: shape.classCount,
    scaledL2: 0.1,
    hasBias: true,
    batchSize: 8,
  });
  problem.startEpoch(new Random(1), 0);
  problem.visit(0, problem.rowCount);
  const certifying = problem.certify();
  while (!certifying.next().done);
  const lines = Array.from(problem.weightLines(0, wide.columnCount));
  const biases = problem.biasLine().slice();
  const scorer = problem.intoScorer(fresh);
  return { scorer, wide, lines, biases, takenOver: others === 0 };
}

describe.each([
  { rowCount: 1500, featureCount: 60, classCount: 5, takesOver: true },
  { rowCount: 1500, featureCount: 60, classCount: 2, takesOver: false },
  { rowCount: 300, featureCount: 60, classCount: 5, takesOver: false },
])("$rowCount rows, $classCount classes", ({ takesOver, ...shape }) => {
  const { scorer, wide, lines, biases, takenOver } = scorerOf(shape);
  const { classCount } = shape;
  const stored = classCount === 2 ? 1 : classCount;
  const padded = lines.length / wide.columnCount;

  test(`the scorer ${takesOver ? "goes on in" : "leaves"} the trainer's memory`, () => {
    expect(takenOver).toBe(takesOver);
  });

  test("its weights are the trainer's", () => {
    const kept = [...scorer.storedWeights()].flatMap((piece) => [...piece]);
    expect(kept).toEqual(lines.filter((_, i) => i % padded < stored));
    expect([...scorer.biases()]).toEqual([...biases.subarray(0, stored)]);
  });

  test("it scores as the plain scorer does, in blocks of every size", () => {
    const weights = Float32Array.from(lines.filter((_, i) => i % padded < stored));
    const rows = nonZeros(wide);
    const model = { classCount, weights, biases: biases.slice(0, stored) };
    const probabilities = scorer.probabilities(rows);
    for (let row = 0; row < rows.rowCount; row += 97) {
      const plain = plainProbabilities(model, rows, row);
      expect(probabilities.subarray(row * classCount, (row + 1) * classCount)).toEqual(plain);
    }
    expect(scorer.probabilities(rows)).toEqual(probabilities);
  });
});
