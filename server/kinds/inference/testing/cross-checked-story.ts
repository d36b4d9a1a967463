/** Stories of a job that is cross-checked, in a crowd of twelve. */
import { type AskedOf, referenceOf, Story, type StoryOptions, storedJob } from "../../../coordinator/testing/story.ts";
import { type DuplicateFound, NO_ROUND, type WordFound } from "../core/work.ts";
import type { StoredJob } from "../records.ts";

export const GROUPS_PER_ROUND = 10;
const JOB = {
  scheme: "systematic",
  queriesPerGroup: 4,
  stragglers: 0,
  liars: 0,
  groupsPerRound: GROUPS_PER_ROUND,
  roundsInFlight: 4,
};
export const SETTINGS = { crossChecks: "all jobs", firstAuditedRows: 0 } as const;
/** Of the job, unless told. */
export const ROWS = 800;

export function checkedJob(changes: Partial<StoredJob> = {}, rows = ROWS, submission: object = {}): StoredJob {
  const crossChecks = { secretHex: "5e".repeat(32), terms: null, anchors: 0, certificate: null };
  return { ...storedJob("job", { ...JOB, ...submission }, rows, 1_000), crossChecks, ...changes };
}

/** @param addresses of how many the crowd of twelve is */
export function begun(options: StoryOptions = {}, addresses = 12, job = checkedJob()): Story {
  const story = crowd(options, addresses);
  story.submitJob(job);
  return story;
}

export function crowd(options: StoryOptions = {}, addresses = 12): Story {
  const story = new Story({ ...options, settings: { ...SETTINGS, ...options.settings } });
  for (let n = 1; n <= 12; n++) story.join(n, `s${n}`, { addressGroup: `address ${n % addresses}` });
  return story;
}

/** Everybody answers until the job has ended, or nothing is out. */
export function toEnd(story: Story, before: () => void = () => {}): void {
  for (let n = 0; n < 4_000 && story.out().length > 0; n++) {
    story.answer(story.out()[0]!, 1);
    before();
  }
}

/** All rounds are durable, and rows wait for a second answer: batches of them alone are out. */
export function toCheckBatches(story: Story): AskedOf<"sendAssignment">[] {
  for (let n = 0; n < 4_000; n++) {
    const next = story.out().find(({ roundIndex }) => roundIndex !== NO_ROUND);
    if (next === undefined) break;
    story.answer(next, 1);
  }
  return story.out();
}

export function everybodyLeaves(story: Story): void {
  for (const sessionId of [...story.state.sessions.keys()]) story.happen({ type: "sessionClosed", sessionId });
}

/** Under other sessions, but for those that were named. */
export function comeBack(story: Story): void {
  for (let n = 1; n <= 12; n++)
    if (quarantineOf(story, `v${n}`) === null) story.join(n, `again ${n}`, { addressGroup: `address ${n}` });
}

export const withDuplicates = (story: Story) =>
  story.asked("audit").filter(({ crossChecked }) => (crossChecked?.duplicates.length ?? 0) > 0);

/** The first result that came with a duplicate is judged: its first duplicate is this, everything else is right. */
export function judge(
  story: Story,
  audit: AskedOf<"audit">,
  first: DuplicateFound | null,
  failed = 0,
  words: readonly WordFound[] = [],
) {
  const { randomRows, classRows, crossChecked } = audit;
  const { anchors = [], duplicates = [] } = crossChecked ?? {};
  const checked = randomRows + classRows + anchors.length + failed;
  return story.happen({
    ...{ type: "audited", ...referenceOf(audit), assignmentId: audit.assignmentId },
    ...{ checked, randomlyChecked: checked - failed, failed, against: null },
    duplicates: duplicates.map((of, i) => (i === 0 ? first : of && "agrees")),
    ...(words.length === 0 ? {} : { words }),
  });
}

export const quarantineOf = (story: Story, volunteerId: string) =>
  story.state.volunteers.get(volunteerId)?.quarantine ?? null;

export function idsOf({ effectId, jobId }: { readonly effectId: number; readonly jobId: string }) {
  return { effectId, jobId };
}
