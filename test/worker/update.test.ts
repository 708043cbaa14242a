// Updating a model in a worker, here one of Node; browsers are in test/runtimes/.
import { describe, expect, test } from "vitest";
import { fromRows } from "../../src/data/from-rows.js";
import { saveModel } from "../../src/model/saved-model.js";
import { createTrainer } from "../../src/node/worker.js";
import type { Progress } from "../../src/stage.js";
import { trainClassifier } from "../../src/train-classifier.js";
import { updateModel } from "../../src/transfer/update-model.js";
import { trainerOf } from "../../src/worker/trainer.js";
import type { TrainerInput } from "../../src/worker/training-run.js";
import { labelledTexts, rowsOf } from "../helpers/texts.js";

const texts = labelledTexts(90);
const rows = rowsOf(texts);
const load = { hasHeader: true };

describe("an update in a worker", () => {
  const first = texts.slice(0, 60);
  const added = rowsOf(texts.slice(60));
  const options = { tolerance: 1e-4, source: "second" };
  const kept = async () => (await trainClassifier(first, { keepState: true })).model;

  test("gives the bytes and the report of updateModel, from a model and from its file", async () => {
    const model = await kept();
    // Texts recur: each row given stands for all training rows like it.
    const [remove, relabel] = [rows.slice(0, 2), [{ Label: "food", Text: texts[3]!.text }]];
    const oldTest = rowsOf(labelledTexts(20, 500));
    const expected = await updateModel(model, fromRows(added), {
      ...options,
      ...{ remove: fromRows(remove), relabel: fromRows(relabel), oldTest: fromRows(oldTest) },
    });
    for (const given of [model, saveModel(model), new Blob([saveModel(model) as BlobPart])]) {
      const progress: Progress[] = [];
      const { bytes, thread, training, ...told } = await createTrainer().updateModel(given, added, {
        ...options,
        ...{ remove, relabel, oldTest },
        onProgress: (seen) => progress.push(seen),
      });
      expect(Buffer.from(bytes).equals(saveModel(expected.model))).toBe(true);
      const { model: _, ...report } = expected;
      expect(told).toEqual(report);
      expect(told).toMatchObject({ oldRowsFrom: "state", addedRows: 30, removedRows: 6, relabelledRows: 3 });
      expect(thread).toBe("worker");
      expect(training[0]!.lineage!.sources).toEqual(["second"]);
      expect(progress.some(({ phase }) => phase === "solve")).toBe(true);
    }
    // The model is still whole: what was sent is a copy.
    expect(model.predict("rain and snow").label).toBe("weather");
  });

  test("takes files, with how they are to be read, old rows among them, and threads of its own", async () => {
    const model = (await trainClassifier(first)).model;
    const file = (part: typeof texts, name: string) =>
      new File([`Label\tText\n${part.map(({ label, text }) => `${label}\t${text}\n`).join("")}`], name);
    const { bytes, oldRowsFrom, oldRowsMatch } = await createTrainer().updateModel(
      model,
      file(texts.slice(60), "new.tsv"),
      { load, oldRows: file(first, "old.tsv"), threads: 2 },
    );
    expect([oldRowsFrom, oldRowsMatch]).toEqual(["rows", true]);
    const expected = await updateModel(model, fromRows(added), { oldRows: fromRows(rows.slice(0, 60)) });
    expect(Buffer.from(bytes).equals(saveModel(expected.model))).toBe(true);
    const broken = new File(["Label\tText\nham\n"], "broken.tsv");
    await expect(createTrainer().updateModel(model, broken, { load })).rejects.toThrow("broken.tsv, line 2");
  });

  test("what goes wrong comes back with its code; an abort with the signal's reason", async () => {
    const model = await kept();
    const update = (more: object, newRows: TrainerInput | undefined = added) =>
      createTrainer().updateModel(model, newRows, more);
    await expect(createTrainer().updateModel(model, undefined)).rejects.toMatchObject({
      code: "empty-input",
    });
    await expect(update({ threads: 0 })).rejects.toMatchObject({ code: "bad-option" });
    await expect(update({ source: () => {} })).rejects.toMatchObject({ code: "bad-argument" });
    await expect(createTrainer().updateModel(new Uint8Array(9), added)).rejects.toMatchObject({
      code: "bad-model-file",
    });
    await expect(createTrainer().updateModel(null as never, added)).rejects.toMatchObject({
      code: "bad-argument",
    });
    const reason = new Error("enough");
    const controller = new AbortController();
    const onProgress = ({ phase }: Progress) => phase === "solve" && controller.abort(reason);
    const endless = { tolerance: 1e-30, maxEpochs: 1e9, signal: controller.signal, onProgress };
    await expect(update(endless)).rejects.toBe(reason);
  });

  test("goes on in the calling thread where there is no worker, to the same bytes", async () => {
    const refusing = () => {
      throw new Error("forbidden by policy");
    };
    const model = await kept();
    const { bytes, thread } = await trainerOf(refusing, {}).updateModel(saveModel(model), added, options);
    expect(thread).toBe("caller");
    const expected = await updateModel(model, fromRows(added), options);
    expect(Buffer.from(bytes).equals(saveModel(expected.model))).toBe(true);
  });
});
