import { Schedule, scheduleBytes } from "../../src/train/schedule.js";
import { planBlocks, reserve } from "../../src/wasm/memory.js";
import { freshCore } from "./place.js";

/** A schedule in a core of its own, with views of what it reads and writes. */
export function placedSchedule(rowCount: number, rows?: Uint32Array) {
  const core = freshCore();
  const blocks = { schedule: scheduleBytes(rowCount), order: 4 * rowCount, residuals: 4 * rowCount };
  const { at, totalBytes } = planBlocks(blocks, 1024);
  reserve(core.memory, totalBytes, "A test");
  const { buffer } = core.memory;
  return {
    schedule: new Schedule(core, at, rowCount, rows),
    order: new Uint32Array(buffer, at.order, rowCount),
    residuals: new Float32Array(buffer, at.residuals, rowCount),
  };
}
