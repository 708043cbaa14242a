import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { ProgressReport } from "../../src/cli/progress.js";
import { Session, type SessionOptions } from "../../src/cli/session.js";
import type { Progress } from "../../src/stage.js";

/** What a run writes to its reports, on a terminal or not. */
function reportsOf(
  isTTY: boolean,
  options: SessionOptions,
  run: (progress: ProgressReport, session: Session) => void,
) {
  let written = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written += chunk;
      done();
    },
  });
  const terminal = {
    isTTY,
    columns: 100,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  };
  const session = new Session(options, new AbortController().signal, stream, Object.assign(stream, terminal));
  run(new ProgressReport(session), session);
  return written;
}

const epoch = (epoch: number, done: number): Progress => ({
  ...{ phase: "solve", done, total: 10, epoch, loss: 0.5, gap: 0.25, etaMs: 2500 },
});
const solving = (progress: ProgressReport) => {
  progress.update({ phase: "featurize", done: 1, total: 2 });
  for (const [number, done] of [
    [1, 3],
    [1, 4],
    [2, 8],
  ] as const)
    progress.update(epoch(number, done));
  progress.end();
};

describe("progress of the command", () => {
  test("is a bar on a terminal, which is gone at the end", () => {
    const written = reportsOf(true, {}, solving);
    expect(written).toMatch(/Featurizing +=+/);
    expect(written).toMatch(/Training +=+.* 80 % epoch 2, loss 0\.500, gap 0\.25, 3 s left/);
    expect(written).not.toContain("\n");
  });

  test("is plain lines elsewhere, one for a phase and one for an epoch", () => {
    expect(reportsOf(false, {}, solving).split("\n")).toEqual([
      "Featurizing …",
      "Training …",
      "  epoch 1, loss 0.500, gap 0.25, 3 s left",
      "  epoch 2, loss 0.500, gap 0.25, 3 s left",
      "",
    ]);
  });

  test("is nothing with --quiet", () => {
    for (const isTTY of [true, false]) expect(reportsOf(isTTY, { quiet: true }, solving)).toBe("");
  });
});
