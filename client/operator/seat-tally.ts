/** A sheet's seats by what they do. Pure. */
import { SEAT_STATES, type SeatState } from "../../shared/protocol/seats-api.ts";

/** @returns states that there are, in their order, each with its seats */
export function seatTally(seats: readonly { readonly state: SeatState }[]): [state: SeatState, seats: number][] {
  const tally = new Map<SeatState, number>(SEAT_STATES.map((state) => [state, 0]));
  for (const { state } of seats) tally.set(state, tally.get(state)! + 1);
  return [...tally].filter(([, count]) => count > 0);
}
