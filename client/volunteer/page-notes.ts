/**
 * The sentences beside the activity, from the same state as the activity itself: none of them stands there when it is no longer true.
 * Pure.
 */
import type { InvitationStanding } from "../../shared/protocol/messages.ts";
import { type Activity, hasEnded, type SessionStatus } from "../session/session-status.ts";
import type { VolunteerTexts } from "./texts/texts.ts";

/** Why the page goes on without a Start of this load. */
export type WentOn = "update" | "visit";

export interface PageState {
  readonly status: Pick<SessionStatus, "activity" | "pace" | "invitation" | "seat">;
  /** null: somebody pressed Start, or nothing runs. */
  readonly wentOn: WentOn | null;
  /** The address brought an invitation. */
  readonly isInvited: boolean;
  /** The address brought a code for a seat, or somebody typed one. */
  readonly hasSeatCode: boolean;
}

export interface PageNote {
  readonly text: string;
  readonly isWarning: boolean;
}

const HAS_PACE: ReadonlySet<Activity["kind"]> = new Set<Activity["kind"]>(["computing", "waiting", "resting"]);

/** The note that the tab works less hard than was set; null: the tab works as set, or takes nothing. */
export function easedNote(texts: VolunteerTexts, { activity, pace }: PageState["status"]): string | null {
  return pace.eased !== null && HAS_PACE.has(activity.kind) ? texts.eased(pace.eased.share, pace.eased.loadOf) : null;
}

export function invitationNote(texts: VolunteerTexts, { status, isInvited }: PageState): PageNote | null {
  if (!isInvited) return null;
  const { activity, invitation } = status;
  const isRunning = !hasEnded(activity);
  if (invitation === null || (invitation === "yours" && !isRunning)) {
    return { text: isRunning ? texts.invitationAsked : texts.invited, isWarning: false };
  }
  const said = texts.invitation[invitation];
  const worksForOthers: boolean = isRunning && invitation !== "yours";
  return { text: worksForOthers ? `${said} ${texts.openJobs}` : said, isWarning: isRefused(invitation) };
}

const isRefused = (standing: InvitationStanding) => standing !== "yours";

/** Where the tab sits, or why it does not; null: nobody asked for a seat, or it has lost its seat with its key. */
export function seatNote(texts: VolunteerTexts, { status, hasSeatCode }: PageState): PageNote | null {
  const { activity, seat } = status;
  if (activity.kind === "refused") return null;
  const isRunning = !hasEnded(activity);
  if (seat === null) {
    return hasSeatCode ? { text: isRunning ? texts.seat.asked : texts.seat.brought, isWarning: false } : null;
  }
  if (typeof seat === "object") return { text: texts.seat.yours(seat.number, seat.sheet), isWarning: false };
  const said = texts.seat.refusals[seat];
  return { text: isRunning ? `${said} ${texts.seat.worksAnyway}` : said, isWarning: true };
}

export function wentOnNote(texts: VolunteerTexts, { status, wentOn }: PageState): string | null {
  return wentOn === null || hasEnded(status.activity) ? null : texts.wentOn[wentOn];
}
