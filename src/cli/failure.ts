import { DualTextError } from "../errors.js";
import { Interrupted, ReaderGone } from "./session.js";

/** Exit codes of the command; one ended by a signal exits with 128 plus the signal's number. */
export const exitCodes = { success: 0, failure: 1, usage: 2 } as const;

/** What is said about a failed run, and the exit code. */
export interface Failure {
  /** A code of `DualTextError`, or "usage", "interrupted", "internal". */
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
}

/** Options of the library as its messages name them, and the options of the command that set them. */
const flags: readonly (readonly [library: string, command: string])[] = [
  ["lenient: true", "--lenient"],
  ["hasHeader: true", "--header"],
  ["hasHeader: false", "--no-header"],
  ["quoting: true", "--quoting"],
];

/** How an error that ended a run is reported; undefined when there is nothing to report. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof ReaderGone) return undefined;
  if (error instanceof Interrupted) {
    return { code: "interrupted", message: error.message, exitCode: error.exitCode };
  }
  if (error instanceof DualTextError) {
    const { code } = error;
    const message = flags.reduce(
      (text, [library, command]) => text.replaceAll(library, command),
      error.message,
    );
    return { code, message, exitCode: code === "bad-option" ? exitCodes.usage : exitCodes.failure };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: "internal",
    message: `${message} (an error inside dualtext; set DUALTEXT_DEBUG=1 to see where)`,
    exitCode: exitCodes.failure,
  };
}
