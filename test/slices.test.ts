import { describe, expect, test, vi } from "vitest";
import { Slices } from "../src/slices.js";

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("slices of a long computation", () => {
  test("a pause is due after a while, and not again until it has passed once more", async () => {
    const slices = new Slices(undefined, () => {});
    await wait(40);
    expect(slices.isDue).toBe(true);
    await slices.pause();
    expect(slices.isDue).toBe(false);
    await wait(40);
    expect(slices.isDue).toBe(true);
  });

  test("computations one after the other share the time between two pauses", async () => {
    await new Slices(undefined, () => {}).pause();
    expect(new Slices(undefined, () => {}).isDue).toBe(false);
    await wait(40);
    expect(new Slices(undefined, () => {}).isDue).toBe(true);
  });

  test("a pause reports and lets timers and messages run", async () => {
    const order: string[] = [];
    const slices = new Slices(undefined, () => order.push("report"));
    setTimeout(() => order.push("timer"), 0);
    await wait(5);
    await slices.pause();
    expect(order).toEqual(["timer", "report"]);
    const seen = new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    await slices.pause();
    await slices.pause();
    await seen;
  });

  test("an aborted signal ends it with its reason, before the pause and after it", async () => {
    const reason = new Error("enough");
    let reports = 0;
    await expect(new Slices(AbortSignal.abort(reason), () => reports++).pause()).rejects.toBe(reason);
    expect(reports).toBe(0);
    const controller = new AbortController();
    const slices = new Slices(controller.signal, () => controller.abort(reason));
    await expect(slices.pause()).rejects.toBe(reason);
  });

  test("a runtime can have a way of its own to the next task", async () => {
    const { Slices, setNextTask } = (await vi.importActual(
      "../src/slices.js?own",
    )) as typeof import("../src/slices.js");
    let tasks = 0;
    setNextTask((done: () => void) => {
      tasks++;
      setImmediate(done);
    });
    await new Slices(undefined, () => {}).pause();
    expect(tasks).toBe(1);
  });
});
