/** Where a coded run stands. */
import type { RunEffect, RunEnd, UnnumberedRunEffect } from "./run-effects.ts";
import type { RunProduct } from "./run-events.ts";
import type { RunPlan } from "./run-plan.ts";
import { RUN_SETTINGS_DEFAULT, type RunSettings } from "./run-settings.ts";

export interface RunVolunteer {
  readonly volunteerId: string;
  speed: number;
  isInvited: boolean;
  isPresent: boolean;
  /** When it left last; it may be back soon. */
  leftMs: number;
  /** Sent a wrong result once: for good, whatever it does later. */
  isLiar: boolean;
  /** Products in a row without an answer of the right shape; FAILURES_IN_ROW_MAX of them and it is asked no more. */
  failuresInRow: number;
  readonly pace: Pace;
  /** Evaluation points that it was ever given, over all generations: what a receipt of a T-private job counts. */
  pointsIssued: number;
  acceptedResults: number;
}

/** See run-pace.ts. */
export interface Pace {
  slowInRow: number;
  missedInRow: number;
  promptInRow: number;
  isSlow: boolean;
}

export function newPace(): Pace {
  return { slowInRow: 0, missedInRow: 0, promptInRow: 0, isSlow: false };
}

/** One evaluation point of a code: a shard of X and one of X^T. */
export interface RunShard {
  /** Also the evaluation point's index; never given to another volunteer within a generation of a coded scheme. */
  readonly shardIndex: number;
  /** null: a spare, nobody's yet. */
  volunteerId: string | null;
  /** encoding -> encoded (a spare rests here) -> sent -> held. Back to sent where its volunteer comes back. */
  state: "encoding" | "encoded" | "sent" | "held";
}

export interface RunCode {
  readonly generation: number;
  readonly blockCount: number;
  readonly maskCount: number;
  readonly shards: RunShard[];
  /** Effects encodeShards that have not come back, with their shard indices. */
  readonly encoding: Map<number, readonly number[]>;
}

/** One product of one shard, asked of one volunteer in one round. */
export interface AskedProduct {
  readonly shardIndex: number;
  readonly volunteerId: string;
  readonly sentMs: number;
  answeredMs: number | null;
  /** void: its volunteer left or lied; failed: no answer of the right shape. */
  state: "asked" | "verifying" | "accepted" | "rejected" | "failed" | "void";
}

export interface RunRound {
  readonly roundId: number;
  readonly generation: number;
  readonly product: RunProduct;
  phase: "broadcasting" | "gathering" | "decoding";
  /** The broadcast or decode effect that is waited for. */
  effectId: number;
  /** By shard index. */
  readonly asked: Map<number, AskedProduct>;
  /** Effects verify that have not come back: which shard. */
  readonly verifying: Map<number, number>;
  /** Shard indices in the order in which they were accepted. */
  readonly accepted: number[];
  /** More than so many are waited for, since a decode of so many was undecided. */
  undecidedWith: number;
}

/** What the job is at, within an iteration: a round of the crowd or a step of the master. */
export type RunStage = "forward" | "linking" | "backward" | "updating" | "restoring";

export interface CodedHistoryEntry {
  readonly iteration: number;
  readonly loss: number;
  readonly accuracy: number | null;
  validationLoss: number | null;
  validationAccuracy: number | null;
  /** The updated weights' distance from the optimum; absent: not known. */
  distance?: number | null;
  readonly atMs: number;
}

export interface RunState {
  readonly plan: RunPlan;
  readonly settings: RunSettings;
  nowMs: number;
  nextEffectId: number;
  nextRoundId: number;
  nextGeneration: number;
  phase: "preparing" | "waiting" | "placing" | "running" | "ended";
  stage: RunStage;
  /** The prepare, link, update or restore effect that is waited for. */
  masterEffectId: number | null;
  /** The durable weights that it began with; null: it began anew. */
  readonly resumedFrom: number | null;
  /** Weights have been updated so many times. */
  iteration: number;
  readonly volunteers: Map<string, RunVolunteer>;
  active: RunCode | null;
  /** A code that is being placed while the active one goes on. */
  coming: RunCode | null;
  round: RunRound | null;
  /** Rounds that ended, for late answers: median response of the latest one. */
  lastRound: { roundId: number; medianMs: number; asked: ReadonlyMap<number, AskedProduct> } | null;
  readonly history: CodedHistoryEntry[];
  best: { iteration: number; loss: number } | null;
  divergingIterations: number;
  roomyIterations: number;
  readonly liars: { volunteerId: string; iteration: number; roundId: number; shardIndex: number }[];
  /** When the code changed, and why. */
  readonly codeChanges: { iteration: number; generation: number; blockCount: number; reason: string }[];
  /** Rounds of lcc in which there were more errors than it can correct. */
  undecodedRounds: number;
  /** Results that the code itself corrected or outvoted (lcc, replication). */
  correctedResults: number;
  /** [GR23] When it begins with those who are here; null: it does not wait, or not for so few. */
  beginsSmallMs: number | null;
  /** What is missing, in words, or null. */
  waitingFor: string | null;
  stopRequested: boolean;
  /** How it will end, once the last good weights are back. */
  ending: RunEnd | null;
  end: RunEnd | null;
}

