/** A T-private run is open to those who were invited alone; nobody keeps the invitations themselves, only their hashes. */
import { INVITATIONS_SPARE_COUNT } from "../../shared/protocol/limits.ts";
import { sha256Hex } from "../sha256-hex.ts";
import type { RunPlan } from "./core/run-plan.ts";

/** One for each volunteer, and some to spare; none where anybody may work. */
export function drawInvitations({ maskCount, volunteerCount }: RunPlan, makeToken: () => string): string[] {
  if (maskCount === 0) return [];
  return Array.from({ length: volunteerCount + INVITATIONS_SPARE_COUNT }, () => makeToken());
}

export function invitationHash(token: string): string {
  return sha256Hex(token);
}
