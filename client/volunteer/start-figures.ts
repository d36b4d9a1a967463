/** What the three lines at Start say: what lending the tab costs by the settings that hold, and whose jobs gain by it. Pure. */
import type { WorkList } from "../../shared/kinds/work-view.ts";
import type { VolunteerSettings } from "../session/volunteer-settings.ts";
import { isTaken } from "./choices.ts";
import type { CostFigures } from "./texts/text-types.ts";
import type { VolunteerTexts } from "./texts/texts.ts";

/** Names of jobs on one line of a phone's screen. */
const NAMED_MAX = 2;
const NAME_SHOWN_LENGTH_MAX = 40;

/**
 * @param threadsUnasked threads, where none are chosen
 * @param tellsPower whether the browser says if the device is plugged in
 */
export function costFigures(
  settings: VolunteerSettings,
  threadsUnasked: number,
  cores: number,
  tellsPower: boolean,
): CostFigures {
  const { intensity, wattsPerThread, dataCapMbPerDay, onlyOnMains } = settings;
  const threads = settings.threads ?? threadsUnasked;
  return {
    threads,
    cores: Math.max(cores, threads),
    intensity,
    watts: threads * intensity * wattsPerThread,
    capMb: dataCapMbPerDay,
    battery: !onlyOnMains ? "also" : tellsPower ? "never" : "unknown",
  };
}

/** @param list null: the coordinator has not said yet */
export function gainsText(
  { atStart }: VolunteerTexts,
  list: WorkList | null,
  { projects, refusedJobs }: Pick<VolunteerSettings, "projects" | "refusedJobs">,
): string {
  if (list === null) return atStart.gainsUnknown;
  if (list.jobs.length === 0) return atStart.gainsNobodyYet;
  const taken = list.jobs.filter((job) => isTaken(job, projects, refusedJobs));
  // The list leaves jobs out, and does not say whose they are.
  if (taken.length === 0) return list.more > 0 ? atStart.gainsUnknown : atStart.gainsNone;
  const named = taken
    .slice(0, NAMED_MAX)
    .map(({ name, submitter }) => ({ name: short(name), submitter: short(submitter) }));
  return atStart.gainsText(named, taken.length - named.length + list.more);
}

function short(text: string): string {
  const characters = [...text];
  return characters.length <= NAME_SHOWN_LENGTH_MAX
    ? text
    : `${characters.slice(0, NAME_SHOWN_LENGTH_MAX - 1).join("")}…`;
}
