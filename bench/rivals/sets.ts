// The sets that rivals run on, as plain files that all of them read.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Dataset, loadTextFile } from "../../src/node/index.js";
import { declarations } from "../corpus.js";

/** A set: tab-separated files with a header, Label and Text, no quoting. */
export interface RivalSet {
  readonly name: string;
  readonly train: string;
  readonly test: string;
  readonly rowCount: number;
  readonly classCount: number;
  readonly testRowCount: number;
  /** UTF-8 bytes of the training file. */
  readonly bytes: number;
  readonly data: Dataset;
}

export const allSets = [
  "sms_spam",
  "trec6",
  "ag_news_7600",
  "stackoverflow20",
  "banking77",
  "debian_section",
  "news20_body",
  "imdb",
];

/** The set NAME of the folder DUALTEXT_DATA, unpacked into `folder`; undefined if it is not there. */
export async function setOf(name: string, folder: string): Promise<RivalSet | undefined> {
  const source = process.env.DUALTEXT_DATA;
  const files = ["train", "test"].map((part) => {
    const packed = join(source ?? "", name, `${part}.tsv.gz`);
    const plain = join(source ?? "", name, `${part}.tsv`);
    if (!source || !(existsSync(packed) || existsSync(plain))) return undefined;
    const bytes = existsSync(packed) ? gunzipSync(readFileSync(packed)) : readFileSync(plain);
    return written(folder, name, part, bytes);
  });
  const [train, test] = files;
  return train && test ? described(name, train, test) : undefined;
}

/** Two small sets that need no data: paragraphs in a few languages, their language the label. */
export async function smallSets(folder: string): Promise<RivalSet[]> {
  const all = declarations();
  const labels = all.data.column("Label").values as string[];
  const texts = all.data.column("Text").values as string[];
  const languages = [...new Set(labels)];
  return Promise.all(
    [2, 5].map((count) => {
      const kept = new Set(languages.slice(0, count));
      const lines = labels.flatMap((label, row) =>
        kept.has(label) ? [`${label}\t${oneLine(texts[row]!)}`] : [],
      );
      const name = `udhr-${count}-languages`;
      const part = (name_: string, isTest: boolean) =>
        written(
          folder,
          name,
          name_,
          `Label\tText\n${lines.filter((_, i) => (i % 5 === 0) === isTest).join("\n")}\n`,
        );
      return described(name, part("train", false), part("test", true));
    }),
  );
}

const oneLine = (text: string) => text.replaceAll(/[\t\r\n]+/g, " ");

function written(folder: string, name: string, part: string, content: string | Uint8Array): string {
  const at = join(folder, name);
  mkdirSync(at, { recursive: true });
  const file = join(at, `${part}.tsv`);
  writeFileSync(file, content);
  return file;
}

async function described(name: string, train: string, test: string): Promise<RivalSet> {
  const data = await loadTextFile(train, { hasHeader: true, columns: { Label: 0, Text: 1 } });
  const classCount = new Set(data.column("Label").values as string[]).size;
  const testRowCount = readFileSync(test, "utf8").split("\n").filter(Boolean).length - 1;
  const bytes = readFileSync(train).length;
  return { name, train, test, rowCount: data.rowCount, classCount, testRowCount, bytes, data };
}
