import { describe, expect, test } from "vitest";
import { fromRows } from "../../src/data/from-rows.js";
import { loadModel, saveModel } from "../../src/model/saved-model.js";
import { normalizeText, tokenizeIntoWords } from "../../src/stages.js";

// What these stages do to text is compared with ML.NET's records in test/mlnet/.

const data = fromRows([{ Text: "Été, 42 CHATS" }, { Text: "" }]);

describe("normalizeText and tokenizeIntoWords", () => {
  test("are saved and loaded with their options", async () => {
    const pipeline = normalizeText("Normal", "Text", {
      caseMode: "upper",
      keepDiacritics: true,
      keepNumbers: false,
    }).append(tokenizeIntoWords("Words", "Normal", { separators: [",", " ", "\ud83d"] }));
    const loaded = await loadModel(saveModel(await pipeline.fit(data)));
    const result = loaded.transform(data);
    expect(result.column("Normal")).toMatchObject({ values: ["ÉTÉ,  CHATS", ""] });
    expect(result.column("Words")).toMatchObject({ values: [["ÉTÉ", "CHATS"], []] });
  });

  test.each([
    () => normalizeText("Out", "Text", { caseMode: "Lower" as never }),
    () => normalizeText("Out", "Text", { keepNumbers: "no" as never }),
    () => tokenizeIntoWords("Out", "Text", { separators: [] }),
    () => tokenizeIntoWords("Out", "Text", { separators: ["ab"] }),
  ])("bad options %#", (make) => {
    expect(make).toThrow(expect.objectContaining({ code: "bad-option" }));
  });

  test("other columns are an error", async () => {
    const numbers = fromRows([{ Text: 5 }]);
    for (const stage of [normalizeText("Text"), tokenizeIntoWords("Text")]) {
      await expect(stage.fit(numbers as never)).rejects.toMatchObject({ code: "bad-column" });
    }
  });
});
