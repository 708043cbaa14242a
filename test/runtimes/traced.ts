/** What counts as a long task in browsers. */
export const LONG_TASK_MS = 50;

export interface Traced<Result> {
  readonly result: Result;
  /** Of the page's own thread, in milliseconds of its processor time: others' load does not count. */
  readonly longestMs: number;
  /** All tasks that were seen, in milliseconds as they pass. */
  readonly allMs: number;
}

/** Watches the tasks of a page in Chromium during `work`. */
export async function traced<Result>(page: any, work: () => Promise<Result>): Promise<Traced<Result>> {
  await page.tracing.start({ categories: ["disabled-by-default-devtools.timeline", "blink.user_timing"] });
  await page.evaluate("performance.mark('watched')");
  const result = await work();
  const { traceEvents } = JSON.parse(new TextDecoder().decode(await page.tracing.stop()));
  // Chromium keeps another process ready, which has such a thread as well.
  const main = traceEvents.find(({ name }: any) => name === "watched");
  const tasks: { dur: number; tdur: number }[] = traceEvents.filter(
    ({ name, pid, tid, tdur }: any) => name === "RunTask" && tdur > 0 && pid === main.pid && tid === main.tid,
  );
  if (tasks.length === 0) throw new Error("The trace has no task of the page.");
  return {
    result,
    longestMs: Math.max(...tasks.map(({ tdur }) => tdur)) / 1000,
    allMs: tasks.reduce((sum, { dur }) => sum + dur, 0) / 1000,
  };
}
