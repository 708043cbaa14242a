import { describe, expect, test } from "vitest";
import { LineReader } from "../../src/data/line-reader.js";

function linesOf(text: string, pieceBytes: number, limit = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = [];
  const reader = new LineReader((bytes, start, end) => {
    lines.push(new TextDecoder().decode(bytes.subarray(start, end)));
    return lines.length < limit;
  });
  const bytes = new TextEncoder().encode(text);
  const buffer = new Uint8Array(pieceBytes);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    // One buffer for all pieces, as streams have.
    const piece = bytes.subarray(at, at + pieceBytes);
    buffer.set(piece);
    reader.push(buffer.subarray(0, piece.length));
  }
  reader.end();
  return lines;
}

const cases = [
  { name: "nothing", text: "", lines: [] },
  { name: "no line end at the end", text: "a\nb", lines: ["a", "b"] },
  { name: "LF", text: "a\nb\n", lines: ["a", "b"] },
  { name: "CR LF", text: "a\r\nb\r\n", lines: ["a", "b"] },
  { name: "CR", text: "a\rb\r", lines: ["a", "b"] },
  { name: "all three and empty lines", text: "a\n\r\n\r\rb\r\n\nc", lines: ["a", "", "", "", "b", "", "c"] },
  {
    name: "other breaks stay in the line",
    text: "a\u0085b\u2028c\u000bd\fe",
    lines: ["a\u0085b\u2028c\u000bd\fe"],
  },
];

describe("LineReader", () => {
  for (const pieceBytes of [1, 2, 3, 1000]) {
    test.each(cases)(`$name, in pieces of ${pieceBytes} bytes`, ({ text, lines }) => {
      expect(linesOf(text, pieceBytes)).toEqual(lines);
    });
  }

  test("stops when told", () => {
    expect(linesOf("a\nb\nc\nd", 3, 2)).toEqual(["a", "b"]);
    expect(linesOf("a\nb", 1, 1)).toEqual(["a"]);
  });

  test("reads a line of 10 MB in small pieces in linear time", () => {
    const lines = linesOf(`${"x".repeat(10_000_000)}\ny`, 4096);
    expect(lines.map((line) => line.length)).toEqual([10_000_000, 1]);
  });
});
