/** The activity in words: a title, a sentence that says why the tab is idle where it is, and a tone for the eye. */
import type { Activity, ConnectionLoss } from "../session/session-status.ts";
import { volunteer as texts } from "../ui/texts.ts";

export type Tone = "off" | "busy" | "working" | "idle" | "trouble";
export interface SpokenActivity {
  readonly title: string;
  readonly sentence: string;
  readonly tone: Tone;
}

/** @param reloadsItself whether an update is about to reload the page, or already did in vain */
export function sayActivity(activity: Activity, nowMs: number, reloadsItself: boolean): SpokenActivity {
  const say = texts.activity;
  switch (activity.kind) {
    case "off":
      return { ...(activity.why === "stopped" ? say.stopped : say.notStarted), tone: "off" };
    case "calibrating":
      return { ...say.calibrating, tone: "busy" };
    case "connecting":
      return { ...say.connecting, tone: "busy" };
    case "reconnecting":
      return {
        ...say.reconnecting(sayLoss(activity.reason), Math.max(0, activity.retryAtMs - nowMs)),
        tone: "trouble",
      };
    case "waiting":
      return { ...say.waiting, tone: "idle" };
    case "computing":
      return { ...(activity.piece.kind === "probe" ? say.probe : say.computing), tone: "working" };
    case "paused":
      return { ...(activity.finishing === null ? say.paused : say.finishing), tone: "idle" };
    case "upgrade-needed":
      return reloadsItself ? { ...say.updating, tone: "busy" } : { ...say.pleaseReload, tone: "trouble" };
    case "refused":
      return { ...sayRefusal(activity), tone: "trouble" };
    case "broken":
      return { ...texts.breakages[activity.problem], tone: "trouble" };
    default:
      return activity satisfies never;
  }
}

export const ELSEWHERE: SpokenActivity = { ...texts.activity.elsewhere, tone: "idle" };

function sayLoss(reason: ConnectionLoss): string {
  const { losses } = texts;
  return reason in losses ? losses[reason as keyof typeof losses] : losses.other;
}

function sayRefusal({ code, message }: Extract<Activity, { kind: "refused" }>): { title: string; sentence: string } {
  const { refusals } = texts;
  const { title, sentence } = code in refusals ? refusals[code as keyof typeof refusals] : refusals.other;
  return { title, sentence: `${sentence} ${texts.saysCoordinator(message)}` };
}
