import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { sha256 as hostSha256 } from "../src/node/sha256.js";
import { Random } from "../src/random.js";
import { sha256 } from "../src/sha256.js";

describe("sha256", () => {
  test("is that of Node at every length around a block, and of a long input", () => {
    const random = new Random(3);
    for (const length of [...Array(200).keys(), 100_001]) {
      const bytes = Uint8Array.from({ length: length + 3 }, () => random.nextBelow(256)).subarray(3);
      const digest = createHash("sha256").update(bytes).digest("hex");
      expect(sha256(bytes), `${length} bytes`).toBe(digest);
      expect(hostSha256(bytes), `${length} bytes`).toBe(digest);
    }
  });
});
