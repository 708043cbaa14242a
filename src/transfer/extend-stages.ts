import type { Dataset } from "../data/dataset.js";
import { fitMapValueToKey, MapValueToKey } from "../data/map-value-to-key.js";
import type { AsyncModel } from "../model/async-model.js";
import type { Model } from "../model/model.js";
import type { RunOptions, Transformer } from "../stage.js";
import { fitFeaturizer } from "../text/featurize-text.js";
import { TextFeaturizer } from "../text/text-featurizer.js";
import { weightingsOf } from "../text/weigh-ngrams.js";

/**
 * The stages of a model before its classifier, with the n-grams and labels of new rows after those they have, and the
 * rows as they leave them. Stages that learn nothing from rows stay as they are.
 */
export async function extendStages(
  model: Model,
  rows: Dataset,
  run: RunOptions,
): Promise<{ stages: Transformer[]; output: Dataset }> {
  const stages: Transformer[] = [];
  let output = rows;
  for (const stage of stagesBefore(model)) {
    if (stage instanceof TextFeaturizer) {
      const [name] = stage.outputs;
      const options = { output: name!, inputs: stage.inputs, blocks: weightingsOf(stage.tables) };
      const start = { features: name!, label: "", featurizer: stage, keyMap: undefined };
      const fitted = await fitFeaturizer(output, options, { ...run, start });
      stages.push(fitted.transformer);
      output = fitted.output;
    } else if (stage instanceof MapValueToKey) {
      const columns = { input: stage.inputs[0]!, output: stage.outputs[0]! };
      const options = { addKeyValueAnnotationsAsText: stage.keyMap.asText };
      const extended = fitMapValueToKey(output, columns, options, stage);
      stages.push(extended);
      output = extended.transform(output);
    } else {
      stages.push(stage);
      output = stage.transform(output);
    }
  }
  return { stages, output };
}

/** The stages before the classifier of a model. */
export function stagesBefore({ stages, classifier }: Model | AsyncModel): readonly Transformer[] {
  return stages.slice(0, stages.indexOf(classifier));
}

/** The stage, among those, that makes a column. */
export function makerOf(stages: readonly Transformer[], column: string): Transformer | undefined {
  return stages.findLast(({ outputs }) => outputs.includes(column));
}
