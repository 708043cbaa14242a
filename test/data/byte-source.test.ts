import { describe, expect, test } from "vitest";
import { byteSource } from "../../src/data/byte-source.js";
import { concatenate } from "../../src/data/line-reader.js";

const PIECE_BYTES = 256 * 1024;

async function piecesOf(
  input: Parameters<typeof byteSource>[0],
): Promise<{ pieces: Uint8Array[]; read: number }> {
  const source = byteSource(input, undefined);
  const pieces: Uint8Array[] = [];
  for await (const piece of source.pieces(undefined)) pieces.push(piece);
  return { pieces, read: source.bytesRead };
}

describe("byteSource", () => {
  test.each([-1, 0, 1])(
    "keeps a surrogate pair at the end of a piece together, %d units off",
    async (offset) => {
      const text = `${"x".repeat(PIECE_BYTES - 1 + offset)}😀${"y".repeat(PIECE_BYTES)}`;
      const { pieces, read } = await piecesOf(text);
      expect(new TextDecoder().decode(concatenate(pieces))).toBe(text);
      expect(read).toBe(text.length);
    },
  );

  test("cuts large arrays into views, so that there are pauses", async () => {
    const bytes = new Uint8Array(2.5 * PIECE_BYTES).map((_, i) => i);
    const { pieces, read } = await piecesOf(bytes);
    expect(pieces.map((piece) => piece.length)).toEqual([PIECE_BYTES, PIECE_BYTES, PIECE_BYTES / 2]);
    expect(pieces.every((piece) => piece.buffer === bytes.buffer)).toBe(true);
    expect(read).toBe(bytes.length);
  });

  test("cuts the pieces of a stream as well", async () => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array(PIECE_BYTES + 1));
        controller.enqueue(new Uint8Array(0));
        controller.close();
      },
    });
    const { pieces, read } = await piecesOf(stream);
    expect(pieces.map((piece) => piece.length)).toEqual([PIECE_BYTES, 1]);
    expect(read).toBe(PIECE_BYTES + 1);
  });
});
