// Other programs, run with a time limit; their wall-clock time and peak memory.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Finished {
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Peak resident memory in bytes, read from /proc; undefined where there is none. */
  readonly peakBytes: number | undefined;
  /** Whether it was ended because its time was over; `stdout` holds what it had printed. */
  readonly timedOut: boolean;
}

/** One thread for every library that asks the environment. */
const environment = {
  ...process.env,
  OMP_NUM_THREADS: "1",
  OPENBLAS_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
};
/** How often the peak is read: a process may grow unseen only in its last milliseconds. */
const POLL_MS = 4;

/** Runs a command to its end or its limit. Throws with its standard error when it fails. */
export function run(command: string, args: readonly string[], limitSeconds = 3600): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    const output: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
    for (const stream of ["stdout", "stderr"] as const)
      child[stream].on("data", (chunk: Buffer) => output[stream].push(chunk));
    let peakBytes: number | undefined;
    let timedOut = false;
    const poll = setInterval(() => {
      peakBytes = peakOf(child.pid) ?? peakBytes;
    }, POLL_MS);
    const limit = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, limitSeconds * 1000);
    let seconds = 0;
    child.on("exit", () => {
      seconds = (performance.now() - start) / 1000;
    });
    const stop = () => {
      clearInterval(poll);
      clearTimeout(limit);
    };
    child.on("error", (error) => {
      stop();
      reject(error);
    });
    child.on("close", (code, signal) => {
      stop();
      const [stdout, stderr] = [output.stdout, output.stderr].map((parts) => Buffer.concat(parts).toString());
      if (code === 0 || timedOut) resolve({ seconds, stdout: stdout!, stderr: stderr!, peakBytes, timedOut });
      else
        reject(
          new Error(`${command} ${args.join(" ")} ended with ${code ?? signal}:\n${stderr!.slice(-2000)}`),
        );
    });
  });
}

function peakOf(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    // No /proc here, or the process has just ended.
    return undefined;
  }
}

/** What a command prints when asked who it is, on either stream; undefined where it cannot be started. */
export function answerOf(command: string, args: readonly string[]): string | undefined {
  const { error, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", env: environment });
  return error ? undefined : `${stdout}${stderr}`;
}

/** The objects that a program has printed, one JSON object a line; a last line that was cut off is left out. */
export function jsonLines<T>(stdout: string): T[] {
  return stdout
    .split("\n")
    .slice(0, -1)
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as T);
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
