// Fits a set on one thread each time it is told to, and says what it took: one of two processes that run at once, to see what
// the machine has for two. tsx one-of-two.ts SET, with a channel to the process that started it.
import { corpora } from "./corpus.js";
import { timedFit } from "./timed-fit.js";

const [set] = await corpora([process.argv[2]!]);
process.on("message", async () => {
  const { hash: _, ...taken } = await timedFit(set!.data, 1);
  process.send!(taken);
});
process.send!("ready");
