import { SingleBar } from "cli-progress";
import type { Progress } from "../stage.js";
import type { Session } from "./session.js";

const titles: Readonly<Record<Progress["phase"], string>> = {
  load: "Loading",
  featurize: "Featurizing",
  embed: "Embedding",
  search: "Choosing l2",
  solve: "Training",
  save: "Saving",
};

/** Shows how far a run is: a bar on a terminal, else a line when a phase begins and after each epoch. */
export class ProgressReport {
  readonly #session: Session;
  readonly #bar: SingleBar | undefined;
  #phase: Progress["phase"] | undefined;
  /** The last epoch that was reported. */
  #epoch = 0;

  constructor(session: Session) {
    this.#session = session;
    if (session.quiet || !session.reports.isTTY) return;
    this.#bar = new SingleBar({
      format: "{title} {bar} {percentage} % {detail}",
      stream: session.reports as NodeJS.WriteStream,
      clearOnComplete: true,
      hideCursor: true,
      barsize: 30,
    });
  }

  readonly update = (progress: Progress): void => {
    const { phase, done, total } = progress;
    if (phase !== this.#phase) this.#begin(phase);
    if (!this.#bar) {
      this.#line(progress);
      return;
    }
    if (!Number.isFinite(total)) return;
    this.#bar.setTotal(total);
    this.#bar.update(done, { title: titles[phase].padEnd(11), detail: detailOf(progress) });
  };

  /** Takes the bar off the terminal. */
  end(): void {
    if (this.#phase !== undefined) this.#bar?.stop();
    this.#phase = undefined;
  }

  #begin(phase: Progress["phase"]): void {
    this.end();
    this.#phase = phase;
    this.#epoch = 0;
    if (this.#bar) this.#bar.start(1, 0, { title: titles[phase].padEnd(11), detail: "" });
    else this.#session.report(`${titles[phase]} …`);
  }

  #line(progress: Progress): void {
    const { phase, epoch = 0 } = progress;
    if (phase !== "solve" || epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#session.report(`  ${detailOf(progress)}`);
  }
}

function detailOf({ epoch, loss, gap, etaMs }: Progress): string {
  const parts = [];
  if (epoch !== undefined && gap !== undefined) {
    parts.push(`epoch ${epoch}, loss ${loss?.toPrecision(3)}, gap ${gap.toPrecision(2)}`);
  }
  if (etaMs !== undefined && etaMs >= 1000) parts.push(`${Math.ceil(etaMs / 1000)} s left`);
  return parts.join(", ");
}
