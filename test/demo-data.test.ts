import { expect, test } from "vitest";
import { isForTesting, readSentences } from "../examples/udhr.mjs";

test("the demo has 100 to 150 languages, 5000 training rows or more, and no article on both sides", () => {
  const { names, sentences } = readSentences();
  expect(names.size).toBeGreaterThanOrEqual(100);
  expect(names.size).toBeLessThanOrEqual(150);
  const train = sentences.filter((row) => !isForTesting(row));
  const articles = new Set(train.map(({ Label, article }) => `${Label} ${article}`));
  expect(train.length).toBeGreaterThanOrEqual(5000);
  expect(
    sentences.filter(isForTesting).some(({ Label, article }) => articles.has(`${Label} ${article}`)),
  ).toBe(false);
});
