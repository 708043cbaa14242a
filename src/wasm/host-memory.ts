/** The memory that a host has, and how much of it this program uses, in bytes. */
export interface HostMemory {
  readonly totalBytes: number;
  readonly usedBytes: number;
}

let read: (() => HostMemory) | undefined;

/** From now on `hostMemory` asks this. Entries for a runtime that can tell call it when they are loaded. */
export function setHostMemory(reader: (() => HostMemory) | undefined): void {
  read = reader;
}

/** Undefined where nobody can tell: browsers do not. */
export function hostMemory(): HostMemory | undefined {
  return read?.();
}
