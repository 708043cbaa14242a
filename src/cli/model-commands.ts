import { readFile } from "node:fs/promises";
import { libraryVersionOf, modelBytes } from "../model/model-file.js";
import { modelContents } from "../model/saved-model.js";
import { recordDigest } from "../model/training-record.js";
import { loadModelFile } from "../node/model-files.js";
import type { Transformer } from "../stage.js";
import { callOf } from "../text/featurize-text.js";
import { TextFeaturizer } from "../text/text-featurizer.js";
import { weightingsOf } from "../text/weigh-ngrams.js";
import { type DataOptions, labelColumnOf, loadColumns, textColumnOf } from "./data-options.js";
import { metricsJson, metricsText, reportSkipped } from "./evaluation-report.js";
import type { Session } from "./session.js";

/** `dualtext evaluate`: metrics of a model on a file with labels. */
export async function evaluateFile(
  modelFile: string,
  file: string,
  options: DataOptions,
  session: Session,
): Promise<void> {
  const model = await loadModelFile(modelFile);
  const columns = { text: textColumnOf(model), label: labelColumnOf(model) };
  const metrics = model.evaluate(await loadColumns(file, options, columns, session));
  reportSkipped(metrics, session);
  if (session.json) await session.printJson(metricsJson(metrics));
  else await session.print(metricsText(metrics));
}

/** A stage's name, of a featurizer with its blocks of n-grams and how they are weighted. */
const nameOf = (stage: Transformer) =>
  stage instanceof TextFeaturizer ? callOf(weightingsOf(stage.tables)) : stage.stage;

/** `dualtext info`: what a model file holds. */
export async function info(modelFile: string, session: Session): Promise<void> {
  const model = await loadModelFile(modelFile);
  const { classifier, inputSchema, labels, stages } = model;
  const bytes = modelBytes(modelContents(model));
  const libraryVersion = await libraryVersionOf(await readFile(modelFile));
  if (session.json) {
    const { featureCount, classCount, training } = classifier;
    const names = stages.map(({ stage }) => stage);
    const featurizers = stages.filter((stage) => stage instanceof TextFeaturizer);
    await session.printJson({
      libraryVersion,
      stages: names,
      /** Of each featurizeText, how its blocks of n-grams are weighted. */
      weightings: featurizers.map(({ tables }) => weightingsOf(tables)),
      inputSchema,
      featureCount,
      classCount,
      labels,
      training,
      digest: recordDigest(training),
      hasState: classifier.state !== undefined,
      modelBytes: bytes,
    });
    return;
  }
  const { training } = classifier;
  const { lineage } = training;
  const inputs = Object.entries(inputSchema).map(([name, { kind }]) => `${name} (${kind})`);
  const lines = [
    `Made by      dualtext ${libraryVersion}`,
    `Stages       ${stages.map(nameOf).join(", ")}`,
    `Input        ${inputs.join(", ")}`,
    `Trained on   ${training.rowCount} rows, ${training.featureCount} features, ${training.classCount} classes`,
    `Trainer      ${training.trainer}, l2 ${training.l2}${training.l1 === undefined ? "" : `, l1 ${training.l1} (${training.nonZeroWeightCount} weights left)`}, seed ${training.seed}`,
    `Objective    ${training.objective} nats, of which loss ${training.loss}`,
    `Duality gap  ${training.dualityGap} nats (divergence ${training.divergence}, drift ${training.drift})`,
    `Epochs       ${training.epochs}, stopped by ${training.stoppedBecause}`,
    ...(lineage
      ? [`Data         ${lineage.data}${lineage.parent ? `, from model ${lineage.parent}` : ""}`]
      : []),
    ...(lineage?.sources ?? []).map((source) => `  updated by ${source}`),
    `Digest       ${recordDigest(training)}`,
    `State        ${classifier.state ? `of ${classifier.state.rowCount} rows, so that updates are exact` : "none"}`,
    `Size         ${(bytes / 1e6).toFixed(1)} MB`,
    `Labels       ${labels.slice(0, 20).join(", ")}${labels.length > 20 ? ", …" : ""}`,
  ];
  await session.print(`${lines.join("\n")}\n`);
}
