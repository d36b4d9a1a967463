/** What a coded run asks the shell for, what comes of it, and what it writes and waits for. */
import type { Effect } from "../../coordinator/effects.ts";
import type { CoordinatorEvent } from "../../coordinator/events.ts";
import type { Timeless } from "../../coordinator/words.ts";
import type { RunRecord } from "../records.ts";
import type { RunEffect } from "./run-effects.ts";
import type { RunEvent } from "./run-events.ts";

/** Effects of the machine that the shell carries out; the others the core sees to itself. */
export type AskedOfShell = Exclude<RunEffect, { type: "sendShard" | "sendProduct" | "wakeAt" | "nameLiar" | "finish" }>;

/** An event before its time is known: the core stamps it. */
export type TimelessRunEvent = Timeless<RunEvent>;

type OutcomeType =
  | "prepared"
  | "encoded"
  | "broadcastReady"
  | "verified"
  | "decoded"
  | "linked"
  | "updated"
  | "restored"
  | "effectFailed";

/** What comes of them. It names the machine's own effect. */
export type RunAnswer = Extract<TimelessRunEvent, { type: OutcomeType }>;

export interface RunWork {
  readonly type: "run";
  readonly run: AskedOfShell;
}

export interface RunOutcome {
  readonly type: "run";
  readonly run: RunAnswer;
  /** With `prepared`: what the submitter should know of the data. */
  readonly notes?: readonly string[];
}

export type RunWorkEffect = Extract<Effect, { type: "work" }> & { readonly work: RunWork };
export type RunOutcomeEvent = Extract<CoordinatorEvent, { type: "outcome" }> & { readonly outcome: RunOutcome };

/** Is it work of a coded run, of whatever kind? */
export function isRunWork(effect: Effect): effect is RunWorkEffect {
  return effect.type === "work" && effect.work.type === "run";
}

export function isRunOutcome(event: CoordinatorEvent): event is CoordinatorEvent & RunOutcomeEvent {
  return event.type === "outcome" && event.outcome.type === "run";
}

/** "started": the first thing that a run hears. */
export type ToldRun = { readonly type: "started" } | TimelessRunEvent;

/** The job with its checkpoint of that iteration (and its best one), as the shell holds them; null: without. */
export interface WrittenRun {
  readonly type: "run";
  readonly job: RunRecord;
  readonly weightsOf: number | null;
  readonly bestOf: number | null;
}

export interface RunPurpose {
  readonly type: "checkpoint";
  readonly credited: readonly string[];
}

export interface RunTimer {
  readonly type: "wake";
}
