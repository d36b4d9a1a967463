/** What the dashboard says about every coded run. Sentences for people, as in client/ui/texts.ts. */
import type { CodedEndKind } from "../../shared/coded/run-view.ts";
import { CODED_SCHEMES, type CodedScheme } from "../../shared/coding/coded-schemes/coded-schemes.ts";
import { plural } from "../ui/plural.ts";
import { dashboard } from "../ui/texts.ts";
import { bytes, chance, count, duration, inWords } from "../ui/units.ts";

/** 1.5, 2, 1.33 */
const short = (value: number) => String(Number(value.toFixed(2)));

const ends: Record<CodedEndKind, string> = dashboard.jobs.ends;

export const codedTexts = {
  form: {
    file: {
      uploading: "Uploading",
      uploaded: (shape: readonly number[], dtype: string) => `${shape.map(count).join(" x ")}, ${dtype}`,
    },
    code: {
      legend: "Code",
      scheme: "Scheme",
      dataVolunteers: "K",
      dataVolunteersHint: "tabs that would be enough if all were quick and honest",
      stragglers: "S",
      stragglersHint: "tabs that may be slow",
      liars: "M",
      liarsHint: "tabs that may lie",
      colluders: "T",
      colludersHint: "tabs that may put their data together",
      volunteers: "N",
      volunteersHint: "tabs in all; empty: as many as the code needs",
      shardsPerVolunteer: "g",
      shardsPerVolunteerHint: "pieces for each tab",
      byInvitation: "Such a job runs on tabs that you invite: the links are shown once, after it has been submitted.",
    },
    names: "Names",
    problems: {
      stillUploading: "Wait until the files are uploaded.",
    },
  },

  estimate: {
    title: "What it will cost",
    unknown: "Known once data and settings are complete.",
    asking: "Calculating.",
    impossible: "Not known yet: see the notes beside the fields.",
    tabs: "Tabs",
    tabsText: (needed: number, ready: number) =>
      `${count(needed)} needed, ${count(ready)} ready${ready < needed ? `; the job waits for ${count(needed - ready)} more` : ""}`,
    share: "Data for each tab",
    shareText: (size: number) => `${bytes(size)}, fetched once`,
    step: (step: string) => `Each ${step}`,
    stepText: (down: number, up: number, products: number) =>
      `${bytes(down)} to and ${bytes(up)} from each tab, ${inWords(products)} multiplications`,
    total: "In all",
    totalText: (rounds: number, size: number) => `${plural(rounds, "round", "rounds")}, ${bytes(size)} of traffic`,
    redundancy: "Spare work",
    redundancyText: (redundancy: number) =>
      redundancy === 1 ? "none" : `${short(redundancy)} times the work without a code`,
    checking: "Checking",
    checkingText: (share: number) =>
      share === 0 ? "nothing is checked" : `${short(100 * share)} % of the multiplications that it checks`,
    time: "Time",
    timeText: (finishMs: number | null) =>
      finishMs === null
        ? "not known: no tab’s speed has been measured yet"
        : `about ${duration(finishMs)} of computing, by the speeds measured so far`,
  },

  invitations: {
    title: (name: string) => `Invitations to ${name}`,
    once: "These links are shown only now. Each link lets one volunteer in: the first who opens it. Keep the links before you close this box.",
    copy: "Copy",
    copied: "Copied",
    copyAll: "Copy all",
    link: (n: number) => `Invitation ${n}`,
    done: "I have kept them",
  },

  job: {
    code: (job: {
      scheme: CodedScheme;
      dataVolunteers: number;
      stragglers: number;
      liars: number;
      colluders: number;
      volunteerCount: number;
    }) =>
      `${CODED_SCHEMES[job.scheme].words.title}, K = ${job.dataVolunteers}, S = ${job.stragglers}, M = ${job.liars}` +
      `${job.colluders > 0 ? `, T = ${job.colluders}` : ""}, ${plural(job.volunteerCount, "tab", "tabs")}`,
    remaining: (ms: number | null) => (ms === null ? "time left not known" : `about ${duration(ms)} left`),
    ended: (kind: CodedEndKind, reason: string) =>
      `${ends[kind].charAt(0).toUpperCase()}${ends[kind].slice(1)}: ${reason}.`,
    facts: {
      tabs: (n: number) => `${plural(n, "tab", "tabs")} at work`,
      shards: (held: number, all: number) => `${count(held)} of ${plural(all, "piece", "pieces")} of the data in place`,
      liars: (n: number) => (n === 1 ? "1 liar named" : `${count(n)} liars named`),
      codes: (n: number) => (n === 1 ? "the code changed once" : `the code changed ${count(n)} times`),
    },
  },

  events: {
    title: "What happened",
    none: "Nothing out of the ordinary so far.",
    within: (step: string, n: number) => `${step.charAt(0).toUpperCase()}${step.slice(1)} ${count(n)}`,
    after: (n: number) => `After ${count(n)}`,
    liar: (result: string, nickname: string) =>
      `${nickname} sent a wrong result and was shut out. The wrong result never reached the ${result}.`,
    liarBelieved: (nickname: string) => `${nickname} was found to send wrong results.`,
    code: (blocks: number, generation: number, reason: string) =>
      `The code changed (number ${count(generation)}, ${plural(blocks, "block", "blocks")} of data): ${reason}.`,
    slow: (names: readonly string[]) =>
      `Slow now: ${names.join(", ")}. The job does not wait for them while other tabs are enough.`,
  },

  volunteers: {
    title: "Volunteers of this job",
    none: "No volunteer has joined yet.",
    columns: {
      volunteer: "Volunteer",
      state: "State",
      shards: "Pieces",
      results: "Results taken",
      points: "Points given",
    },
    states: { liar: "lied", gone: "gone", slow: "slow", prompt: "prompt" },
  },

  receipt: {
    title: "Receipt",
    rounded: "Rounded",
    checked: "How results were checked",
    methods: {
      freivalds: (keys: number, perResult: number) =>
        `Every result was multiplied with ${plural(keys, "secret vector", "secret vectors")} and compared before it could ` +
        `count. A wrong result passes this check with a chance of at most ${chance(perResult)}.`,
      votes:
        "Several volunteers computed each block, and enough equal results decided. This is right as long as no more " +
        "volunteers lie than the job allows for; beyond that there is no bound.",
      "reed-solomon":
        "Results were decoded with an error-correcting code. The code corrects as many wrong results as the job allows for; beyond that there is " +
        "no bound beyond that.",
      none: "Nothing was checked. Every result was believed, so nothing can be said about the chance of an error.",
    },
    whole: (results: number, bound: number) =>
      `Over the ${plural(results, "result", "results")} checked, the chance that any wrong result was used is at most ${chance(bound)}.`,
    rejected: (n: number) =>
      n === 0 ? "No result was rejected." : `${plural(n, "result was", "results were")} rejected.`,
    corrected: (n: number) => `${plural(n, "wrong result was", "wrong results were")} corrected.`,
    undecoded: (result: string, n: number) =>
      `In ${plural(n, "round", "rounds")} there were more wrong results than the code corrects. These results were used all the same: do not trust the ${result}.`,
    computed: "What was computed",
    computedText: (step: string, n: number, end: CodedEndKind, reason: string) =>
      `${plural(n, step, `${step}s`)} (${ends[end]}: ${reason}).`,
    codeText: (volunteers: number, shards: number, blocks: number, redundancy: number) =>
      `${plural(shards, "piece", "pieces")} of ${plural(blocks, "block", "blocks")} of data on ${plural(volunteers, "tab", "tabs")}: ` +
      `${short(redundancy)} times the work without a code.`,
    points: (issued: number) =>
      `${plural(issued, "evaluation point was", "evaluation points were")} given out, one a volunteer.`,
    hashes: "Fingerprints (sha-256)",
  },
};
