/** What the operator's page says. Sentences for people, as in texts.ts. */
import { BACKUPS_SCHEDULED_MAX } from "../../shared/protocol/limits.ts";
import { plural } from "./plural.ts";
import { count, duration, percent } from "./units.ts";

export const operatorTexts = {
  title: "Operator",
  lead: "The state of this coordinator, its volunteers, the quarantined ones with the evidence against them, and what happened in each job.",
  outOfDate: (message: string) => `Out of date: ${message}`,
  loading: "Loading",
  queue: {
    title: "Queue",
    none: "No job has been submitted.",
    audit: "Rows recomputed to check tabs",
    auditText: (rows: number, share: number | null) =>
      share === null ? count(rows) : `${count(rows)}, ${percent(share)} of all queries`,
    failed: "Of them different",
    rows: {
      waiting: "Waiting rows",
      oldest: "Oldest answer that is not final",
      trusted: "Trusted rows, beside their price",
      trustedText: (trusted: number, priced: number, all: number) =>
        `${percent(all === 0 ? 0 : trusted / all)}, ${percent(all === 0 ? 0 : priced / all)} told`,
      namings: "Named within an hour",
      nothing: "none",
    },
    columns: { job: "Job", submitter: "For", state: "State", progress: "Done", audits: "Recomputed", log: "Log" },
    openOf: (name: string) => `Open the log of ${name}`,
  },
  cells: {
    title: "Coordinators",
    columns: { name: "Cell", state: "State", tabs: "Tabs ready", jobs: "Jobs", up: "Up for" },
    hint: "Tabs and jobs are counted as each cell last told. Tables of tabs, back-ends and evidence below are those of the cell that answers here.",
    unnamed: "without a name",
    own: "answers here",
    tabsText: (ready: number, all: number) => `${count(ready)} of ${count(all)}`,
    silent: (heardAgoMs: number, takeoverInMs: number) =>
      `Not heard of for ${duration(heardAgoMs)}. Unless it comes back, another cell goes on with its jobs in ${duration(takeoverInMs)}.`,
    gone: (heardAgoMs: number, by: string | null) =>
      `Not heard of for ${duration(heardAgoMs)}. ${by === null || by === "" ? "Another cell" : `Cell ${by}`} has gone on with its jobs.`,
    stopped: (agoMs: number) => `Stopped in good order ${duration(agoMs)} ago.`,
    versions: "The cells run different versions. Stop and start the older ones, one after the other.",
  },
  tokens: {
    title: "Tokens",
    none: "No tokens are needed here: anybody who reaches this coordinator may do everything. With PARITAB_AUTH=on tokens are needed.",
    columns: { submitter: "For", scopes: "May", made: "Made", state: "State", used: "Used last" },
    link: "a link to one job",
    until: (when: string) => `good until ${when}`,
    forEver: "good until it is revoked",
    expired: "expired",
    revoked: "revoked",
    neverUsed: "not since the start",
    revoke: "Revoke",
    revokeOf: (submitter: string, tokenId: string) => `Revoke the token ${tokenId} of ${submitter}`,
    refused: (message: string) => `Not done: ${message}`,
    make: "Make a token",
    submitter: "For whom",
    days: "Valid for so many days (empty: until it is revoked)",
    daysWrong: "Days must be a whole number above 0, or empty.",
    made: "The token, shown only once:",
    scopes: "With this token one may submit, read and cancel the jobs of that name.",
  },
  house: {
    title: "House-keeping",
    refused: (message: string) => `Not done: ${message}`,
    intake: "New jobs",
    open: "New jobs and uploads are taken.",
    paused: (reason: string, when: string) => `No new jobs since ${when}: “${reason}”. Jobs that are here go on.`,
    reason: "Why no new jobs are taken",
    reasonHint: "Submitters read this sentence.",
    pause: "Take no new jobs",
    resume: "Take new jobs again",
    storage: "On the disk",
    free: "Free",
    noDisk: "the disk does not answer",
    freeText: (free: string, reserved: string) => `${free}; below ${reserved} new jobs are refused`,
    database: "Database",
    blobs: "Models and data",
    blobsText: (size: string, files: number) => `${size} in ${plural(files, "file", "files")}`,
    others: "Logs, keys and /v1",
    backups: "Backups",
    backupsHint: (directory: string, database: "SQLite" | "PostgreSQL") =>
      database === "SQLite"
        ? `A backup holds the data directory as of one moment. Backups lie in ${directory}: copy them to another disk. Stop the coordinator first, then “npm run backups -- restore” puts the latest one back.`
        : `A backup holds a dump of the PostgreSQL database as of one moment, made by pg_dump, and the data directory. Backups lie in ${directory}: copy them to another disk. Stop the coordinator first, then “npm run backups -- restore” puts the latest one back, into an empty database that you make with createdb.`,
    lastBackup: (when: string | null) => (when === null ? "There is no backup yet." : `The latest backup: ${when}.`),
    schedule: (everyMs: number | null) =>
      everyMs === null
        ? "None is made by itself: set PARITAB_BACKUP_EVERY_HOURS."
        : `One is made every ${plural(everyMs / 3_600_000, "hour", "hours")}, and the latest ${BACKUPS_SCHEDULED_MAX} of these are kept.`,
    notMade: (problem: string) => `The backup that is due was not made: ${problem}`,
    bySchedule: "by the schedule",
    backUp: "Back up now",
    working: "Working",
    remove: "Remove",
    removeOf: (name: string) => `Remove the backup ${name}`,
    columns: { name: "Made", files: "Files", bytes: "Size" },
  },
  backends: {
    title: "Back-ends and speeds",
    none: "No tab is connected.",
    columns: {
      backend: "Computes with",
      tabs: "Tabs",
      median: "Median answer",
      verified: "Verified",
      late: "Late",
    },
    name: (backend: string, precision: string | null) =>
      precision === null ? `${backend}, not measured` : `${backend}, ${precision}`,
    unmeasured: "–",
  },
  auditors: {
    title: "Auditors",
    columns: { name: "Machine", seats: "At once", rows: "Rows computed", checked: "Pieces compared" },
    came: (when: string) => `came ${when}`,
    dismissed: (why: string) => `dismissed: ${why}`,
  },
  quarantine: {
    title: "Quarantined volunteers",
    none: "Nobody is quarantined, and nobody ever was.",
    isIn: "quarantined",
    isOut: "released",
    /** @param round -1: the job has none */
    found: (when: string, round: number, job: string) =>
      `Found ${when}, in ${round < 0 ? "rows" : `round ${count(round + 1)}`} of ${job}.`,
    record: (passed: number, failed: number) =>
      `Record: ${plural(passed, "audited row", "audited rows")} right, ${count(failed)} wrong.`,
    released: (when: string, reason: string) => `Released ${when}: “${reason}”`,
    evidence: "Evidence",
    noEvidence:
      "The numbers themselves were not kept: the check does not compute the right product, and the log of a job has a limit.",
    /** @param round -1: the job has none */
    evidenceOf: (worker: number, round: number) =>
      round < 0 ? "Rows that differ" : `Worker index ${count(worker)} of round ${count(round + 1)}`,
    columns: { row: "Row", received: "Sent", expected: "Expected", deviation: "Off by" },
    deviationText: (deviation: number) => `${deviation.toPrecision(3)} of its rms`,
    reason: "Why it may work again",
    reasonHint:
      "The reason is kept with the volunteer and in the audit log. The volunteer begins as a newcomer; work that was redone stays redone.",
    release: "Release",
    byJob: (named: number, job: string) => `${count(named)} volunteers are quarantined by ${job}.`,
    releaseAll: "Release all of them",
    refused: (message: string) => `Not released: ${message}`,
  },
  bans: {
    title: "Bans",
    note: "The coordinator turns these volunteers and networks away, closes their tabs and tells them why. Work that was checked before still counts. A ban outlasts restarts.",
    none: "Nobody is banned.",
    columns: { who: "Who", reason: "Why", since: "Since", until: "Until" },
    forGood: "lifted",
    untilText: (untilMs: number) =>
      new Date(untilMs).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" }),
    lift: "Lift",
    liftOf: (who: string) => `Lift the ban of ${who}`,
    who: "Whom to ban",
    network: "A network of addresses",
    prefix: "Network",
    prefixHint:
      "Such as 203.0.113.0/24 or 2001:db8::/48. The coordinator stores no addresses: your proxy’s log may have them.",
    reason: "Why",
    reasonHint: "The banned volunteer reads this.",
    howLong: "For how long",
    days: (days: number | null) =>
      days === null ? "until it is lifted" : days < 1 ? "an hour" : plural(days, "day", "days"),
    ban: "Ban",
    refused: (message: string) => `Not done: ${message}`,
  },
  log: {
    title: "What happened in a job",
    choose: "Job",
    none: "Choose one",
    fetching: "Fetching the log",
    failed: (message: string) => `No log: ${message}`,
    cut: "The log grew beyond the limit for one job; later entries are missing.",
    what: "What",
    everything: "everything",
    volunteer: "Volunteer",
    everybody: "everybody",
    round: "Round",
    position: (at: number, all: number) => `Entry ${count(at)} of ${count(all)}`,
    nothing: "No entry fits.",
    first: "First",
    back: "Back",
    forward: "Forward",
    last: "Last",
    steps: "Step through the log",
    download: "Download as JSON",
    columns: { at: "After", what: "What", round: "Round", worker: "Index", volunteer: "Volunteer", detail: "More" },
    at: (ms: number) => duration(ms),
    roundText: (round: number, generation: number | undefined) =>
      generation === undefined || generation === 0
        ? count(round + 1)
        : `${count(round + 1)}, again ${count(generation)}`,
    standing: {
      title: "At this moment",
      out: "Batches out",
      answered: "Answered",
      passed: "Checks passed",
      failed: "Checks failed",
      published: "Rounds with answers",
      withdrawn: "Withdrawals",
    },
  },
};
