import type { Writable } from "node:stream";
import { writeJson } from "./json-text.js";

/** Raised when whoever reads standard output has gone, as `head` does: the command ends, and that is no error. */
export class ReaderGone extends Error {}

/** The reason of the signal that Ctrl-C or a request to terminate aborts. */
export class Interrupted extends Error {
  /** What a shell expects of a process that a signal ended. */
  readonly exitCode: number;

  constructor(signal: "SIGINT" | "SIGTERM") {
    super(signal === "SIGINT" ? "interrupted" : "terminated");
    this.exitCode = signal === "SIGINT" ? 130 : 143;
  }
}

/** Options that every command takes. */
export interface SessionOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Where one run of a command reads its stop signal and writes: results to one stream, everything else to another. */
export class Session {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly signal: AbortSignal;
  readonly results: Writable;
  readonly reports: Writable & { readonly isTTY?: boolean };

  constructor(
    { json = false, quiet = false }: SessionOptions,
    signal: AbortSignal,
    results: Writable = process.stdout,
    reports: Writable = process.stderr,
  ) {
    this.json = json;
    this.quiet = quiet;
    this.signal = signal;
    this.results = results;
    this.reports = reports;
  }

  /** Writes a piece of the result, and resolves when the reader has taken it. Rejects with {@link ReaderGone}. */
  print(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.results.write(text, (error) => {
        if (!error) resolve();
        else reject(isReaderGone(error) ? new ReaderGone() : error);
      });
    });
  }

  /** Writes one JSON value and a line end. */
  printJson(value: unknown): Promise<void> {
    return this.print(`${writeJson(value)}\n`);
  }

  /** Tells the person at the terminal something, unless `--quiet`. */
  report(line: string): void {
    if (!this.quiet) this.reports.write(`${line}\n`);
  }
}

/** Whether a write failed because the other end of the pipe is closed. */
export function isReaderGone(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EPIPE" || code === "ERR_STREAM_DESTROYED";
}
