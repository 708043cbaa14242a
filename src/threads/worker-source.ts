/** A function that a module exports and its arguments. It is called again and again until it returns 0 or nothing. */
export type Call = readonly [name: string, ...args: number[]];

/**
 * What a worker is told: to take a module and the memory that it works on, to call functions of it, and then others, once
 * each, whose results it gives.
 */
export interface Task {
  readonly module?: object;
  readonly memory?: object;
  readonly calls: readonly Call[];
  readonly questions?: readonly Call[];
}

/** What it answers: that all is done, with the results that were asked for; or what went wrong. */
export type Answer = {
  readonly results?: readonly number[];
  readonly error?: string;
  /** Bytes of memory that the host has refused, if that is what went wrong and the module can tell. */
  readonly refusedBytes?: number;
};

/** Name of a worker that runs `portSource`, where one script holds more than that. */
export const threadName = "dualtext thread";

/** The whole program of a worker. Everything else it does is in the module it is given. */
const program = `
"use strict";
const serve = (port) => {
  let functions;
  port.onmessage = ({ data: { module, memory, calls, questions = [] } }) => {
    try {
      if (module) functions = new WebAssembly.Instance(module, { env: { memory } }).exports;
      for (const [name, ...args] of calls) while (functions[name](...args));
      port.postMessage({ results: questions.map(([name, ...args]) => functions[name](...args)) });
    } catch (error) {
      port.postMessage({ error: String(error), refusedBytes: functions?.refusedBytes?.() });
    }
  };
  port.onmessageerror = () => port.postMessage({ error: "a message could not be read" });
};
`;

/** Of a worker whose tasks come from whoever started it. */
export const workerSource = `${program}serve(globalThis);`;

/** Of a worker whose tasks come through a port, which is the first message that it gets. */
export const portSource = `${program}globalThis.onmessage = ({ data }) => serve(data);`;
