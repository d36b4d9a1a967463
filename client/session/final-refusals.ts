import type { Refused } from "../../shared/protocol/messages.ts";

/** After any other refusal the tab comes again by itself. */
export const FINAL_REFUSALS: ReadonlySet<Refused["code"]> = new Set([
  "bad-signature",
  "bad-message",
  "too-many-sessions",
  "wrong-answers",
  "banned",
]);
