/**
 * The ledger of rows under drawn crowds, on virtual time: how much of its crowd a job gets, how long first answers take, what late, slow and
 * mute tabs cost, how long rows of a stream wait, and what a call of the ledger costs:
 *
 *     npm run bench -- row-speeds [--seeds N] [--seed N] [--coordinator] [--json FILE]
 *
 * Nothing is computed, and but for one table nothing is checked: server/rows alone, driven by e2e/crowd/rows. With --coordinator the whole coordinator runs on the
 * same crowds beside it, which takes longer; without, its figures are those of row-speeds/before.ts.
 */
import { countFlag, seedsFrom } from "./flags.ts";
import { goalsTable } from "./goals.ts";
import type { Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { BEFORE } from "./row-speeds/before.ts";
import { checkedSection } from "./row-speeds/checked-table.ts";
import { coordinatorFigures } from "./row-speeds/coordinator-figures.ts";
import { costSection } from "./row-speeds/cost-table.ts";
import { longSection, type Section, shortSection, speedsSection } from "./row-speeds/jobs-tables.ts";
import { streamsSection } from "./row-speeds/streams-table.ts";

const SEEDS = 5;

export async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const seeds = seedsFrom(seed, countFlag(flags, "seeds") ?? SEEDS);
  const isLive = flags.coordinator !== undefined;
  const beside = isLive ? await coordinatorFigures(seeds, progress) : BEFORE;
  const measured = (name: string, measure: () => Section): Section => {
    progress(`ledger: ${name}`);
    return measure();
  };
  const sections = [
    measured("tabs far apart", () => speedsSection(seeds, beside.speeds)),
    measured("late claims", () => longSection(seeds, beside.long)),
    measured("first answers", () => shortSection(seeds, beside.short, BEFORE.short)),
    measured("open jobs", () => streamsSection(seeds, beside.streams, BEFORE.streams)),
    measured("checks", () => checkedSection(seeds)),
    measured("cost", costSection),
  ];
  const [first, ...further] = sections.map(({ table }) => table);
  const { name: _, ...table } = first!;
  const source = isLive
    ? "The coordinator's columns were measured in this run."
    : "The coordinator's columns are of the coordinator before the ledger, on the same crowds (seeds 1 to 5).";
  return {
    name: rowSpeeds.name,
    ...{ ...table, title: `${rowSpeeds.title}\n\n${table.title}` },
    notes: [...table.notes, `Virtual time; medians of seeds ${seeds.join(", ")}. ${source}`],
    tables: [...further, goalsTable(sections.flatMap(({ goals }) => goals))],
  };
}

export const rowSpeeds: Measurer = {
  name: "row-speeds",
  title: "The ledger of rows under drawn crowds: speeds, late claims, mute tabs, first answers, open jobs, cost",
  flags: ["seeds"],
  switches: ["coordinator"],
  run,
};
