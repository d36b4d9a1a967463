/** What each desk did of the whole, as a class reads it. Pure. */
import type { ClassView } from "../../shared/protocol/seats-api.ts";

type Seat = ClassView["seats"][number];

export interface SeatShare {
  readonly number: number;
  /** Of all rows of the class, from 0 to 1. */
  readonly share: number;
}

/** @returns seats that somebody had, in the order of their numbers */
export function deskShares(seats: readonly Seat[]): SeatShare[] {
  const all = seats.reduce((sum, { rows }) => sum + rows, 0);
  return seats
    .filter(({ state, rows }) => rows > 0 || hasCome(state))
    .toSorted((one, other) => one.number - other.number)
    .map(({ number, rows }) => ({ number, share: all === 0 ? 0 : rows / all }));
}

/** "12 %", "4.2 %"; what is little is not called nothing. */
export function shareWords(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return "< 0.1 %";
  return `${value < 9.95 ? Number(value.toFixed(1)) : Math.round(value)} %`;
}

/** Somebody has, or had, the seat. A revoked one may never have been anybody's. */
export function hasCome(state: Seat["state"]): boolean {
  return state !== "free" && state !== "revoked";
}
