import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { fromRows } from "../../src/data/from-rows.js";
import type { Model } from "../../src/model/model.js";
import { trainClassifier } from "../../src/train-classifier.js";
import { ModelHandle } from "../../src/transfer/model-handle.js";
import { labelledTexts } from "../helpers/texts.js";

const { model } = await trainClassifier(labelledTexts(90), { keepState: true });
const sport = [1, 2, 3, 4].map((i) => ({ Label: "sport", Text: `goal number ${i} of the keeper` }));

test("a swap changes the next answer, not one who holds the old model", async () => {
  const handle = new ModelHandle(model);
  const held = handle.current;
  const { model: updated } = await handle.update(fromRows(sport));
  expect(handle.current).toBe(updated);
  expect(handle.version).toBe(2);
  expect(handle.predict("the keeper").label).toBe("sport");
  expect(handle.predictAll(["the keeper"])[0]!.label).toBe("sport");
  expect(held.labels).not.toContain("sport");
  expect(handle.swap(held)).toBe(updated);
  expect(() => handle.swap({} as Model)).toThrow(/ModelHandle wants a model/);
});

test("updates run in order, a failed or refused one changes nothing", async () => {
  const handle = new ModelHandle(model);
  const failing = handle.update(fromRows([{ Nothing: "x" }]));
  const first = handle.update(fromRows(sport));
  const refused = handle.update(fromRows(sport), { accept: () => false });
  const last = handle.update(fromRows([{ Label: "art", Text: "a painting" }]));
  await expect(failing).rejects.toMatchObject({ code: "bad-column" });
  await Promise.all([first, refused, last]);
  expect(handle.version).toBe(3);
  expect(handle.current.labels).toEqual([...model.labels, "sport", "art"]);
  expect(handle.current.training[0]!.rowCount).toBe(90 + 4 + 1);
});

test("a server under load answers every request while the model is updated again and again", async () => {
  const handle = new ModelHandle(model);
  const server = createServer((request, response) => {
    const text = new URL(request.url!, "http://localhost").searchParams.get("text") ?? "";
    response.end(JSON.stringify({ version: handle.version, ...handle.predict(text) }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  let isDone = false;
  const versions = new Set<number>();
  let failed = 0;
  let answered = 0;
  const client = async () => {
    while (!isDone || answered < 40) {
      const response = await fetch(`http://127.0.0.1:${port}/?text=rain+and+snow`);
      const { label, version } = (await response.json()) as { label: string; version: number };
      if (!response.ok || label !== "weather") failed++;
      versions.add(version);
      answered++;
    }
  };
  const clients = Promise.all([client(), client(), client(), client()]);
  for (const row of sport) {
    await handle.update(fromRows([row]));
    // More answers than there are clients: at least one request came after the update.
    const before = answered;
    while (answered < before + 8) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  isDone = true;
  await clients;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(failed).toBe(0);
  expect(versions).toContain(5);
  expect(versions.size).toBeGreaterThan(1);
  expect(handle.version).toBe(5);
});
