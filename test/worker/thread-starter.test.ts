import { expect, test } from "vitest";
import type { ToWorker } from "../../src/worker/messages.js";
import { ThreadStarter } from "../../src/worker/thread-starter.js";

function starter() {
  const told: ToWorker[] = [];
  const events: string[] = [];
  const failures: ((reason: string) => void)[] = [];
  const threads = new ThreadStarter(
    (onFailure) => {
      if (failures.length === 2) throw new Error("refused by a policy");
      const name = failures.push(onFailure);
      return {
        post: (port, transfer) => events.push(`${name} gets ${transfer[0] === port ? "a port" : "nothing"}`),
        end: () => events.push(`${name} ends`),
      };
    },
    (message) => told.push(message),
  );
  const start = (thread: number) =>
    threads.did({ type: "startThread", thread, port: new MessageChannel().port1 as never });
  return { threads, start, told, events, failures };
}

test("workers get their port, end when asked to, or all at once", () => {
  const { threads, start, events } = starter();
  expect([start(0), start(1)]).toEqual([true, true]);
  expect(threads.did({ type: "endThread", thread: 0 })).toBe(true);
  threads.end();
  threads.end();
  expect(events).toEqual(["1 gets a port", "2 gets a port", "1 ends", "2 ends"]);
});

test("the trainer's worker is told of one that fails, or that cannot be started", () => {
  const { start, told, failures } = starter();
  for (const thread of [0, 1, 2]) start(thread);
  failures[1]!("its script could not be loaded");
  expect(told).toEqual([
    { type: "threadFailed", thread: 2, reason: "Error: refused by a policy" },
    { type: "threadFailed", thread: 1, reason: "its script could not be loaded" },
  ]);
});

test("other messages are not for it", () => {
  expect(starter().threads.did({ type: "ready" })).toBe(false);
});
