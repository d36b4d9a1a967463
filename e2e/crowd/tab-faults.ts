/** What a simulated tab does wrong, and how fast it is: data, of which simulated-tab.ts makes a tab. */
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import type { ComputeTime } from "./compute-time.ts";
import type { Attack } from "./product-lies.ts";

export interface TabFaults {
  readonly straggleProbability: number;
  /** Loses every answer for good. */
  readonly isMute: boolean;
  /** Gives each row another row's answer. */
  readonly isLiar: boolean;
  /** Share of messages, each way, that never arrive. */
  readonly lossProbability: number;
  /** Share of results that are sent twice. */
  readonly repeatProbability: number;
  /** Mean milliseconds until the tab closes and comes back as another session; null: it stays. */
  readonly staysMsMean: number | null;
  /** Share of results that are not numbers. */
  readonly garbageProbability: number;
  /** Share of batches and products that it cannot compute, and says so. */
  readonly failsProbability?: number;
  /** Whose key it has: another tab's, as two windows of one browser have. By default its own. */
  readonly keyOf?: number;
  /** Under whose name it works, by a link: another tab's; by default its own. */
  readonly deviceOf?: number;
  /** The network it is in, as a proxy would report it; by default not known. */
  readonly addressPrefix?: string | null;
  /** What it says, as this volunteer, instead of its honest outputs; null: those. */
  readonly lie?: (batch: HonestBatch, volunteerId: string) => Float32Array | null;
  /** What it sends in place of its products; undefined: those. Which of its lies are none, the attack itself knows. */
  readonly attack?: Attack;
  /** What it does when it is told that its answers were wrong; by default it comes back as who it is. */
  readonly whenQuarantined?: "comes back" | "stays away" | "comes as another";
  /** What it says that it computes on; by default nothing that the coordinator knows. */
  readonly backend?: string;
  /** What it computes batches with; by default what all tabs of its world do. */
  readonly load?: (bundle: Uint8Array) => Promise<LoadedModel>;
  /** What its card makes of batches: it computes on that until it is told that cards are left out, and in WebAssembly from then on. */
  readonly onCard?: (bundle: Uint8Array) => Promise<LoadedModel>;
  /** Honest up to so many batches of this tab, then as its other faults say; by default from the first on. */
  readonly sleepsFor?: number;
  /** While this is true it answers no batch, and says nothing. */
  readonly isSilent?: () => boolean;
  /** After so many batches it comes back under a new key; by default it keeps its key. */
  readonly renamesAfter?: number;
  /** With a new key it comes from a new address, too. */
  readonly movesWhenRenamed?: boolean;
  /** While this is true the tab is closed. */
  readonly isAway?: () => boolean;
  /** Mean milliseconds until it says that it is not available, and then until it is again; null: it always is. */
  readonly pausesMsMean?: number | null;
  /** Mean milliseconds until it chooses anew what it works for; null: it takes whatever there is. */
  readonly choosesMsMean?: number | null;
  /** It hands over rows of a batch, where they count, in so many slices (PR106); 0: never; by default once a batch has taken two seconds, as a tab does. */
  readonly slices?: number;
  /** It closes once it has handed over rows of a batch, where this says so of the batch; by default it stays. */
  readonly leavesAfterSlice?: (batch: Pick<HonestBatch, "rows" | "rowCount">, handedOver: number) => boolean;
  /** It leaves out rows that nobody needs any more (PR113), as a tab does; by default it computes them. */
  readonly leavesOut?: boolean;
  /** Milliseconds that a batch or a product takes; by default exponential. Straggling comes on top. */
  readonly computeTime?: ComputeTime;
}

/** What a lie is made from. */
export interface HonestBatch {
  /** Batches that this tab has computed before. */
  readonly count: number;
  /** rowCount x inputSize */
  readonly rows: Float32Array;
  /** rowCount x outputSize */
  readonly outputs: Float32Array;
  readonly rowCount: number;
  readonly outputSize: number;
}

/** A tab without faults. */
export const HONEST: TabFaults = {
  straggleProbability: 0,
  isMute: false,
  isLiar: false,
  lossProbability: 0,
  repeatProbability: 0,
  staysMsMean: null,
  garbageProbability: 0,
};
