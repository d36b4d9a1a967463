/** For whom jobs are: who takes turns, has shares and an account. */
import type { Job } from "./state.ts";

/** A submitter, or where nobody says who it is an address. */
export function partyOf({ stored: { party, submission } }: Pick<Job, "stored">): string {
  return party ?? submission.submitter;
}

/** Does no token say who it is? Then it is an address, or this machine: no submitter's name is empty or begins with a line break. */
export function isNameless(party: string): boolean {
  return party === "" || party.startsWith("\n");
}
