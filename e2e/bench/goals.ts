/** What was asked of a bench's figures, beside what it got: the table `goals` of its file of figures. */
import type { Column, FurtherTable } from "./measurement.ts";

export interface Goal {
  readonly name: string;
  /** The least that is enough, or the most. */
  readonly asked: number;
  readonly isMost: boolean;
  readonly got: number;
}

const COLUMNS: readonly Column[] = [
  { key: "name", title: "goal" },
  { key: "sense", title: "" },
  { key: "asked", title: "asked", digits: 3 },
  { key: "got", title: "got", digits: 3 },
  { key: "holds", title: "holds" },
];

export const atMost = (name: string, asked: number, got: number): Goal => ({ name, asked, isMost: true, got });
export const atLeast = (name: string, asked: number, got: number): Goal => ({ name, asked, isMost: false, got });

/** @example holds(atMost("s", 110, 98)) // -> true */
export function holds({ asked, isMost, got }: Goal): boolean {
  return isMost ? got <= asked : got >= asked;
}

export function goalsTable(goals: readonly Goal[]): FurtherTable {
  const missed = goals.filter((goal) => !holds(goal)).length;
  return {
    name: "goals",
    title: "Goals",
    columns: COLUMNS,
    rows: goals.map((goal) => ({
      ...{ name: goal.name, sense: goal.isMost ? "at most" : "at least", asked: goal.asked, got: goal.got },
      holds: holds(goal) ? "yes" : "MISSED",
    })),
    notes: [`${goals.length} goals, ${missed} missed.`],
  };
}
