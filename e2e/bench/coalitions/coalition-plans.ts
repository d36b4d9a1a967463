/**
 * What one party with many identities says. All of them know all rows that any of them saw and all answers that it gave; a row that
 * one of them answered is answered alike by the others, for another answer would only name one of them.
 */
import type { RandomSource } from "../../../shared/random/random.ts";

export const PLANS = [
  "honest",
  "constant",
  "sleeper",
  "endgame",
  "first",
  "burst",
  "chorus",
  "rush",
  "redo",
  "churn",
  "comes back",
  "night",
] as const;
export type Plan = (typeof PLANS)[number];

/** Identities that `redo` lets be named, the first half of them. */
const SACRIFICED_SHARE = 0.5;
const SLEEPS_UNTIL = 0.5;
const ENDGAME_FROM = 0.95;
/** `first` lies in its first batch alone. */
const FIRST_ROWS = 40;
/** `chorus` lies where it knows so many rows of the batch. */
export const CHORUS_KNOWN_ROWS = 4;
export const NIGHT = { from: 0.5, to: 0.6 } as const;

const NOT_SEEN = 0;
const TOLD_RIGHT = 1;
const TOLD_LIE = 2;

export interface CoalitionOptions {
  readonly plan: Plan;
  /** Of the job, parities too. */
  readonly rows: number;
  readonly volunteers: number;
  /** Share of the volunteers that are one coalition; 0 where the plan is honest. */
  readonly liarShare: number;
  /** Share of the rows that the coalition lies about where its plan has it lie: the same rows, whoever is asked. */
  readonly lieRate: number;
  /** Where `endgame` begins, as a share of the job. */
  readonly endgameFrom?: number;
}

/** What the coalition knows of who is asked. */
interface Asked {
  readonly isLiar: boolean;
  readonly rowsDone: number;
  /** Its own members come first. */
  readonly place: number;
}

export class Coalition {
  private readonly told: Uint8Array;
  /** The class of each row, uniform in [0, 1): those below the rate are lied about. */
  private readonly classes: Float32Array;
  private readonly liarCount: number;

  constructor(
    private readonly options: CoalitionOptions,
    random: RandomSource,
  ) {
    const isEmpty = options.plan === "honest";
    this.told = new Uint8Array(isEmpty ? 0 : options.rows);
    this.classes = Float32Array.from({ length: this.told.length }, () => random.uniform());
    this.liarCount = Math.round(options.liarShare * options.volunteers);
  }

  /** @param progress share of the job's rows that have been sent for the first time. @returns whether it lies */
  answer(volunteer: Asked, row: number, progress: number, liesInThisBatch: boolean): boolean {
    if (!volunteer.isLiar) return false;
    const isLie = this.liesAbout(volunteer, row, progress, liesInThisBatch);
    if (this.told[row] === NOT_SEEN) this.told[row] = isLie ? TOLD_LIE : TOLD_RIGHT;
    return isLie;
  }

  /** Of these rows those that one of it was asked before. */
  knownAmong(rows: readonly number[]): number {
    return rows.filter((row) => this.told[row] !== NOT_SEEN).length;
  }

  private liesAbout(volunteer: Asked, row: number, progress: number, liesInThisBatch: boolean): boolean {
    if (this.told[row] !== NOT_SEEN) return this.told[row] === TOLD_LIE;
    return this.isAwake(volunteer, progress, liesInThisBatch) && this.classes[row]! < this.options.lieRate;
  }

  private isAwake(volunteer: Asked, progress: number, liesInThisBatch: boolean): boolean {
    switch (this.options.plan) {
      case "honest":
        return false;
      case "constant":
      case "churn":
      case "comes back":
        return true;
      case "sleeper":
        return progress > SLEEPS_UNTIL;
      case "endgame":
        return progress > (this.options.endgameFrom ?? ENDGAME_FROM);
      case "first":
        return volunteer.rowsDone < FIRST_ROWS;
      case "burst":
      case "chorus":
      case "rush":
        return liesInThisBatch;
      case "redo":
        return volunteer.place < SACRIFICED_SHARE * this.liarCount;
      case "night":
        return progress >= NIGHT.from && progress < NIGHT.to;
    }
  }
}
