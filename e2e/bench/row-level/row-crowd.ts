import { normal } from "../../../shared/random/draws.ts";
import type { RandomSource } from "../../../shared/random/random.ts";
import { checksOf } from "../../../shared/verify/cross-checks/effective-checks.ts";

/** Standard deviation of the logarithm of a volunteer's speed. */
const SPEED_SPREAD = 0.5;

export interface RowVolunteer {
  readonly place: number;
  /** Rows a unit of time. */
  readonly speed: number;
  readonly isLiar: boolean;
  readonly address: number;
  isNamed: boolean;
  /** h */
  checkShare: number;
  /** Rows that were taken in, and those of ended jobs that count for "established". */
  rowsDone: number;
  readonly rowsBefore: number;
  /** Rows that it is the author of, or was before they were taken out. */
  readonly rows: number[];
  trustedChecks: number;
  /** Rows compared with each partner, by its place. */
  readonly partnerChecks: Map<number, number>;
  /** Rows done when it first lied; null: it has not. */
  firstLieAt: number | null;
}

/** The volunteers of one job; under churn new ones join. */
export class RowCrowd {
  readonly all: RowVolunteer[] = [];
  namedCount = 0;
  /** Of those that are not named. */
  totalSpeed = 0;

  /** @param address absent: one that nobody else has */
  join(isLiar: boolean, speed: number, rowsBefore: number, checkShare: number, address?: number): RowVolunteer {
    const place = this.all.length;
    const volunteer: RowVolunteer = {
      ...{ place, speed, isLiar, address: address ?? -1 - place, isNamed: false, checkShare },
      ...{ rowsDone: 0, rowsBefore, rows: [], trustedChecks: 0, partnerChecks: new Map(), firstLieAt: null },
    };
    this.all.push(volunteer);
    this.totalSpeed += speed;
    return volunteer;
  }

  /** Effective checks of a volunteer: partners that are named, or not established yet, count for nothing. */
  checksOf(volunteer: RowVolunteer, colluderShare: number, establishedRows: number): number {
    const counts: number[] = [];
    for (const [partner, checks] of volunteer.partnerChecks) {
      const { isNamed, rowsDone, rowsBefore } = this.all[partner]!;
      if (!isNamed && rowsDone + rowsBefore >= establishedRows) counts.push(checks);
    }
    return checksOf(volunteer.trustedChecks, counts, colluderShare);
  }
}

export function drawSpeed(random: RandomSource): number {
  return Math.exp(SPEED_SPREAD * normal(random));
}
