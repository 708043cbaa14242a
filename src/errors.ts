/**
 * Every error this library throws on purpose is a `DualTextError` with one of these codes. Codes are stable:
 * programs may branch on them; messages are for people and may change.
 */
export const errorCodes = [
  /** An option has a value outside its range, or two options contradict each other. */
  "bad-option",
  /** A call was given something of the wrong type or shape. */
  "bad-argument",
  /** A column that a stage reads is not in the data, or is of another kind. */
  "bad-column",
  /** A file does not exist, is a folder, or cannot be read. */
  "file-read",
  /** A file cannot be written; an older file of that name is untouched. */
  "file-write",
  /** No rows: an empty file, a header alone, an empty list. */
  "empty-input",
  /** A line of a delimited file breaks the format (too few columns, invalid UTF-8, NUL, bad value). */
  "bad-line",
  /** Training needs at least two labels and a feature. */
  "too-few-labels",
  "no-features",
  /** A label that was not there in training. */
  "unknown-label",
  /** A number is NaN or infinite where it cannot be. */
  "not-finite",
  /** The bytes are not a model file, or are damaged. */
  "bad-model-file",
  /** The model file was written by a newer version. */
  "newer-model-file",
  /** An encoder of texts failed, or gave what is no vector of the right length. */
  "bad-encoder",
  /** The model needs an encoder that `loadModel` was not given. */
  "missing-encoder",
  /** This engine lacks WebAssembly or its SIMD instructions. */
  "no-wasm-simd",
  /** No worker could be started: this host has none, or a policy forbids it. */
  "no-worker",
  /** The engine could compile WebAssembly, but may not: a content security policy or the host forbids it. */
  "wasm-blocked",
  /** The run needs more memory than a WebAssembly memory can hold. */
  "out-of-memory",
  /** An update lost more than was allowed, so it was not kept. */
  "lost-accuracy",
  /** A worker of a run with several threads has ended or failed. */
  "worker-failed",
  /** Training was stopped before it could return a model. */
  "stopped",
] as const;

/** One of the stable codes a {@link DualTextError} carries. */
export type ErrorCode = (typeof errorCodes)[number];

/** The one error class of this library: a stable `code` for programs and a message for people. */
export class DualTextError extends Error {
  override readonly name = "DualTextError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The error for a model file that is not whole, or whose parts contradict each other. */
export function damagedModel(what: string, cause?: unknown): DualTextError {
  return new DualTextError("bad-model-file", `The model file is damaged: ${what}. Save or copy it again.`, {
    ...(cause !== undefined && { cause }),
  });
}

/** What kind of thing a value is, for messages: "null", "an array", "a number". */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Throws `bad-option` for options that are no object. @param call what has the options */
export function checkOptions(call: string, options: unknown): void {
  if (typeof options === "object" && options !== null && !Array.isArray(options)) return;
  throw new DualTextError(
    "bad-option",
    `The options of ${call} are ${kindOf(options)}; they must be an object, or be left out.`,
  );
}

/**
 * Throws `bad-option` for options that are no object, and for one that a call does not have: a misspelt one would go
 * unnoticed.
 * @param call what has the options
 */
export function checkOptionNames(call: string, options: object, known: readonly string[]): void {
  checkOptions(call, options);
  const name = Object.keys(options).find((name) => !known.includes(name));
  if (name === undefined) return;
  const near = nearestName(name, known);
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  throw new DualTextError("bad-option", `${call} has no option ${name}.${hint} It has: ${known.join(", ")}.`);
}

/** The entry of `candidates` nearest to `name` in edit distance, for "did you mean" hints. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.ceil(name.length / 2)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance, upper and lower case counted as equal for ASCII letters. */
function editDistance(a: string, b: string): number {
  const fold = (text: string) =>
    text.replace(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32));
  const [source, target] = [fold(a), fold(b)];
  let previous = Array.from({ length: target.length + 1 }, (_, i) => i);
  for (let i = 1; i <= source.length; i++) {
    const current = [i];
    for (let j = 1; j <= target.length; j++) {
      const substitution = previous[j - 1]! + (source[i - 1] === target[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[target.length]!;
}
