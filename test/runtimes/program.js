// What every runtime runs: trains on the same small sets with the same seed, in this thread and, where there is one, in a
// worker, and tells the SHA-256 of each model. Plain JavaScript, with nothing of any host.

/** Two classes have kernels of their own; the others differ in how they fill a register. */
export const classCounts = [2, 3, 8, 41];

const words =
  "rain sun wind cloud bread soup apple cheese song drum choir violin İstanbul Ǆungla naïve 東京 😀 straße".split(
    " ",
  );

/**
 * Rows with a label and a text, delimited by tabs.
 * @param {number} classCount
 */
export function trainingSet(classCount, rowCount = 1200) {
  let state = 7 + classCount;
  const random = (/** @type {number} */ below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const lines = Array.from({ length: rowCount }, (_, row) => {
    const label = row % classCount;
    const text = Array.from({ length: 4 + random(12) }, () =>
      random(3) === 0 ? `topic${label}` : `${words[random(words.length)]}${random(50)}`,
    );
    return `class ${label}\t${text.join(" ")}\n`;
  });
  return `Label\tText\n${lines.join("")}`;
}

/**
 * @param {typeof import("../../src/index.js")} library
 * @param {import("../../src/index.js").SdcaOptions} [options] of the trainer
 */
export function pipelineOf(
  { featurizeText, mapValueToKey, sdcaMaximumEntropy, mapKeyToValue },
  options = { tolerance: 1e-4 },
) {
  return featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy(options))
    .append(mapKeyToValue("PredictedLabel"));
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {typeof import("../../src/index.js")} library
 * @param {typeof import("../../src/worker/index.js")} [worker]
 */
export async function run(library, worker) {
  const models = [];
  for (const classCount of classCounts) {
    const text = trainingSet(classCount);
    const load = { hasHeader: true };
    const pipeline = pipelineOf(library);
    const start = performance.now();
    const model = await pipeline.fit(await library.loadText(text, load), { seed: 5 });
    const bytes = library.saveModel(model);
    const seconds = (performance.now() - start) / 1000;
    const again = library.saveModel(await library.loadModel(bytes));
    models.push({
      classCount,
      seconds,
      sha256: await sha256(/** @type {Uint8Array<ArrayBuffer>} */ (bytes)),
      loadedSha256: await sha256(/** @type {Uint8Array<ArrayBuffer>} */ (again)),
      probability: model.predict("rain7 topic1 東京3").probability,
      ...(worker && (await inWorker(worker, pipeline, text, load))),
    });
  }
  return models;
}

/**
 * @param {typeof import("../../src/worker/index.js")} worker
 * @param {ReturnType<typeof pipelineOf>} pipeline
 * @param {string} text
 * @param {{ hasHeader: boolean }} load
 */
async function inWorker({ createTrainer }, pipeline, text, load) {
  const { bytes, thread } = await createTrainer().fit(pipeline, text, { load, seed: 5 });
  return { thread, workerSha256: await sha256(bytes) };
}
