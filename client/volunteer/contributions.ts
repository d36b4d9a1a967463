/** What this browser has contributed, day by day. Pure; the tab keeps it in localStorage. */
import { CONTRIBUTION_DAYS_MAX } from "../../shared/protocol/limits.ts";
import { z } from "./zod.ts";

export interface DayTotals {
  /** Of the local calendar: "2026-11-24". */
  readonly day: string;
  /** Verified multiply-adds, on the day on which credit for them arrived. */
  readonly macs: number;
  readonly batches: number;
  readonly computedMs: number;
  readonly bytes: number;
}

export interface Contributions {
  /** The credit that was heard of last, so that what is verified while the tab is closed counts when it comes back. */
  readonly creditMacs: number | null;
  /** The latest last; days without anything are left out. */
  readonly days: readonly DayTotals[];
}

/** How far a visit has come, as its status says. */
export interface VisitTotals {
  readonly creditMacs: number | null;
  readonly batches: number;
  readonly computedMs: number;
  readonly bytes: number;
}

export const NO_CONTRIBUTIONS: Contributions = { creditMacs: null, days: [] };
export const VISIT_BEGUN: VisitTotals = { creditMacs: null, batches: 0, computedMs: 0, bytes: 0 };

/** Adds what a visit did between two looks at it to a day. */
export function contribute(kept: Contributions, before: VisitTotals, now: VisitTotals, day: string): Contributions {
  const added = {
    macs: newMacs(kept.creditMacs, now.creditMacs),
    batches: now.batches - before.batches,
    computedMs: now.computedMs - before.computedMs,
    bytes: now.bytes - before.bytes,
  };
  const creditMacs = now.creditMacs ?? kept.creditMacs;
  if (Object.values(added).every((value) => value <= 0)) {
    return creditMacs === kept.creditMacs ? kept : { ...kept, creditMacs };
  }
  const last = kept.days.at(-1);
  const today: DayTotals = last?.day === day ? last : { day, macs: 0, batches: 0, computedMs: 0, bytes: 0 };
  const earlier = last?.day === day ? kept.days.slice(0, -1) : kept.days;
  const sum: DayTotals = {
    day,
    macs: today.macs + added.macs,
    batches: today.batches + added.batches,
    computedMs: today.computedMs + added.computedMs,
    bytes: today.bytes + added.bytes,
  };
  return { creditMacs, days: [...earlier, sum].slice(-CONTRIBUTION_DAYS_MAX) };
}

/** The first credit ever heard of is where counting begins; less than before is a coordinator that began anew. */
function newMacs(before: number | null, now: number | null): number {
  return before === null || now === null || now < before ? 0 : now - before;
}

export function totalsOf(kept: Contributions, day: string): DayTotals {
  return kept.days.find((one) => one.day === day) ?? { day, macs: 0, batches: 0, computedMs: 0, bytes: 0 };
}

const amount = z.number().check(z.nonnegative());
const storedSchema = z.object({
  version: z.literal(1),
  creditMacs: z.nullable(amount),
  days: z
    .array(
      z.object({
        day: z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/)),
        macs: amount,
        batches: amount,
        computedMs: amount,
        bytes: amount,
      }),
    )
    .check(z.maxLength(CONTRIBUTION_DAYS_MAX)),
});

/** Anything that is not as it was kept is as if nothing had been kept. */
export function parseContributions(text: string | null): Contributions {
  try {
    const { creditMacs, days } = storedSchema.parse(JSON.parse(text ?? "null"));
    return { creditMacs, days };
  } catch {
    return NO_CONTRIBUTIONS;
  }
}

export function printContributions({ creditMacs, days }: Contributions): string {
  return JSON.stringify({ version: 1, creditMacs, days });
}
