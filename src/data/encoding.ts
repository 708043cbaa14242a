const encoder = new TextEncoder();

interface Encoding {
  readonly mark: readonly number[];
  readonly decoder: (fatal: boolean) => Decoder | undefined;
}

interface Decoder {
  decode(bytes: Uint8Array, options: { stream: boolean }): string;
}

/** Longer marks first: that of UTF-32 little endian begins like that of UTF-16. */
const encodings: readonly Encoding[] = [
  { mark: [0xff, 0xfe, 0x00, 0x00], decoder: (fatal) => new Utf32Decoder(true, fatal) },
  { mark: [0x00, 0x00, 0xfe, 0xff], decoder: (fatal) => new Utf32Decoder(false, fatal) },
  { mark: [0xef, 0xbb, 0xbf], decoder: () => undefined },
  { mark: [0xff, 0xfe], decoder: (fatal) => new TextDecoder("utf-16le", { fatal, ignoreBOM: true }) },
  { mark: [0xfe, 0xff], decoder: (fatal) => new TextDecoder("utf-16be", { fatal, ignoreBOM: true }) },
];
const LONGEST_MARK = 4;

/**
 * Turns the bytes of a file into UTF-8 without a byte order mark. The mark says which encoding they have: UTF-8,
 * UTF-16 or UTF-32, little or big endian. Without a mark it is UTF-8, which passes through unchecked.
 */
export class Utf8Transcoder {
  readonly #fatal: boolean;
  #start: Uint8Array | undefined = new Uint8Array(0);
  #decoder: Decoder | undefined;

  /** @param fatal whether invalid UTF-16 or UTF-32 throws a `TypeError`; else it becomes U+FFFD. */
  constructor(fatal: boolean) {
    this.#fatal = fatal;
  }

  push(bytes: Uint8Array): Uint8Array {
    if (this.#start) {
      const start = join(this.#start, bytes);
      if (start.length < LONGEST_MARK) {
        this.#start = start;
        return new Uint8Array(0);
      }
      return this.#decode(this.#withoutMark(start), true);
    }
    return this.#decode(bytes, true);
  }

  /** What is left at the end of the file. */
  end(): Uint8Array {
    return this.#decode(this.#start ? this.#withoutMark(this.#start) : new Uint8Array(0), false);
  }

  #withoutMark(start: Uint8Array): Uint8Array {
    this.#start = undefined;
    const encoding = encodings.find(({ mark }) => mark.every((byte, i) => start[i] === byte));
    if (!encoding) return start;
    this.#decoder = encoding.decoder(this.#fatal);
    return start.subarray(encoding.mark.length);
  }

  #decode(bytes: Uint8Array, stream: boolean): Uint8Array {
    return this.#decoder ? encoder.encode(this.#decoder.decode(bytes, { stream })) : bytes;
  }
}

class Utf32Decoder implements Decoder {
  readonly #littleEndian: boolean;
  readonly #fatal: boolean;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(littleEndian: boolean, fatal: boolean) {
    this.#littleEndian = littleEndian;
    this.#fatal = fatal;
  }

  decode(bytes: Uint8Array, { stream }: { stream: boolean }): string {
    const all = join(this.#rest, bytes);
    const whole = all.length - (all.length % 4);
    const view = new DataView(all.buffer, all.byteOffset, whole);
    const characters: string[] = [];
    for (let at = 0; at < whole; at += 4) {
      const point = view.getUint32(at, this.#littleEndian);
      const valid = point < 0xd800 || (point > 0xdfff && point <= 0x10ffff);
      characters.push(valid ? String.fromCodePoint(point) : this.#invalid());
    }
    this.#rest = all.slice(whole);
    if (!stream && this.#rest.length > 0) characters.push(this.#invalid());
    return characters.join("");
  }

  #invalid(): string {
    if (this.#fatal) throw new TypeError("The bytes are not valid UTF-32.");
    return "\ufffd";
  }
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
