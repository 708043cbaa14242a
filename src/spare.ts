/** For how long what was given away is there for certain, in milliseconds, and up to how many bytes. */
const HELD_MS = 1000;
const HELD_BYTES = 1 << 29;

/**
 * Holds the last thing that nobody uses any more, for the next one who needs such a thing: pages that a host has handed out
 * already cost a fraction of new ones. After a second it is held weakly, so it is freed when nobody asks in time.
 */
export class Spare<Thing extends object> {
  /** Only so that it stays. */
  #held: Thing | undefined;
  #weak: WeakRef<Thing> | undefined;

  give(thing: Thing, bytes: number): void {
    if (typeof WeakRef !== "function") return;
    const weak = new WeakRef(thing);
    this.#weak = weak;
    this.#held = undefined;
    if (bytes > HELD_BYTES || typeof setTimeout !== "function") return;
    this.#held = thing;
    const timer: unknown = setTimeout(() => {
      if (this.#weak === weak) this.#held = undefined;
    }, HELD_MS);
    // No program runs on for it.
    (timer as { unref?(): void }).unref?.();
  }

  /** The thing, if it is still there and suits; it is not given twice. */
  take(suits: (thing: Thing) => boolean = () => true): Thing | undefined {
    const thing = this.#held ?? this.#weak?.deref();
    if (!thing || !suits(thing)) return undefined;
    this.#weak = undefined;
    this.#held = undefined;
    return thing;
  }
}
