/** [WC1] [AS4] Which work a volunteer may be sent, as one value: takers of the same are kept together, and passed over together. */
import type { WorkChoice } from "../../../shared/protocol/messages.ts";
import type { CoordinatorState, Volunteer } from "../state.ts";
import type { TakerChoice } from "./takers.ts";

/** The same object until it changes. */
export function takerChoiceOf({ volunteers, nowMs }: CoordinatorState, volunteerId: string): TakerChoice | null {
  const volunteer = volunteers.get(volunteerId);
  if (volunteer === undefined) return null;
  const { choice, failedModels, takes } = volunteer;
  if (failedModels.size === 0) return choice;
  const outOf = [...failedModels].flatMap(([model, { untilMs }]) => (untilMs > nowMs ? [model] : [])).sort();
  if (outOf.length === 0) return choice;
  const isSame = takes !== null && takes.of === choice && takes.choice.outOf?.join() === outOf.join();
  if (isSame) return takes.choice;
  const { projects, refused }: WorkChoice = choice ?? { projects: null, refused: [] };
  volunteer.takes = { of: choice, choice: { projects, refused, outOf } };
  return volunteer.takes.choice;
}

/** When it has the next of its turns back; null: it has all of them. */
export function nextTurnMs({ failedModels }: Pick<Volunteer, "failedModels">, nowMs: number): number | null {
  const later = [...failedModels.values()].flatMap(({ untilMs }) => (untilMs > nowMs ? [untilMs] : []));
  return later.length === 0 ? null : Math.min(...later);
}
