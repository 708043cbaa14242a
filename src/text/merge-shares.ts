import type { Crew } from "../threads/crew.js";
import type { Call } from "../threads/worker-source.js";
import type { TextCoreExports } from "../wasm/core.js";
import type { NgramTables } from "./ngram-tables.js";

/** Numbers of n-grams have so many bits in `assembly/text/`; those beyond are left out by a rule for one thread. */
const MOST_NGRAMS = 2 ** 24 - 1;

/** In place of where the numbers of the first share are: it has none. */
const FIRST = 1;

const kinds = ["words", "ngrams", "trigrams"] as const;
export type Kind = (typeof kinds)[number];

/** What a worker has found: where its `Vocabulary` of `assembly/text/vocabulary.ts` is, and how many there are. */
export interface Found {
  readonly vocabulary: number;
  readonly counts: Readonly<Record<Kind, number>>;
}

/** What to ask a worker for this, and what it answers. */
export function askFound(chars: boolean, words: boolean): Call[] {
  return [["vocabulary", chars ? 1 : 0, words ? 1 : 0], ["wordCount"], ["wordNgramCount"], ["trigramCount"]];
}
export function asFound([vocabulary, words, ngrams, trigrams]: readonly number[]): Found {
  return { vocabulary: vocabulary!, counts: { words: words!, ngrams: ngrams!, trigrams: trigrams! } };
}

/** What one worker has found in its share of the rows. Addresses are in the memory of all. */
interface Share extends Found {
  /** Of a later share: where the arrays of numbers are, see `assembly/text/merge.ts`. Those of n-grams begin at the seed. */
  readonly numbers: Readonly<Record<Kind, number>>;
  readonly matches: number;
  /** Of each kind, how many are in no earlier share, and the number of the first of those. */
  readonly news: Record<Kind, number>;
  readonly starts: Record<Kind, number>;
}

/**
 * Makes one vocabulary of what workers have found in their shares, in order of first appearance over all rows. Every later
 * n-gram is looked up in the shares before its own, by all workers together.
 */
export class MergedShares {
  readonly #crew: Crew;
  readonly #core: TextCoreExports;
  readonly #shares: Share[] = [];
  readonly #blocks: { readonly chars: boolean; readonly words: boolean };
  /** N-grams that all shares began with. */
  readonly #seed: Readonly<Record<Kind, number>>;

  private constructor(
    crew: Crew,
    core: TextCoreExports,
    blocks: { readonly chars: boolean; readonly words: boolean },
    seed: Readonly<Record<Kind, number>>,
  ) {
    this.#crew = crew;
    this.#seed = seed;
    this.#core = core;
    this.#blocks = blocks;
  }

  /**
   * @param core an instance for this thread, for memory @param seed n-grams that all shares began with
   * Undefined when there might be too many n-grams to number. Rejects with `worker-failed`, `out-of-memory`.
   */
  static async of(
    crew: Crew,
    core: TextCoreExports,
    blocks: { readonly chars: boolean; readonly words: boolean },
    seed: Readonly<Record<Kind, number>>,
  ): Promise<MergedShares | undefined> {
    const merged = new MergedShares(crew, core, blocks, seed);
    const all = await merged.#all(() => askFound(blocks.chars, blocks.words));
    for (const found of all) merged.#shares.push(merged.#placed(asFound(found)));
    for (const kind of kinds) if (merged.#count(kind) >= MOST_NGRAMS) return undefined;
    const news = await merged.#match();
    await merged.#number(news);
    return merged;
  }

  #placed(found: Found): Share {
    const { counts } = found;
    const zeros = { words: 0, ngrams: 0, trigrams: 0 };
    const isFirst = this.#shares.length === 0;
    // By subtracting the seed the others stand at their slots.
    const numbersOf = (kind: "ngrams" | "trigrams") =>
      this.#room(4 * (counts[kind] - this.#seed[kind])) - 4 * this.#seed[kind];
    const numbers = isFirst
      ? zeros
      : {
          words: this.#room(4 * (counts.words + 1)),
          ngrams: numbersOf("ngrams"),
          trigrams: numbersOf("trigrams"),
        };
    const matches = isFirst ? 0 : this.#room(8 * (counts.words + 1));
    return { ...found, numbers, matches, news: { ...counts }, starts: { ...zeros } };
  }