/** Where a job goes on after a restart: what its last durable checkpoint says. */
export interface RunResume {
  readonly history: readonly CodedHistoryEntry[];
  readonly best: RunState["best"];
  readonly liars: RunState["liars"];
  readonly codeChanges: RunState["codeChanges"];
  /** Points that were issued stay issued. */
  readonly volunteers: readonly {
    readonly volunteerId: string;
    readonly isLiar: boolean;
    readonly pointsIssued: number;
    readonly acceptedResults: number;
  }[];
  readonly nextGeneration: number;
  readonly undecodedRounds: number;
  readonly correctedResults: number;
}

/**
 * The state of a job that goes on (GR21), or begins.
 * @param weightsOf weights that have had so many updates are loaded when the data is prepared; null: there are none
 */
export function resumedRunState(
  plan: RunPlan,
  settings: Partial<RunSettings>,
  resume: RunResume,
  weightsOf: number | null,
): RunState {
  const state = initialRunState(plan, settings);
  Object.assign(state, {
    iteration: weightsOf ?? 0,
    resumedFrom: weightsOf,
    best: resume.best === null ? null : { ...resume.best },
    nextGeneration: resume.nextGeneration,
    undecodedRounds: resume.undecodedRounds,
    correctedResults: resume.correctedResults,
  });
  state.history.push(...resume.history.map((entry) => ({ ...entry })));
  state.liars.push(...resume.liars.map((liar) => ({ ...liar })));
  state.codeChanges.push(...resume.codeChanges.map((change) => ({ ...change })));
  // A name may have been written between two checkpoints, without the volunteers' own records (GR7).
  const named = new Set(resume.liars.map(({ volunteerId }) => volunteerId));
  for (const { volunteerId, pointsIssued, acceptedResults, ...record } of resume.volunteers) {
    const isLiar = record.isLiar || named.has(volunteerId);
    const standing = { speed: 1, isInvited: false, isPresent: false, leftMs: Number.NEGATIVE_INFINITY, isLiar };
    const counts = { failuresInRow: 0, pointsIssued, acceptedResults };
    state.volunteers.set(volunteerId, { volunteerId, ...standing, pace: newPace(), ...counts });
  }
  return state;
}

export function initialRunState(plan: RunPlan, settings: Partial<RunSettings> = {}): RunState {
  return {
    plan,
    settings: { ...RUN_SETTINGS_DEFAULT, ...settings },
    nowMs: 0,
    nextEffectId: 1,
    nextRoundId: 1,
    nextGeneration: 1,
    phase: "preparing",
    stage: "forward",
    masterEffectId: null,
    resumedFrom: null,
    iteration: 0,
    volunteers: new Map(),
    active: null,
    coming: null,
    round: null,
    lastRound: null,
    history: [],
    best: null,
    divergingIterations: 0,
    roomyIterations: 0,
    liars: [],
    codeChanges: [],
    undecodedRounds: 0,
    correctedResults: 0,
    beginsSmallMs: null,
    waitingFor: null,
    stopRequested: false,
    ending: null,
    end: null,
  };
}

/** One step: the state that it changes and the effects that it asks for. */
export interface RunStep {
  readonly state: RunState;
  readonly effects: RunEffect[];
}

/** Asks for an effect. @returns its id */
export function emitRunEffect({ state, effects }: RunStep, effect: UnnumberedRunEffect): number {
  const effectId = state.nextEffectId++;
  effects.push({ ...effect, effectId } as RunEffect);
  return effectId;
}
