import { dataStep } from "./data-step.js";
import { byId } from "./dom.js";
import { keep, keepStep } from "./keep-step.js";
import { showKnowledge, showResults } from "./result-step.js";
import { trainStep } from "./train-step.js";
import { tryModel, tryStep } from "./try-step.js";

const training = trainStep(async (run) => {
  await showResults(run);
  tryModel(run.model, run.test.block("Text", 0, 1).values[0] ?? "");
  keep(run);
});
dataStep((loaded) => training.offer(loaded));
tryStep();
keepStep((model) => {
  showKnowledge(model);
  tryModel(model, "");
  byId("try-text").focus();
});
