/** Cuts in the network: for a while nothing gets through to some of the tabs, and when it is long both sides hang up. */
import { exponential, randomAt } from "../../../shared/random/simulation-random.ts";
import type { VirtualClock } from "../../crowd/virtual-clock.ts";

const DRAW = 16;
const CUT_MS_MEAN = 150;
/** A real socket is found dead by its missing pongs; in the simulator's pace of things that is soon. */
const HANG_UP_MS = 200;

export interface PartitionWorld {
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly tabCount: number;
  /** Mean milliseconds between cuts. */
  readonly everyMsMean: number;
  readonly isCalm: () => boolean;
  readonly hangUp: (tab: number) => void;
}

export class Partitions {
  readonly #world: PartitionWorld;
  /** So many cuts keep this tab away. */
  readonly #cuts: number[];

  constructor(world: PartitionWorld) {
    this.#world = world;
    this.#cuts = new Array(world.tabCount).fill(0);
    this.#schedule(0);
  }

  isCut(tab: number): boolean {
    return this.#cuts[tab]! > 0;
  }

  #schedule(count: number): void {
    const { clock, seed, everyMsMean, isCalm } = this.#world;
    const random = randomAt(seed, DRAW, count);
    clock.after(exponential(random, everyMsMean), () => {
      if (isCalm()) return;
      const share = random.uniform();
      const tabs = this.#cuts.flatMap((_, tab) => (random.uniform() < share ? [tab] : []));
      this.#cut(tabs, exponential(random, CUT_MS_MEAN));
      this.#schedule(count + 1);
    });
  }

  #cut(tabs: readonly number[], ms: number): void {
    const { clock, hangUp } = this.#world;
    for (const tab of tabs) this.#cuts[tab]!++;
    clock.after(ms, () => {
      for (const tab of tabs) this.#cuts[tab]!--;
    });
    if (ms > HANG_UP_MS) clock.after(HANG_UP_MS, () => tabs.forEach(hangUp));
  }
}
