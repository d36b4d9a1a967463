/**
 * Why none of the tabs that are connected takes work now, in words. One place: jobs, pages, the command line and errors of the API say the
 * same.
 */

/** What a tab says of itself where it takes no work. resting: between two batches, as its intensity wants it. busy: by its busy rule. */
export const AWAY_REASONS = [
  "resting",
  "paused",
  "schedule",
  "battery",
  "in-use",
  "save-data",
  "cellular",
  "data-cap",
  "busy",
  "finishing",
] as const;
export type AwayReason = (typeof AWAY_REASONS)[number];

/**
 * here: it is at work, free for it, or rests between two batches. The last ones the coordinator knows. silent: it took work and did not
 * answer, and is asked again later. elsewhere: at another coordinator.
 */
export const TAB_PRESENCES = [
  "here",
  ...AWAY_REASONS.filter((reason) => reason !== "resting"),
  ...(["probing", "silent", "quarantined", "elsewhere"] as const),
] as const;
export type TabPresence = (typeof TAB_PRESENCES)[number];
type Absence = Exclude<TabPresence, "here">;

export interface SeenTab {
  /** The sessions of one volunteer are one tab. */
  readonly volunteerId: string;
  readonly presence: TabPresence;
}

export const NO_TAB = "no tab is connected and ready";

type Words = readonly [one: string, several: string];
const WORDS: Readonly<Record<Absence, Words>> = {
  paused: ["is paused by its volunteer", "are paused by their volunteers"],
  schedule: ["pauses by its schedule", "pause by their schedules"],
  battery: ["pauses because its device runs on battery", "pause because their devices run on battery"],
  "in-use": ["pauses while somebody uses its computer", "pause while somebody uses their computers"],
  "save-data": ["pauses because its browser saves data", "pause because their browsers save data"],
  cellular: ["pauses because its device is on a mobile network", "pause because their devices are on mobile networks"],
  "data-cap": ["has used up its data of today", "have used up their data of today"],
  busy: ["pauses by its busy rule", "pause by their busy rule"],
  finishing: ["finishes its batch, then stops", "finish their batches, then stop"],
  probing: ["is being tried", "are being tried"],
  silent: ["did not answer in time, and is asked again soon", "did not answer in time, and are asked again soon"],
  quarantined: ["gave a different answer, and gets no work", "gave different answers, and get no work"],
  elsewhere: ["works for another coordinator", "work for other coordinators"],
};
const RULES: ReadonlySet<Absence> = new Set<Absence>([
  ...(["schedule", "battery", "in-use", "save-data", "cellular", "data-cap", "busy"] as const),
]);

/**
 * @returns null: a tab is here
 *
 * @example
 * whyNoTab([{ volunteerId: "ada", presence: "probing" }]) // -> "the one tab that is connected is being tried"
 */
export function whyNoTab(tabs: Iterable<SeenTab>): string | null {
  const absences = new Map<string, Absence>();
  for (const { volunteerId, presence } of tabs) {
    if (presence === "here") return null;
    absences.set(volunteerId, presence);
  }
  const counts = new Map<Absence, number>();
  for (const absence of absences.values()) counts.set(absence, (counts.get(absence) ?? 0) + 1);
  const [first] = counts;
  if (first === undefined) return NO_TAB;
  const advice = adviceFor(counts);
  if (absences.size === 1) return `the one tab that is connected ${WORDS[first[0]][0]}${advice}`;
  const all = [...counts].sort(([, a], [, b]) => b - a);
  if (counts.size === 1) return `the ${absences.size} tabs that are connected ${WORDS[first[0]][1]}${advice}`;
  const each = all.map(([absence, count]) => `${count} ${WORDS[absence][count === 1 ? 0 : 1]}`);
  return `none of the ${absences.size} tabs that are connected takes work: ${each.join(", ")}${advice}`;
}

/** What whoever owns such a tab can do. */
function adviceFor(counts: ReadonlyMap<Absence, number>): string {
  const which =
    [...counts.values()].reduce((sum, count) => sum + count, 0) === 1 ? "if it is yours" : "if one is yours";
  if ([...counts.keys()].some((absence) => RULES.has(absence))) return `; ${which}, change that rule on its page`;
  return counts.has("paused") ? `; ${which}, press Resume on its page` : "";
}
