import { describe, expect, test } from "vitest";
import { Random } from "../../src/random.js";
import { builds, freshCore } from "../helpers/place.js";

const f = Math.fround;

describe.each(builds)("scaleMove, %s build", (build) => {
  test.each([0, 1, 3, 4, 7, 16, 21])(
    "of %s numbers is the plain definition's, and touches no other",
    (count) => {
      const core = freshCore(build);
      core.memory.grow(1);
      const random = new Random(count);
      const numbers = () => Float32Array.from({ length: count + 1 }, () => random.nextFloat() * 8 - 4);
      const [values, origin] = [numbers(), numbers()];
      const factor = f(0.3);
      const at = { values: 65_536 + 4, origin: 65_536 + 4096 };
      const moved = (from?: Float32Array) => {
        const view = new Float32Array(core.memory.buffer, at.values, count + 1);
        view.set(values);
        new Float32Array(core.memory.buffer, at.origin, count + 1).set(origin);
        core.scaleMove(at.values, from ? at.origin : 0, count, factor);
        return [...view];
      };
      const plain = (from: (i: number) => number) =>
        Array.from(values, (value, i) => (i === count ? value : f(from(i) + f(factor * f(value - from(i))))));
      expect(moved()).toEqual(plain(() => 0));
      expect(moved(origin)).toEqual(plain((i) => origin[i]!));
    },
  );
});
