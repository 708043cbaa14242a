import { Crew } from "./crew.js";
import { workerHost } from "./worker-host.js";

/**
 * The workers of one run. Stages that need some, one after the other, have the same, as starting them takes time. Must be
 * closed, whatever happens.
 */
export class Workforce {
  #crew: Crew | undefined;

  /** So many workers, which nobody else may use until they are idle again. Throws where the host starts none. */
  async crew(size: number): Promise<Crew> {
    const crew = this.#crew;
    if (crew?.isUsable) {
      await crew.resize(size);
      return crew;
    }
    const host = workerHost();
    if (!host) throw new Error("This host has no workers.");
    this.#crew = new Crew(host, size);
    return this.#crew;
  }

  /** Ends all workers, busy or not; resolves when they are gone. Others can be had later. */
  async close(): Promise<void> {
    await this.#crew?.close();
  }
}
