/** Words of the numerics pool, for stories that hold them back. */
import type { DecodeOutcome } from "../../kinds/inference/core/work.ts";
import { type Asked, type AskedOf, GOOD_DECODE, referenceOf, type Story } from "./story.ts";

export type Sent = AskedOf<"sendAssignment">;

export interface Verdict {
  /** Of the rows that were recomputed, how many are wrong. */
  readonly failed: number;
  /** The same of the result that it was compared with. */
  readonly againstFailed: number;
}

export function volunteerOf({ sessionId }: { readonly sessionId: string }): string {
  return `v${sessionId.slice(1)}`;
}

export function outOf(story: Story, workerIndex: number): Sent[] {
  return story.out().filter((sent) => sent.workerIndex === workerIndex);
}

/** The audit that was asked for of this assignment has come back. */
export function judge(
  story: Story,
  { assignmentId }: { readonly assignmentId: number },
  { failed = 0, againstFailed = 0 }: Partial<Verdict> = {},
): Asked[] {
  const audit = story.asked("audit").find((effect) => effect.assignmentId === assignmentId)!;
  const { randomRows } = audit;
  return story.happen({
    ...{ type: "audited", ...referenceOf(audit), assignmentId },
    ...{ checked: randomRows, randomlyChecked: randomRows, failed },
    against: audit.against && { randomlyChecked: randomRows, failed: againstFailed },
  });
}

/** The latest decode that was asked for has come back. */
export function tellDecoded(story: Story, outcome: Partial<DecodeOutcome> = {}): Asked[] {
  const decode = story.asked("decode").at(-1)!;
  return story.happen({ type: "decoded", ...referenceOf(decode), outcome: { ...GOOD_DECODE, ...outcome } });
}
