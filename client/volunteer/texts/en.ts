/**
 * The English of the volunteer's page, and the measure of the other languages: what stands here, each of them has. Nothing here punishes:
 * what goes wrong is a difference, and something to try. Longer than 500 lines, so that whoever translates has one file to write.
 */
import { MODEL_BYTES_MAX, TAB_SHARD_CACHE_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import type { InvitationStanding, SeatRefusal } from "../../../shared/protocol/messages.ts";
import { jobEnds } from "../../ui/job-ends.ts";
import { common } from "../../ui/texts.ts";
import type { ClockWords, Formats } from "./formats.ts";
import type { BatteryUse, CostFigures, WordsOfKinds } from "./text-types.ts";
import { timesTheWork } from "./threads-gain.ts";

const clock: ClockWords = {
  midnight: "midnight",
  today: (clock) => clock,
  tomorrow: (clock) => `${clock} tomorrow`,
  weekday: (day, clock) => `${clock} on ${day}`,
};

const texts = ({ bytes, clockTime, count, duration, inWords, list, percent, plural, ...formats }: Formats) => ({
  frame: common,
  language: { label: "Language", failed: "This language could not be loaded. Try again in a moment." },
  title: "Lend this tab to a computation",
  lead: "Paritab spreads machine-learning work over browser tabs and checks what comes back. Your tab answers a small part of it.",
  statusLabel: "What this tab is doing",
  wentOn: {
    update: "The page was updated and went on by itself.",
    visit:
      "This page goes on as you left it last time. Press “Stop at once” to end that. A rule below keeps the page from going on by itself.",
  },
  forcedBackend: (backend: string) => `This address allows just one back-end: ${backend}.`,
  invited: "This address brings an invitation to a private job. It is used when you press Start.",
  invitation: {
    yours: "You are invited to a private job: this browser gets a share of its data.",
    taken:
      "Another browser has used the invitation in this address, and an invitation lets in only one browser. Ask the sender for another link.",
    ended: "The private job of the invitation in this address has ended.",
    unknown:
      "This coordinator does not know the invitation in this address. Was the whole link copied, and is it a link to this coordinator?",
  } satisfies Record<InvitationStanding, string>,
  invitationAsked: "Asking the coordinator about the invitation in this address.",
  openJobs: "This tab works for open jobs.",
  /** A code from a sheet that a teacher hands out: it says that this browser is one of the class. */
  seat: {
    brought: "This page has a code for a seat. It is used when you press Start.",
    asked: "Asking the coordinator about the code for a seat.",
    yours: (number: number, sheet: string) => `You sit at seat ${count(number)} of ${sheet}.`,
    refusals: {
      unknown: "This coordinator does not know the code for a seat. Compare it with your sheet, letter by letter.",
      taken: "Somebody else has this seat: ask your teacher for another code.",
      elsewhere: "The code for a seat is for another network. Are you in the network of your class?",
      ended: "The code for a seat does not hold any more: ask your teacher for another one.",
    } satisfies Record<SeatRefusal, string>,
    worksAnyway: "This tab works without a seat.",
    title: "I have a code from a sheet",
    hint: "Whoever made the sheet sees that this browser has the seat, its nickname, and how many rows it computed.",
    code: "Code",
    use: "Use the code",
    isNone: "A code has eight letters and digits, and none of them is 0, O, 1, I, L or U.",
  },

  buttons: {
    start: "Start",
    pause: "Pause",
    resume: "Resume",
    finish: "Finish, then stop",
    stop: "Stop at once",
    label: "Controls",
    pauseFor: "Pause for",
    pauseHours: (hours: number) => plural(hours, "hour", "hours"),
    pauseUntilMorning: (morningMs: number, nowMs: number) => `until ${clockTime(morningMs, nowMs)}`,
  },
  /** The middle is a link. */
  startNote: {
    before: "Nothing is computed before you press Start. By pressing Start you accept the ",
    link: "points under “Before you start”",
    after: ".",
  },
  atStart: {
    costs: "It costs",
    costsText: ({ threads, cores, intensity, watts, capMb, battery }: CostFigures) =>
      `${plural(threads, "processor core", "processor cores")} of ${count(cores)} for ${percent(intensity)} of the time, some ${formats.rough(watts)} W. ` +
      (capMb === null
        ? `Traffic: each job’s model once (${bytes(MODEL_BYTES_MAX)} at most), then its rows. `
        : `Traffic: ${count(capMb)} MB a day at most. `) +
      (
        {
          never: "Nothing while on battery.",
          unknown: "Your browser does not tell of a battery: plug a laptop in.",
          also: "On battery too.",
        } satisfies Record<BatteryUse, string>
      )[battery],
    gains: "Who gains",
    gainsUnknown: "Whoever submits jobs here. This page names each job, and for whom it is.",
    gainsNobodyYet:
      "Nobody right now: no job is running. Later whoever submits one; this page names it, and for whom it is.",
    gainsNone: "Nobody: you said no to all jobs that run now.",
    gainsText: (jobs: readonly { readonly name: string; readonly submitter: string }[], more: number) =>
      list([
        ...jobs.map(({ name, submitter }) => `${submitter} (“${name}”)`),
        ...(more === 0 ? [] : [plural(more, "more job", "more jobs")]),
      ]),
    stops: "It stops",
    stopsText: (goesOn: boolean): string =>
      goesOn
        ? "When you press “Stop at once”. Closing the page stops it too, until you open the page again."
        : "When you press “Stop at once”, or close the page.",
  },
  intensity: {
    label: "Intensity",
    value: (share: number) => percent(share),
    hint: (share: number) =>
      share >= 1 ? "Computes all the time." : `Computes ${percent(share)} of the time and rests in between.`,
  },

  activity: {
    notStarted: { title: "Not running", sentence: "Press Start to lend this tab. Until then it does nothing." },
    stopped: {
      title: "Stopped",
      sentence: "The connection is closed and nothing is computed. Start again whenever you like.",
    },
    finished: {
      title: "Finished",
      sentence: "The batch in hand was finished and sent, and the connection is closed. Thank you.",
    },
    calibrating: {
      title: "Getting ready",
      sentence: "Trying which part of your device computes fastest, and whether it computes correctly.",
    },
    connecting: {
      title: "Connecting",
      sentence: "Opening a connection to the coordinator and proving this browser’s key.",
    },
    reconnecting: (why: string, inMs: number) => ({
      title: "Reconnecting",
      sentence: `${why} ${inMs < 1_000 ? "Trying again now." : `Trying again in ${Math.ceil(inMs / 1_000)} s.`}`,
    }),
    waiting: {
      title: "Waiting for work",
      sentence: "Idle because no job has a batch for this tab right now. The next one starts by itself.",
    },
    probe: {
      title: "Taking the entrance test",
      sentence: "Answering a question whose answer the coordinator knows.",
      what: "An entrance test: does this device compute right?",
    },
    anyAssignment: {
      title: "Computing",
      sentence: "Working on the job below.",
      what: "A calculation that is spread over many tabs.",
    },
    resting: (inMs: number) => ({
      title: "Resting",
      sentence: `Between two batches, as your intensity asks. The next one may begin ${inMs < 1_000 ? "now" : `in ${Math.ceil(inMs / 1_000)} s`}.`,
    }),
    updating: { title: "Updating", sentence: "The coordinator serves a newer version of this page. Reloading." },
    pleaseReload: {
      title: "Please reload",
      sentence:
        "The coordinator serves another version of this page, and reloading once did not bring that version. Reload again without the cache.",
    },
    elsewhere: {
      title: "Already running in another tab",
      sentence:
        "Only one tab of a browser works at a time: two would share the same processor. Stop the other tab to start here.",
    },
  },
  /** One sentence a rule: which one holds work back, and until when where that is known. */
  holds: {
    title: "Paused",
    finishingTitle: "Finishing",
    finishing: "Finishing the batch in hand, then stopping. Nothing new is taken.",
    paused: "Paused by you. Press Resume to go on.",
    pausedUntil: (untilMs: number, nowMs: number) => `Paused by you until ${clockTime(untilMs, nowMs)}.`,
    schedule: (untilMs: number, nowMs: number) => `Paused until ${clockTime(untilMs, nowMs)} by your schedule.`,
    emptySchedule: "Paused by your schedule, which has no hour in it.",
    battery: "Paused because your device runs on its battery. It goes on once it is plugged in.",
    "in-use": "Paused while you use your computer. It goes on once you have been away for a minute.",
    "save-data": "Paused because your browser asks sites to save data.",
    cellular: "Paused because your device is on a mobile network. It goes on once there is Wi-Fi or a cable.",
    "data-cap": (capMb: number, untilMs: number, nowMs: number) =>
      `Paused until ${clockTime(untilMs, nowMs)}: today’s ${count(capMb)} MB are used up.`,
    pressure:
      "Paused because other programs keep your computer under heavy load, or it is hot. It goes on gently half a minute after that has passed.",
    "pressure-look": "Stopped for some seconds, to see whether the load of your computer comes from this tab.",
    batchInHand: "The batch in hand is finished first.",
    change: "Change this rule",
  },
  eased: (share: number, loadOf: "own" | "others" | null) => {
    const pace = `Your intensity is ${share === 0.5 ? "halved" : "quartered"} for now`;
    if (loadOf === "own") return `${pace}: this tab’s own work keeps your computer busy.`;
    if (loadOf === "others") return `${pace}: other programs keep your computer busy.`;
    return `${pace}, because your computer is busy or hot.`;
  },

  losses: {
    unreachable: "The coordinator cannot be reached.",
    lost: "The connection was lost.",
    offline: "This device is offline.",
    slept: "This computer was asleep.",
    "no-welcome": "The coordinator did not answer the greeting.",
    overloaded: "The coordinator has as many tabs as it can serve.",
    unresponsive: "The coordinator did not hear from this tab in time.",
    "seat-ended": "Your seat has ended: this tab computes on without it.",
    "shutting-down": "The coordinator is restarting.",
    "seat-code": "This tab comes again with its code for a seat.",
    elsewhere: "Another coordinator of this service has work for this tab.",
    other: "The coordinator closed the connection.",
  },
  refusals: {
    "wrong-answers": {
      title: "Your device gave a different answer",
      sentence:
        "A sample of its work came out differently when it was computed again, so this coordinator sends it no more work. That " +
        "happens to honest devices: an overheated or overclocked processor, faulty memory, or an imprecise graphics driver.",
    },
    banned: {
      title: "Banned from this coordinator",
      sentence:
        "The operator of this coordinator takes no work from this browser or its network. A person decided that; it says nothing about " +
        "your answers. Other volunteers got the work that this browser had in hand.",
    },
    "too-many-sessions": {
      title: "Too many tabs",
      sentence: "Too many tabs with this browser’s key are connected. Close one and start again.",
    },
    other: { title: "Not connected", sentence: "The coordinator does not take this tab." },
  },
  breakages: {
    "insecure-context": {
      title: "This address is not secure",
      sentence:
        "Browsers allow keys and locks only on https:// addresses and on localhost. Ask the operator of this coordinator for " +
        "its https:// address; a reverse proxy such as Caddy adds one in a minute.",
    },
    "no-identity": {
      title: "No key",
      sentence: "This browser could not make or keep a key. Private windows of some browsers forbid it.",
    },
    "no-back-end": {
      title: "Cannot compute here",
      sentence: "No part of this browser computes the test question correctly.",
    },
    "compute-thread": {
      title: "Stopped after errors",
      sentence: "The part of this page that computes ended several times. Press Start to try again.",
    },
  },
  saysCoordinator: (message: string) => `The coordinator says: “${message}”`,

  now: {
    title: "Working on",
    job: "Job",
    latestJob: "Latest job",
    noJob: "none yet",
    nothing: "–",
    submitter: "For",
    what: "What it is",
    purpose: "What for",
    batch: "Batch",
    batchText: (rows: number) => plural(rows, "row", "rows"),
    data: "Data",
    dataText: (receivedBytes: number, sentBytes: number) =>
      `${bytes(receivedBytes)} of numbers came in, ${bytes(sentBytes)} go out`,
    progress: "How far along",
    test: "Entrance test",
    testFor: "the coordinator",
    testPurpose: "The coordinator learns how exactly this device computes.",
    purposeText: (purpose: string) => `“${purpose}”`,
    follow: "Follow this job",
    refuse: "No to this job",
  },
  facts: {
    title: "So far",
    credit: "Verified work",
    creditUnit: "multiply-adds",
    creditText: (macs: number) => inWords(macs),
    creditNote: (passed: number | null, next: number) =>
      `By your key, over all visits. Each piece of work counts once, after its answers have been checked. ` +
      (passed === null ? `First milestone: ${inWords(next)}.` : `Past ${inWords(passed)}; next: ${inWords(next)}.`),
    speed: "Speed now",
    speedText: (perSecond: number) => inWords(Math.round(perSecond)),
    speedUnit: "a second",
    noSpeed: "not yet known",
    noSpeedNow: "none",
    speedNote: "Verified multiply-adds of the last minute, rests and waits included.",
    done: "Batches since the last start",
    doneNote: (verified: number, late: number, failed: number, cancelled: number) => {
      const parts = [
        late > 0 ? `${count(late)} late` : "",
        cancelled > 0 ? `${count(cancelled)} no longer needed` : "",
        failed > 0 ? `${count(failed)} that could not be done` : "",
      ].filter((part) => part !== "");
      const besides = parts.length === 0 ? "" : ` Besides: ${parts.join(", ")}.`;
      return `${count(verified)} verified so far.${besides}`;
    },
    energy: "Energy since the last start",
    energyText: (wh: number) => formats.wattHours(wh),
    energyNote: (computedMs: number, watts: number) =>
      `A guess: ${duration(computedMs)} of computing times ${count(watts)} W a thread, which you can set under “Your rules”.`,
    traffic: "Traffic since the last start",
    trafficText: (size: number) => bytes(size),
    trafficNote: (todayBytes: number) => `${bytes(todayBytes)} today.`,
    backend: "Computes with",
    backends: { webgl: "WebGL", wasm: "WebAssembly", cpu: "JavaScript", webgpu: "WebGPU" },
    noBackend: "not chosen yet",
    candidateTime: (name: string, ms: number) => `${name} ${duration(ms)}`,
    candidateOut: (name: string) => `${name} not usable`,
    key: "Your key",
    noKey: "made at the first Start",
    lastError: "Last problem",
    choice: (modelSha256: string, backend: string) => `Model ${modelSha256.slice(0, 8)} is computed with ${backend}.`,
    choiceTime: (backend: string, msPerRow: number) => `${backend}: ${formats.rough(msPerRow)} ms a row`,
    choiceOut: (backend: string, problem: string) => `${backend} is not used: ${problem}`,
    unfit: (jobName: string) => `Not for “${jobName}”:`,
  },
  choose: {
    title: "What you work for",
    atWork: "Jobs at work",
    asking: "Asking the coordinator …",
    none: "No job is running now.",
    takesAny: "This tab takes any job that comes.",
    more: (jobs: number) => `And ${plural(jobs, "more job", "more jobs")}.`,
    forWhom: (submitter: string) => `for ${submitter}`,
    what: (kind: string) => `${kind}:`,
    left: (share: number) => ` (${percent(1 - share)} is left)`,
    refuse: "No",
    refuseNamed: (name: string) => `No to ${name}`,
    take: "Take it again",
    takeNamed: (name: string) => `Take it again: ${name}`,
    refused: "You said no to it.",
    otherProject: "Not among your projects.",
    projects: "Projects: whom the jobs are for",
    all: "All of them",
    these: "Only these",
    noProject: "None is chosen, so this tab gets no work.",
    checksToo:
      "A “No” takes effect at once, and your work counts as before. One thing changes: if you choose your jobs, you do not check other people’s work on them.",
    doesNotCheck:
      "You chose, so you are not asked to check other people’s work on these jobs. Otherwise a group could pick one job and vouch for each other. Your own work counts as before.",
  },
  helped: {
    title: "Jobs you helped with",
    columns: { job: "Job", submitter: "For", progress: "How far along" },
    unknown: "not known any more",
    ends: jobEnds as Readonly<Record<string, string>>,
    follow: (name: string) => `Follow ${name}`,
  },
  news: {
    title: "Since your last visit",
    gone: "it was deleted, or the coordinator no longer keeps it.",
    ended: (end: string, progress: string, own: string) => `${end}, ${progress}. ${own}`,
  },
  history: {
    title: "Latest batches",
    columns: { job: "Job", submitter: "For", work: "Work", time: "Time", outcome: "Outcome" },
    work: (work: string) => (work === "shard" ? "share of the data" : work),
    outcomes: { answered: "sent", late: "came late", cancelled: "not needed", failed: "could not be done" },
  },
  days: {
    title: "Your days",
    shortDay: formats.shortDay,
    today: "today",
    chart: (days: number) => `Verified multiply-adds a day, the last ${plural(days, "day", "days")}`,
    day: (day: string, macs: number, batches: number, computedMs: number) =>
      `${formats.shortDay(day)}: ${inWords(macs)} multiply-adds, ${plural(batches, "batch", "batches")}, ${duration(computedMs)} of computing`,
    sum: (days: number, macs: number, computedMs: number, wh: number) =>
      `${plural(days, "day", "days")} with work in this browser: ${inWords(macs)} verified multiply-adds, ${duration(computedMs)} of computing, about ${formats.wattHours(wh)}.`,
  },
  how: {
    title: "How it works",
    steps: [
      "A job’s questions go out in small batches: some as they are, some as mixtures of several. A job that trains on data sends each tab one mixture of the data, to keep while it runs.",
      "If a tab is slow or closes, the mixtures stand in for its answers, so nobody waits for it.",
      "The coordinator has secret samples computed again. It finds answers that differ, and other tabs do their work again.",
    ],
    picture:
      "Five tabs: four hold questions, one a mixture of them. One answer is missing, and the mixture fills it in.",
  },
  consent: {
    title: "Before you start",
    items: (host: string, operatedBy: string | null): { term: string; text: string }[] => [
      {
        term: "Who runs it",
        text: `${operatedBy === null ? "" : `${operatedBy}. `}The coordinator at ${host}. Its operator chooses the jobs. While you work on a job, this page names the job and its submitter.`,
      },
      {
        term: "What runs here",
        text: "Only the code of this page: fixed numerical routines in a background thread. Jobs bring models and numbers as data, never code. No coins are mined.",
      },
      {
        term: "What stays in this tab",
        text: `While it runs, its memory holds the models that it was sent and, for jobs that train on data, a coded share of that data: up to ${bytes(TAB_SHARD_CACHE_BYTES_MAX)} for each compute thread. Stop or close the tab and it is gone. The share is never written to your disk.`,
      },
      {
        term: "What leaves your device",
        text: "The answers computed from the job’s own rows, how long they took, which back-end computed them, which of your rules pauses the tab, a public key, and your nickname and team if you give them: everybody can read those. Nothing of your files, history or other tabs.",
      },
      {
        term: "Who you are",
        text: "No account. A key made in this browser proves that earlier work was yours; its secret half cannot leave the browser. Clearing this site’s data forgets it. A link that you make lets another device work under your name.",
      },
      {
        term: "When it goes on",
        text: "Until you press Stop. If you reload this page, or open it again another day, it goes on as you left it, paused if it was paused; a rule turns that off.",
      },
      {
        term: "What it costs you",
        text: "Processor time, electricity and some traffic, within the rules that you set. A laptop may get warm.",
      },
      {
        term: "Trust goes both ways",
        text: "Secret samples of the answers are computed again. If they differ, other tabs do the work again, and this device gets no more work.",
      },
    ],
  },
  rules: {
    title: "Your rules",
    note: "Your rules hold at once, and this browser remembers them.",
    doesNotTell: "Your browser does not say this, so this rule has no effect here.",
    mains: "Only while plugged in",
    mainsNow: { mains: "Plugged in now.", battery: "On battery now.", unknown: "Your browser has not said yet." },
    pressure: "Ease off when the computer is busy or hot",
    pressureHint:
      "The tab works less while your computer is under load. It pauses only for load of other programs that began after Start and stays critical for minutes, never for its own.",
    idle: "Only while I am away",
    idleHint: "A minute without keyboard and mouse. Your browser asks you once whether this page may know.",
    idleNow: { idle: "You are away now.", active: "You are here now.", unknown: "Your browser has not said yet." },
    idleRefused: "Permission to detect idle time was denied, so this rule is off.",
    saveData: "Not while my browser saves data",
    saveDataHint: "Some browsers have a setting that asks every site to spare data.",
    cellular: "Not on a mobile network",
    cellularHint: "Only on Wi-Fi or a cable.",
    dataCap: "Limit the traffic of a day",
    dataCapUnit: "MB a day",
    schedule: "Only at certain hours",
    scheduleHint: "By this device’s clock. An end that is not later than the beginning is on the next day.",
    weekdays: formats.weekdays,
    from: (day: string) => `${day}, from`,
    to: (day: string) => `${day}, until`,
    hour: (hour: number) => `${String(hour).padStart(2, "0")}:00`,
    presets: {
      label: "Set all days to",
      always: "all day",
      nights: "nights",
      evenings: "evenings and weekends",
    },
    threads: "Compute threads",
    threadsUnasked: (threads: number) => `${count(threads)}, as suits this device`,
    threadsHint: (cores: number, threads: number) => {
      const gain =
        threads > 1 ? ` ${count(threads)} threads do about ${count(timesTheWork(threads))} times the work of one.` : "";
      return `This device has ${plural(cores, "processor core", "processor cores")}.${gain} Takes effect at the next start.`;
    },
    nickname: "Nickname",
    nicknameHint: "For the leaderboard. Empty: none. Takes effect at the next start.",
    team: "Team",
    teamHint:
      "The same name as your friends: your verified work counts for it. Empty: none. Takes effect at the next start.",
    goesOn: "Go on when this page is opened again",
    goesOnHint: "Unless you pressed Stop: after a reload or on another day; paused if it was paused.",
    screen: "Keep the screen on while this tab works",
    screenHint:
      "A phone that goes dark suspends its tabs. Off by default, because a screen takes more power than an idle processor.",
    screenNow: {
      unknown: "Your browser cannot keep a screen on, so this rule does nothing here.",
      off: "The screen stays on while the tab works and is visible, not while it is paused.",
      on: "The screen stays on now.",
      refused: "Your browser will not keep the screen on just now; a low battery is one reason.",
    },
    watts: "Watts of one busy thread",
    wattsHint: "For the estimate of energy. 10 W suits a laptop; a meter at the plug knows better.",
  },
  leaderboard: {
    title: "Leaderboard",
    note: "By verified multiply-adds. Only checked work counts.",
    none: "No volunteer has verified work here yet.",
    columns: { rank: "Place", name: "Nickname", macs: "Verified" },
    you: "you",
    failed: "The leaderboard could not be fetched.",
  },
  teams: {
    title: "Teams",
    note: "A team is a name that several volunteers give under “Your rules”. A team’s total is its current members’ verified work.",
    none: "No team has verified work here yet. Give a name under “Your rules” to begin one.",
    columns: { rank: "Place", name: "Team", members: "Members", macs: "Verified" },
    yours: "yours",
    failed: "The teams could not be fetched.",
  },
  phone: {
    title: "Bring your phone",
    text: "Scan this with another device to open this page there.",
    picture: (address: string) => `QR code of ${address}`,
    local:
      "Only this computer can open this address. To lend a phone, ask the operator of the coordinator for its https:// address.",
    insecure:
      "A phone could open this address, but browsers compute only on https:// addresses. Ask the operator of the coordinator for one.",
    install: "Install as an app",
    installHint: "Puts this page among your apps, in a window of its own.",
  },
  devices: {
    title: "Another device of yours",
    under: (owner: string) => `This device works under the name of ${owner}: its work counts for that name.`,
    text: "A link that lets another computer or phone work under your name. Each device has a key and a record of its own. Your devices never check each other.",
    make: "Make a link",
    picture: "QR code of the link for your other device",
    copy: "Copy the link",
    until: "Open it there within the hour, and press Start.",
    failed: (message: string) => `No link: ${message}`,
  },
  tabTitle: (title: string, active: boolean) => `${active ? "● " : ""}${title} · Paritab`,
  kinds: kinds(count, plural),
});

/** What English has, every language has. */
export type VolunteerTexts = ReturnType<typeof texts>;

const kinds = (count: Formats["count"], plural: Formats["plural"]): WordsOfKinds => ({
  inference: {
    name: "Inference",
    assignments: {
      batch: {
        title: "Computing",
        sentence: "Working on a batch of the job below.",
        what: "A trained network answers questions. You run a batch of them through it.",
      },
    },
    progress: (done, all) => `${count(done)} of ${plural(all, "answer", "answers")} final`,
    own: ({ rows }) => `This browser computed ${plural(rows, "row", "rows")} of it.`,
  },
  regression: {
    name: "Regression",
    assignments: codedAssignments,
    progress: (done, all) => `${count(done)} of ${plural(all, "training step", "training steps")}`,
    own: ({ batches }) => `This browser computed ${plural(batches, "batch", "batches")} for it.`,
  },
  matmul: {
    name: "Product of matrices",
    assignments: codedAssignments,
    progress: (done, all) => `${count(done)} of ${plural(all, "slice of the product", "slices of the product")}`,
    own: ({ batches }) => `This browser computed ${plural(batches, "batch", "batches")} for it.`,
  },
});

/** Assignments of kinds whose data is coded over the tabs. */
const codedAssignments: WordsOfKinds["regression"]["assignments"] = {
  shard: {
    title: "Fetching a share of the data",
    sentence: "The share is kept in this tab’s memory, so that it is fetched once for all steps of the job below.",
    what: "A calculation on coded data. You fetch your share of the numbers.",
  },
  product: {
    title: "Computing",
    sentence: "Multiplying this tab’s share of the data for the job below.",
    what: "A calculation on coded data. You multiply your share of the numbers.",
  },
};

export const english = { address: import.meta.url, clock, texts };
