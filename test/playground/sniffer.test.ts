// How the playground guesses a file is to be read.
import { describe, expect, test } from "vitest";
import { playgroundSets } from "../../examples/playground/sets.mjs";
import { columnsOf, rowsOf, sniff } from "../../examples/playground/sniffer.js";

const cases: [name: string, sample: string, expected: Partial<ReturnType<typeof sniff>>][] = [
  [
    "tabs and a header, commas in the text",
    "Label\tText\nham\tsee you, at five\nspam\twin, win, win\nham\tlate\n",
    { separator: "tab", quoting: false, hasHeader: true, label: 0, text: 1 },
  ],
  [
    "commas and quotes",
    'text,label\n"Hello, you",a\n"He said ""no""",b\nplain,a\n',
    { separator: "comma", quoting: true, hasHeader: true, label: 1, text: 0 },
  ],
  [
    "semicolons, a header of other words",
    "Anfrage;Abteilung\nMein Paket ist weg;Versand\nDie Rechnung stimmt nicht;Buchhaltung\nNoch ein Paket fehlt;Versand\n",
    { separator: "semicolon", hasHeader: true, label: 1, text: 0 },
  ],
  [
    "no header, the label first",
    "1\tgood film of its kind\n0\tbad film of its kind\n1\tvery good film\n0\tvery bad film\n",
    { separator: "tab", hasHeader: false, label: 0, text: 1 },
  ],
  [
    "more columns: an id, a date, a text, a topic",
    "id,when,comment,topic\n1,2020-01-01,the soup was cold and late,food\n2,2020-01-02,the song was far too loud,music\n3,2020-01-03,bread and salt were fine,food\n",
    { separator: "comma", hasHeader: true, text: 2, label: 3 },
  ],
  [
    "quotes that enclose nothing, in tabs",
    'Label\tText\na\t"Yes" he said\nb\t5" screen\na\tnothing\n',
    { separator: "tab", quoting: false },
  ],
];

describe("the sniffer", () => {
  test.each(cases)("%s", (_, sample, expected) => {
    expect(sniff(sample, true)).toMatchObject(expected);
  });

  test("reads the sets that come with the playground as they are meant", () => {
    expect(playgroundSets().map(({ text }) => sniff(text, true))).toMatchObject([
      { separator: "tab", quoting: false, hasHeader: true, label: 0, text: 1 },
      { separator: "comma", quoting: true, hasHeader: true, label: 1, text: 0 },
    ]);
  });

  test("leaves out a last line that may be cut off, and takes it when it is whole", () => {
    expect(rowsOf("a\tb\nc", "\t", false, false)).toEqual([["a", "b"]]);
    expect(rowsOf("a\tb\nc\td", "\t", false, true)).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  test("gives columns without a header names of their own", () => {
    const reading = { separator: "comma", quoting: false, hasHeader: false } as const;
    expect(columnsOf("x,some text\ny,other text\n", true, reading).names).toEqual(["Column 1", "Column 2"]);
  });
});
