/** The activity in words: a title, a sentence that says why the tab is idle where it is, and a tone for the eye. */
import type { HoldReason } from "../session/may-work.ts";
import type { Activity, ConnectionLoss } from "../session/session-status.ts";
import { assignmentWords } from "./assignment-words.ts";
import type { VolunteerTexts } from "./texts/texts.ts";

export type Tone = "off" | "busy" | "working" | "idle" | "trouble";
export interface SpokenActivity {
  readonly title: string;
  readonly sentence: string;
  readonly tone: Tone;
}

/** @param reloadsItself whether an update is about to reload the page, or already did in vain */
export function sayActivity(
  texts: VolunteerTexts,
  activity: Activity,
  nowMs: number,
  reloadsItself: boolean,
): SpokenActivity {
  const say = texts.activity;
  switch (activity.kind) {
    case "off":
      return { ...sayOff(texts, activity.why), tone: "off" };
    case "calibrating":
      return { ...say.calibrating, tone: "busy" };
    case "connecting":
      return { ...say.connecting, tone: "busy" };
    case "reconnecting":
      return {
        ...say.reconnecting(sayLoss(texts, activity.reason), Math.max(0, activity.retryAtMs - nowMs)),
        tone: "trouble",
      };
    case "waiting":
      return { ...say.waiting, tone: "idle" };
    case "computing":
      return { ...assignmentWords(texts, activity.assignment), tone: "working" };
    case "resting":
      return { ...say.resting(Math.max(0, activity.untilMs - nowMs)), tone: "working" };
    case "held":
      return { ...sayHeld(texts, activity.because, activity.finishing !== null, nowMs), tone: "idle" };
    case "upgrade-needed":
      return reloadsItself ? { ...say.updating, tone: "busy" } : { ...say.pleaseReload, tone: "trouble" };
    case "refused":
      return { ...sayRefusal(texts, activity), tone: "trouble" };
    case "broken":
      return { ...texts.breakages[activity.problem], tone: "trouble" };
    default:
      return activity satisfies never;
  }
}

type Words = Omit<SpokenActivity, "tone">;

function sayOff(texts: VolunteerTexts, why: "not-started" | "stopped" | "finished"): Words {
  const { notStarted, stopped, finished } = texts.activity;
  return why === "not-started" ? notStarted : why === "stopped" ? stopped : finished;
}

function sayHeld(texts: VolunteerTexts, because: HoldReason, finishes: boolean, nowMs: number): Words {
  const { holds } = texts;
  const sentence = sayHold(texts, because, nowMs);
  if (because.kind === "finishing") return { title: holds.finishingTitle, sentence };
  return { title: holds.title, sentence: finishes ? `${sentence} ${holds.batchInHand}` : sentence };
}

/** The rule that holds work back, and until when where that is known. */
function sayHold(texts: VolunteerTexts, because: HoldReason, nowMs: number): string {
  const { holds } = texts;
  switch (because.kind) {
    case "paused":
      return because.untilMs === null ? holds.paused : holds.pausedUntil(because.untilMs, nowMs);
    case "schedule":
      return because.untilMs === null ? holds.emptySchedule : holds.schedule(because.untilMs, nowMs);
    case "data-cap":
      return holds["data-cap"](because.capMb, because.untilMs, nowMs);
    default:
      return holds[because.kind];
  }
}

function sayLoss(texts: VolunteerTexts, reason: ConnectionLoss): string {
  const { losses } = texts;
  return reason in losses ? losses[reason as keyof typeof losses] : losses.other;
}

function sayRefusal(texts: VolunteerTexts, { code, message }: Extract<Activity, { kind: "refused" }>): Words {
  const { refusals } = texts;
  const { title, sentence } = code in refusals ? refusals[code as keyof typeof refusals] : refusals.other;
  return { title, sentence: `${sentence} ${texts.saysCoordinator(message)}` };
}
