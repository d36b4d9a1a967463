/**
 * Who is a straggler (S_t of the dynamic code). A round ends when enough results are in, so most absent answers were merely
 * not needed. A volunteer straggles in a round if it took STRAGGLE_FACTOR times the median, or if the round had to wait that
 * long and it was still out. It counts as a straggler after SLOW_AFTER_ROUNDS of these in a row, or after many rounds that
 * did without it, and no longer after PROMPT_AFTER_ROUNDS prompt ones: hysteresis, so that one hiccup moves no data (GR9).
 */
import { median } from "../../../shared/numbers/quantile.ts";
import { must } from "../../coordinator/assert.ts";
import {
  MISSED_BY_CHANCE_MAX,
  PROMPT_AFTER_ROUNDS,
  SLOW_AFTER_MISSED_ROUNDS,
  SLOW_AFTER_ROUNDS,
  STRAGGLE_FACTOR,
} from "./run-settings.ts";
import type { AskedProduct, RunState, RunVolunteer } from "./run-state.ts";

/** A round has enough results: everybody who was asked is judged by it. @returns the median response in ms */
export function judgePaces(state: RunState, asked: ReadonlyMap<number, AskedProduct>): number {
  const byVolunteer = new Map<string, AskedProduct[]>();
  for (const product of asked.values()) {
    if (product.state === "void" || product.state === "rejected" || product.state === "failed") continue;
    const products = byVolunteer.get(product.volunteerId) ?? [];
    byVolunteer.set(product.volunteerId, products);
    products.push(product);
  }
  const answered = [...byVolunteer.values()].map(responseMs).filter((ms) => ms !== null);
  const medianMs = median(answered) ?? 0;
  const chanceToMiss = 1 - answered.length / byVolunteer.size;
  const missedMost = Math.max(SLOW_AFTER_MISSED_ROUNDS, Math.log(MISSED_BY_CHANCE_MAX) / Math.log(chanceToMiss));
  for (const [volunteerId, products] of byVolunteer) {
    const volunteer = state.volunteers.get(volunteerId);
    if (volunteer === undefined) continue;
    const response = responseMs(products);
    if (response !== null) judge(volunteer, response <= STRAGGLE_FACTOR * medianMs);
    else if (state.nowMs - sentMsOf(products) > STRAGGLE_FACTOR * medianMs) judge(volunteer, false);
    else missed(volunteer, missedMost);
  }
  return medianMs;
}

/** An answer to a round that has ended, by whom the round did without: nothing of it is used, but it tells how fast it is. */
export function judgeLate(state: RunState, volunteerId: string, sentMs: number, medianMs: number): void {
  const volunteer = state.volunteers.get(volunteerId);
  if (volunteer === undefined || volunteer.pace.missedInRow === 0) return;
  volunteer.pace.missedInRow = 0;
  if (state.nowMs - sentMs > STRAGGLE_FACTOR * medianMs) judge(volunteer, false);
}

function judge({ pace }: RunVolunteer, isPrompt: boolean): void {
  pace.missedInRow = 0;
  pace.slowInRow = isPrompt ? 0 : pace.slowInRow + 1;
  pace.promptInRow = isPrompt ? pace.promptInRow + 1 : 0;
  if (pace.slowInRow >= SLOW_AFTER_ROUNDS) pace.isSlow = true;
  if (pace.promptInRow >= PROMPT_AFTER_ROUNDS) pace.isSlow = false;
}

function missed({ pace }: RunVolunteer, most: number): void {
  pace.missedInRow++;
  pace.promptInRow = 0;
  if (pace.missedInRow >= most) pace.isSlow = true;
}

/** Shards are computed one after the other, so the time of the last answer is shared by those that came; null: none came. */
function responseMs(products: readonly AskedProduct[]): number | null {
  const tookMs = products.flatMap(({ answeredMs, sentMs }) => (answeredMs === null ? [] : [answeredMs - sentMs]));
  return tookMs.length === 0 ? null : Math.max(...tookMs) / tookMs.length;
}

function sentMsOf([first]: readonly AskedProduct[]): number {
  return must(first, "GR9: who is judged by a round was asked a product of it").sentMs;
}
