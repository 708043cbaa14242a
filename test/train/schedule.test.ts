import { describe, expect, test } from "vitest";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import { placedSchedule } from "../helpers/schedule.js";
import { PlainSchedule } from "../reference/schedule.js";

const rowCount = 1000;

function visitsOf(order: Uint32Array): Uint32Array {
  const visits = new Uint32Array(rowCount);
  for (const row of order) visits[row]!++;
  return visits;
}

describe("Schedule", () => {
  test("a full epoch has each row once, in an order of its own", () => {
    const { schedule, order } = placedSchedule(rowCount);
    const random = new Random(1);
    expect(atOnce(schedule.all(random))).toBe(rowCount);
    expect(visitsOf(order).every((count) => count === 1)).toBe(true);
    const first = order.slice();
    atOnce(schedule.all(random));
    expect(order).not.toEqual(first);
  });

  test("rows are visited at rates that go with the residual, none seldomer than every eighth epoch", () => {
    const { schedule, order, residuals } = placedSchedule(rowCount);
    const random = new Random(1);
    atOnce(schedule.all(random));
    // Squares 64, 1 and 0 times a unit; their root mean square fixes the scale.
    residuals.set(Float32Array.from({ length: rowCount }, (_, row) => (row < 10 ? 64 : row < 110 ? 1 : 0)));
    const scale = 0.5 / Math.sqrt(residuals.reduce((sum, r) => sum + r, 0) / rowCount);
    const visits = new Float64Array(rowCount);
    const epochs = 80;
    for (let epoch = 0; epoch < epochs; epoch++) {
      visitsOf(order.subarray(0, atOnce(schedule.byResidual(1, random)))).forEach((count, row) => {
        visits[row]! += count;
      });
    }
    const mean = (first: number, end: number) =>
      visits.subarray(first, end).reduce((sum, count) => sum + count, 0) / (end - first) / epochs;
    expect(mean(0, 10)).toBeCloseTo(8 * scale, 1);
    expect(mean(10, 110)).toBeCloseTo(scale, 1);
    for (const count of visits.subarray(110)) expect(count).toBe(epochs / 8);
  });

  test("no batch has a row twice, and no epoch more visits than rows", () => {
    for (const [batchSize, hot] of [
      [64, 3],
      [8, 200],
      [16, rowCount],
    ] as const) {
      const { schedule, order, residuals } = placedSchedule(rowCount);
      const random = new Random(7);
      atOnce(schedule.all(random));
      residuals.set(Float32Array.from({ length: rowCount }, (_, row) => (row < hot ? 1 : 1e-9)));
      for (let epoch = 0; epoch < 20; epoch++) {
        const length = atOnce(schedule.byResidual(batchSize, random));
        expect(length).toBeGreaterThan(0);
        expect(length).toBeLessThanOrEqual(rowCount);
        for (let first = 0; first < length; first += batchSize) {
          const batch = order.subarray(first, Math.min(first + batchSize, length));
          expect(new Set(batch).size).toBe(batch.length);
        }
      }
    }
  });

  test("what goes on visits its new rows at once, of the others those with large residuals, and all within eight epochs", () => {
    const { schedule, order, residuals } = placedSchedule(rowCount);
    const random = new Random(3);
    schedule.resume(600);
    residuals.set(Float32Array.from({ length: rowCount }, (_, row) => (row < 60 || row >= 600 ? 0.5 : 1e-9)));
    const total = new Uint32Array(rowCount);
    for (let epoch = 1; epoch <= 8; epoch++) {
      const visits = visitsOf(order.subarray(0, atOnce(schedule.byResidual(4, random))));
      visits.forEach((count, row) => {
        total[row]! += count;
      });
      const visited = (from: number, to: number) =>
        visits.subarray(from, to).filter((count) => count > 0).length;
      if (epoch > 1) continue;
      expect(visited(600, rowCount)).toBe(rowCount - 600);
      expect(visited(60, 600)).toBe(0);
    }
    expect(total.every((count) => count > 0)).toBe(true);
    expect(Math.min(...total.subarray(0, 60))).toBeGreaterThan(Math.max(...total.subarray(60, 600)));
  });

  test("a list of rows is all that is visited", () => {
    const rows = Uint32Array.of(7, 70, 700);
    const { schedule, order, residuals } = placedSchedule(rowCount, rows);
    const random = new Random(1);
    expect(atOnce(schedule.all(random))).toBe(3);
    expect([...order.subarray(0, 3)].sort((a, b) => a - b)).toEqual([7, 70, 700]);
    residuals.fill(1);
    for (let epoch = 0; epoch < 4; epoch++) {
      const length = atOnce(schedule.byResidual(2, random));
      for (const row of order.subarray(0, length)) expect(rows).toContain(row);
    }
  });

  test("equal seeds give equal epochs", () => {
    const run = () => {
      const { schedule, order, residuals } = placedSchedule(rowCount);
      const random = new Random(5);
      atOnce(schedule.all(random));
      residuals.set(Float32Array.from({ length: rowCount }, (_, row) => 1 / (1 + row)));
      return order.slice(0, atOnce(schedule.byResidual(8, random)));
    };
    expect(run()).toEqual(run());
  });

  test.each([
    { rows: undefined, batchSize: 1 },
    { rows: undefined, batchSize: 16 },
    { rows: Uint32Array.from({ length: 300 }, (_, i) => 3 * i + 1), batchSize: 4 },
  ])("visits are those of the plain definition: $batchSize a batch", ({ rows, batchSize }) => {
    const { schedule, order, residuals } = placedSchedule(rowCount, rows);
    const plain = new PlainSchedule([...(rows ?? order.keys())]);
    const [random, same] = [new Random(11), new Random(11)];
    expect([...order.subarray(0, atOnce(schedule.all(random)))]).toEqual(plain.all(same));
    for (let epoch = 0; epoch < 12; epoch++) {
      residuals.forEach((_, row) => {
        residuals[row] = epoch === 5 ? 0 : Math.exp(-row / (2 + 20 * epoch));
      });
      const length = atOnce(schedule.byResidual(batchSize, random));
      expect([...order.subarray(0, length)]).toEqual(plain.byResidual(residuals, batchSize, same));
    }
    expect(random.nextU32()).toBe(same.nextU32());
  });

  test("a row whose residual is no number is not visited, the others are", () => {
    const { schedule, order, residuals } = placedSchedule(rowCount, Uint32Array.of(1, 2, 3));
    const random = new Random(2);
    atOnce(schedule.all(random));
    residuals.fill(1);
    residuals[2] = Number.NaN;
    const visited = new Set<number>();
    for (let epoch = 0; epoch < 8; epoch++) {
      for (const row of order.subarray(0, atOnce(schedule.byResidual(2, random)))) visited.add(row);
    }
    expect([...visited].sort()).toEqual([1, 3]);
  });
});
