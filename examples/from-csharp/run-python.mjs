// Runs a Python script and reads what it prints: the port of Process.Start with RedirectStandardOutput.
import { spawn } from "node:child_process";

/** Characters of standard error that a message quotes. */
const QUOTED = 2000;

/**
 * Resolves with what the script prints on standard output. Rejects when Python cannot be started, when the script takes
 * longer than `timeoutMs` (it is killed then), and when it ends with another exit code than 0: the message has the code and
 * the end of standard error.
 *
 * @param {string} script path of the script
 * @param {{ args?: readonly string[], input?: string, timeoutMs?: number, python?: string }} [options]
 *   `input` goes to standard input; `python` is the interpreter, python3 unless DUALTEXT_PYTHON names another
 * @returns {Promise<string>}
 */
export function runPython(script, options = {}) {
  const { args = [], input = "", timeoutMs = 60_000 } = options;
  const python = options.python ?? process.env.DUALTEXT_PYTHON ?? "python3";
  return new Promise((resolve, reject) => {
    // var start = new ProcessStartInfo("python", script) { RedirectStandardOutput = true, RedirectStandardError = true };
    // using var process = Process.Start(start);
    const child = spawn(python, [script, ...args], { stdio: "pipe" });
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    // var output = process.StandardOutput.ReadToEnd();
    const [output, errors] = [child.stdout, child.stderr].map((stream) => {
      const text = { value: "" };
      stream.setEncoding("utf8").on("data", (piece) => {
        text.value += piece;
      });
      return text;
    });
    child.on("error", (cause) => {
      clearTimeout(timer);
      reject(new Error(`Cannot start ${python}: ${cause.message}`, { cause }));
    });
    // A script that does not read its input to the end is no error of ours; its exit code tells.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    // process.WaitForExit();
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(output?.value ?? "");
      const how = isLate
        ? `did not end within ${timeoutMs} ms and was killed`
        : code === null
          ? `was ended by ${signal}`
          : `ended with exit code ${code}`;
      const said = (errors?.value ?? "").trimEnd();
      const quoted = said === "" ? " It printed nothing on standard error." : `\n${said.slice(-QUOTED)}`;
      reject(new Error(`${script} ${how}.${quoted}`));
    });
  });
}
