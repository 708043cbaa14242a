/** Watches for tasks of this page's own thread that take over 50 ms, which is what a browser reports. */
export class LongestTask {
  #longest = 0;
  readonly #observer: PerformanceObserver | undefined;

  constructor() {
    if (!PerformanceObserver.supportedEntryTypes.includes("longtask")) return;
    this.#observer = new PerformanceObserver((list) => this.#take(list.getEntries()));
    this.#observer.observe({ entryTypes: ["longtask"] });
  }

  /** Milliseconds of the longest one; 0 when none was over 50 ms, undefined where the browser does not tell. */
  end(): number | undefined {
    if (!this.#observer) return undefined;
    this.#take(this.#observer.takeRecords());
    this.#observer.disconnect();
    return this.#longest;
  }

  #take(entries: readonly PerformanceEntry[]): void {
    for (const { duration } of entries) this.#longest = Math.max(this.#longest, duration);
  }
}
