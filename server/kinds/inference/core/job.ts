/** An inference job, as far as it is one of a model: who fails at it, and who may compute it. */
import type { StoredJob } from "../records.ts";
import type { INFERENCE } from "./work.ts";

/** [AS11] In place of a volunteer, of rows that the coordinator computed itself. */
export const COORDINATOR = "the coordinator";

/** [AS11] [AS12] Claims that came to nothing since somebody answered one last. */
export interface Failing {
  /** Since the first of them; null: there is none. */
  sinceMs: number | null;
  /** Whose, and on which back-end. */
  readonly by: Map<string, string>;
  /** What the last of them said. */
  message: string;
  timerId: number | null;
  isPaused: boolean;
}

/** What a job has of its model. */
export interface ModelJob {
  readonly kind: typeof INFERENCE;
  readonly stored: StoredJob;
  readonly failing: Failing;
  /** [PC5] Volunteers with a back-end that computes its model wrong altogether. */
  readonly unfit: Set<string>;
  /** Half-precision devices cannot be told from liars in it, as was found since the coordinator started. */
  refusesHalf: boolean;
}
