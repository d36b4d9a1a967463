/**
 * A visit that its volunteer has not ended: it goes on when the page is opened again, after a reload or the next day, paused where it was
 * paused. Nobody who never pressed Start, or who pressed Stop, is ever computed for.
 */
import type { Pause } from "../session/may-work.ts";
import { z } from "./zod.ts";

const KEPT_AS = "paritab-visit";

/** The part of localStorage that is used. */
export type VisitMemory = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export interface Visit {
  readonly pause: Pause | null;
}

const visitSchema = z.object({ pause: z.nullable(z.object({ untilMs: z.nullable(z.number()) })) });

/** @returns null: there is none, or it cannot be read */
export function keptVisit(memory: VisitMemory): Visit | null {
  try {
    const visit = visitSchema.safeParse(JSON.parse(memory.getItem(KEPT_AS) ?? "null"));
    return visit.success ? visit.data : null;
  } catch {
    return null;
  }
}

/** @param visit null: it has ended */
export function keepVisit(memory: VisitMemory, visit: Visit | null): void {
  try {
    if (visit === null) memory.removeItem(KEPT_AS);
    else memory.setItem(KEPT_AS, JSON.stringify(visit));
  } catch {
    // A full or forbidden store: the volunteer presses Start again.
  }
}
