/**
 * [CE5] What stands of a volunteer whom several coordinators know: nobody's naming is lost because another one, who has not heard of it,
 * writes a nickname.
 */
import { isDeepStrictEqual } from "node:util";
import type { StoredVolunteer } from "./store.ts";

/** What is not counted of a volunteer. */
export type Repute = Pick<
  StoredVolunteer,
  "nickname" | "team" | "ownerId" | "choseUntilMs" | "quarantine" | "released"
>;

export function reputeOf({ nickname, team, ownerId, choseUntilMs, quarantine, released }: StoredVolunteer): Repute {
  return { nickname, team, ownerId, choseUntilMs, quarantine, released };
}

/** @param kept what is stored; null: nothing @param told by somebody who may not have heard of it */
export function mergedRepute(kept: Repute | null, told: Repute): Repute {
  if (kept === null) return told;
  const released = laterOf(kept.released, told.released);
  const quarantine = [told.quarantine, kept.quarantine].find(
    (named) => named !== null && !isTakenBack(named, kept.released) && !isTakenBack(named, told.released),
  );
  const ownerId = told.ownerId ?? kept.ownerId;
  const choseUntilMs = told.choseUntilMs ?? kept.choseUntilMs;
  return { nickname: told.nickname, team: told.team, ownerId, choseUntilMs, quarantine: quarantine ?? null, released };
}

function laterOf(a: Repute["released"], b: Repute["released"]): Repute["released"] {
  if (a === null || b === null) return a ?? b;
  return b.atMs >= a.atMs ? b : a;
}

/** A release takes back what it names, and whatever was found before. */
function isTakenBack(named: NonNullable<Repute["quarantine"]>, released: Repute["released"]): boolean {
  return released !== null && (isDeepStrictEqual(released.from, named) || named.atMs <= released.from.atMs);
}
