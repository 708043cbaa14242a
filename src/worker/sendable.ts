import { DualTextError } from "../errors.js";

/**
 * Throws `bad-argument` for what a message between threads cannot hold, or would hold in part: functions, and objects of
 * a class.
 */
export function checkSendable(value: unknown, name: string): void {
  if (typeof value === "function") throw unsendable(name, "a function");
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  if (Array.isArray(value)) {
    // Long lists are lists of values of one kind.
    if (typeof value[0] === "object" || value.length < 100)
      value.forEach((item, i) => {
        checkSendable(item, `${name}[${i}]`);
      });
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype as object) !== null) {
    throw unsendable(name, `a ${(prototype as object).constructor.name}`);
  }
  for (const [key, item] of Object.entries(value)) checkSendable(item, `${name}.${key}`);
}

function unsendable(name: string, what: string): DualTextError {
  return new DualTextError(
    "bad-argument",
    `${name} is ${what}, which cannot be sent to a worker. Train with pipeline.fit in this thread, or leave it out.`,
  );
}