  #room(bytes: number): number {
    return this.#core.reserveBlock(this.#core.makeBlock(), bytes) >>> 0;
  }

  /** N-grams of a kind in all shares, those in several but for the seed as often. */
  #count(kind: Kind): number {
    return this.#shares.reduce((sum, { counts }) => sum + counts[kind] - this.#seed[kind], this.#seed[kind]);
  }

  /** Lets each worker do its calls; resolves with the results of each. */
  #all(callsOf: (thread: number) => Call[]): Promise<number[][]> {
    const threads = Array.from({ length: this.#crew.size }, (_, thread) => thread);
    return Promise.all(
      threads.map(async (thread) =>
        (await this.#crew.ask(thread, callsOf(thread))).map((result) => result >>> 0),
      ),
    );
  }

  /** The part of a kind of a share, without the seed, that a worker looks after. Words count from 1 on. */
  #range({ counts }: Share, kind: Kind, thread: number): { first: number; end: number } {
    const { size } = this.#crew;
    const seed = this.#seed[kind];
    const base = seed + (kind === "words" ? 1 : 0);
    const at = (part: number) => base + Math.floor(((counts[kind] - seed) * part) / size);
    return { first: at(thread), end: at(thread + 1) };
  }

  get #later(): Share[] {
    return this.#shares.slice(1);
  }

  /** Of each worker: how many are new in its parts, of each kind of each later share. */
  async #match(): Promise<number[][]> {
    const last = this.#shares.length - 2;
    if (this.#blocks.words) {
      await this.#all((thread) => {
        const { numbers, matches } = this.#shares[thread]!;
        return thread === 0 ? [] : [["keepWords", numbers.words, matches, this.#seed.words]];
      });
    }
    for (let s = 0; s <= last; s++) {
      const earlier = this.#shares[s]!;
      const callsOf = (name: string, kind: Kind, thread: number, withMatches: boolean) =>
        this.#shares.slice(s + 1).map((share): Call => {
          const { first, end } = this.#range(share, kind, thread);
          const own = [share.vocabulary, earlier.vocabulary, first, end, share.numbers[kind]];
          const matches = withMatches ? [share.matches] : [];
          return [name, ...own, s === 0 ? FIRST : earlier.numbers[kind], ...matches];
        });
      await this.#all((thread) => [
        ...callsOf("matchWords", "words", thread, true),
        ...callsOf("matchTrigrams", "trigrams", thread, false),
      ]);
      const pairs = (thread: number) => callsOf("matchPairs", "ngrams", thread, true);
      if (s < last) await this.#all(pairs);
      else {
        const results = await this.#all((thread) => [
          ...pairs(thread),
          ...this.#parts(thread).map(({ at, count }): Call => ["countNew", at, count]),
        ]);
        return results.map((counts) => counts.slice(1));
      }
    }
    return [];
  }

  /** Where the numbers lie that a worker looks after, kind by kind and in each share by share. */
  #parts(thread: number) {
    return kinds.flatMap((kind) =>
      this.#later.map((share) => {
        const { first, end } = this.#range(share, kind, thread);
        return { kind, share, at: share.numbers[kind] + 4 * first, count: end - first };
      }),
    );
  }

  async #number(news: number[][]): Promise<void> {
    const [first] = this.#shares;
    const next: Record<Kind, number> = { ...first!.counts };
    const starts = news.map((counts) => counts.map(() => 0));
    this.#parts(0).forEach(({ kind, share }, part) => {
      share.starts[kind] = next[kind];
      news.forEach((counts, thread) => {
        starts[thread]![part] = next[kind];
        next[kind] += counts[part]!;
      });
      share.news[kind] = next[kind] - share.starts[kind];
    });
    await this.#all((thread) =>
      this.#parts(thread).map(
        ({ at, count }, part): Call => ["numberNew", at, count, starts[thread]![part]!],
      ),
    );
    // What is new in the second share or a later one, and found again after it, has no number of the first.
    if (this.#shares.length > 2) {
      await this.#all((thread) =>
        this.#parts(thread).map(({ at, count }): Call => ["resolveNumbers", at, count]),
      );
    }
  }

  /** N-grams of a kind in all shares together. */
  total(kind: Kind): number {
    return this.#shares.reduce((sum, { news }) => sum + news[kind], 0);
  }

  /**
   * Of a later share: the slots of its n-grams after the seed among all, + 1; and the first slot of those that are new in it.
   * @param buffer of the memory
   */
  slotsOf(share: number, kind: "ngrams" | "trigrams", buffer: ArrayBufferLike) {
    const { numbers, counts, starts } = this.#shares[share]!;
    const seed = this.#seed[kind];
    const slots = new Uint32Array(buffer, numbers[kind] + 4 * seed, counts[kind] - seed);
    return { seed, slots, firstNew: starts[kind] };
  }

  /** The n-grams in their order. Rejects with `worker-failed`, `out-of-memory`. @param buffer of the memory as it is now */
  async tables(buffer: () => ArrayBufferLike): Promise<NgramTables> {
    const { chars, words } = this.#blocks;
    const parts = await Promise.all(this.#shares.map((_, thread) => this.#newOf(thread)));
    const joined = <A extends Uint16Array | Uint32Array | Int32Array>(
      make: { new (length: number): A; new (buffer: ArrayBufferLike, at: number, length: number): A },
      places: readonly (readonly [at: number, length: number])[],
    ): A => {
      const all = new make(places.reduce((sum, [, length]) => sum + length, 0));
      let to = 0;
      for (const [at, length] of places) {
        all.set(new make(buffer(), at, length) as A & Uint32Array, to);
        to += length;
      }
      return all;
    };
    const trigrams = chars
      ? joined(
          Uint16Array,
          parts.map(({ trigrams, news }) => [trigrams, 3 * news.trigrams] as const),
        )
      : undefined;
    if (!words) return { trigrams, words: undefined };
    const ends = joined(
      Uint32Array,
      parts.map(({ ends, news }) => [ends, news.words] as const),
    );
    let unitCount = 0;
    let word = 0;
    const units = await Promise.all(
      parts.map(async ({ ends, news, share }, thread) => {
        const length = news.words === 0 ? 0 : new Uint32Array(buffer(), ends, news.words).at(-1)!;
        const [at] = await this.#crew.ask(thread, [
          ["wordUnits", length, share.numbers.words, share.starts.words],
        ]);
        return [at! >>> 0, length] as const;
      }),
    );
    parts.forEach(({ news }, thread) => {
      for (const end = word + news.words; word < end; word++) ends[word]! += unitCount;
      unitCount += units[thread]![1];
    });
    const ngrams = joined(
      Int32Array,
      parts.map(({ pairs, news }) => [pairs, 2 * news.ngrams] as const),
    );
    return { trigrams, words: { units: joined(Uint16Array, units), ends, ngrams } };
  }

  /** What is new in a share: where it lies. */
  async #newOf(thread: number) {
    const share = this.#shares[thread]!;
    const { vocabulary, numbers, starts, news } = share;
    const { chars, words } = this.#blocks;
    const seed = this.#seed;
    let [pairs, trigrams] = [0, 0];
    const questions: Call[] = words ? [["wordEnds", numbers.words, starts.words]] : [];
    if (thread === 0) {
      questions.push(["wordNgramPairs"], ["trigramUnits"]);
    } else {
      if (words) {
        pairs = this.#room(8 * news.ngrams);
        questions.push([
          "newPairs",
          vocabulary,
          seed.ngrams,
          numbers.ngrams,
          numbers.words,
          starts.ngrams,
          pairs,
        ]);
      }
      if (chars) {
        trigrams = this.#room(6 * news.trigrams);
        questions.push([
          "newTrigrams",
          vocabulary,
          seed.trigrams,
          numbers.trigrams,
          starts.trigrams,
          trigrams,
        ]);
      }
    }
    const results = (await this.#crew.ask(thread, questions)).map((result) => result >>> 0);
    const ends = words ? results[0]! : 0;
    if (thread === 0) [pairs, trigrams] = results.slice(-2) as [number, number];
    return { share, news, ends, pairs, trigrams };
  }
}
