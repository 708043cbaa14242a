// Four rows a label, and texts that share hardly a word with them: n-grams guess, an encoder has read before.
//
//   npm ci && npm run build       in the clone, then
//   cd examples/encoder && npm ci && npm start
import {
  embedText,
  featurizeText,
  fromRows,
  loadModel,
  mapKeyToValue,
  mapValueToKey,
  saveModel,
  sdcaMaximumEntropy,
} from "../../dist/node.js";
import { loadSentenceEncoder } from "./sentence-encoder.mjs";

const rows = (/** @type {Record<string, string[]>} */ texts) =>
  fromRows(Object.entries(texts).flatMap(([Label, list]) => list.map((Text) => ({ Label, Text }))));

const train = rows({
  card: [
    "My card has not arrived",
    "The machine swallowed my card",
    "I lost my debit card",
    "When will I get my new card?",
  ],
  transfer: [
    "I want to send money to a friend",
    "My transfer is still pending",
    "How long does a bank transfer take?",
    "The recipient did not get the payment",
  ],
  login: [
    "I forgot my password",
    "I cannot log in to the app",
    "My account is locked",
    "The code for signing in never came",
  ],
  exchange: [
    "What is the exchange rate?",
    "I want to change euros into dollars",
    "Which currencies do you support?",
    "The rate I got was bad",
  ],
});
const test = rows({
  card: ["Somebody stole my plastic", "The ATM kept it", "Still waiting for my Visa in the mail"],
  transfer: [
    "Cash that I wired yesterday is missing",
    "Can I pay my landlord from here?",
    "Funds are stuck on their way",
  ],
  login: [
    "It says wrong credentials",
    "I do not remember my PIN for the website",
    "Access denied on my phone",
  ],
  exchange: [
    "How many yen for a pound?",
    "Do you handle Swiss francs?",
    "Foreign money is too expensive here",
  ],
});

const classify = mapValueToKey("Label")
  .append(sdcaMaximumEntropy({ l2: 0.001 }))
  .append(mapKeyToValue("PredictedLabel"));

const plain = await featurizeText("Features", "Text").append(classify).fit(train);
console.log(`n-grams: ${plain.evaluate(test).microAccuracy.toFixed(2)} of the test texts are right`);

const encoder = await loadSentenceEncoder();
const model = await embedText("Features", encoder, "Text").append(classify).fit(train);
console.log(`encoder: ${(await model.evaluate(test)).microAccuracy.toFixed(2)} of the test texts are right`);

// The model's file holds the encoder's name, not its code: it is given again.
const loaded = await loadModel(saveModel(model), { encoders: { [encoder.name]: encoder.encode } });
for (const text of ["Somebody stole my plastic", "How many yen for a pound?"]) {
  const { label, probability } = await loaded.predict(text);
  console.log(`${text} → ${label} (${probability.toFixed(2)})`);
}
