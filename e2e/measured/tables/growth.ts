/** What one coordinator spends with how many tabs connected: `npm run bench -- capacity`. Processor time of its process. */
import { linePlot } from "../line-plot.ts";
import {
  type Figures,
  grouped,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  rowWith,
  share,
} from "../measured-table.ts";

const SIZES = [1, 10, 100, 1_000, 10_000];
const PLAIN_SIZES = [10, 1_000];
const TEN = 10;
const MOST = 10_000;
const MILLION = 1_000_000;

export const growth: MeasuredRun = {
  name: "growth",
  bench: "capacity",
  args: [],
  parts: [
    ["--scenarios", "connected", "--sessions", "1,10"],
    ["--scenarios", "connected", "--sessions", "100,1000"],
    ["--scenarios", "connected", "--sessions", String(MOST)],
    ["--scenarios", "idle", "--sessions", String(MOST)],
    ["--scenarios", "storm", "--sessions", String(MOST)],
  ],
  minutes: 12,
  tables: { all, said, million },
  pictures: { growth: picture },
};

/** The same of jobs without spare batches, which are neither grouped by likeness nor compared with their neighbours. */
export const growthPlain: MeasuredRun = {
  name: "growth-plain",
  bench: "capacity",
  args: ["--scenarios", "connected", "--sessions", PLAIN_SIZES.join(","), "--plain"],
  minutes: 4,
  tables: { all: (figures) => costs(figures, PLAIN_SIZES) },
  figures: { load: ({ load }) => share(load, 0) },
};

const connectedWith = (rows: readonly Row[], sessions: number) => rowWith(rows, { scenario: "connected", sessions });
const idleOf = (rows: readonly Row[]) => rowWith(rows, { scenario: "idle" });
const stormOf = (rows: readonly Row[]) => rowWith(rows, { scenario: "storm" });

/** Of the first of these, as a multiple of the second. */
const times = (rows: readonly Row[], key: string, sessions: number, of: number) =>
  numberOf(connectedWith(rows, sessions), key) / numberOf(connectedWith(rows, of), key);

function all(figures: Figures): string {
  const alt = "Processor time of a checked answer and of a batch, as multiples of those with ten tabs, by tabs.";
  return [`![${alt}](measured/growth.svg)`, "", costs(figures, SIZES)].join("\n");
}

function costs({ rows }: Figures, sizes: readonly number[]): string {
  return markdownTable(
    [
      { title: "tabs", isNumber: true, cell: (row) => grouped(numberOf(row, "sessions")) },
      { title: "ms a checked answer", isNumber: true, cell: (row) => share(row.cpuMsPerAnswer, 3) },
      { title: "ms a batch", isNumber: true, cell: (row) => share(row.cpuMsPerBatch, 2) },
      { title: "echoes", isNumber: true, cell: (row) => share(row.ratioToEcho, 0) },
      { title: "rows computed here", isNumber: true, cell: (row) => share(row.auditShare) },
      { title: "batches a second", isNumber: true, cell: (row) => share(row.batchesPerSecond, 0) },
      { title: "loop late, p99, ms", isNumber: true, cell: (row) => share(row.loopP99Ms, 0) },
      { title: "lost", isNumber: true, cell: (row) => String(numberOf(row, "lost")) },
      { title: "wrong", isNumber: true, cell: (row) => String(numberOf(row, "wrong")) },
    ],
    sizes.map((sessions) => connectedWith(rows, sessions)),
  );
}

function said({ rows, load }: Figures): string {
  const [idle, storm] = [idleOf(rows), stormOf(rows)];
  const [many, lost] = [grouped(MOST), numberOf(storm, "lost")];
  return [
    `With ${many} tabs a batch costs ${share(times(rows, "cpuMsPerBatch", MOST, TEN), 2)} times, and a checked answer`,
    `${share(times(rows, "cpuMsPerAnswer", MOST, TEN), 2)} times what it costs with ten. ${many} tabs that do nothing take`,
    `${(100 * numberOf(idle, "coreShare")).toFixed(1)} % of a core for their heartbeats and ${grouped(numberOf(idle, "rssMb"))} MiB.`,
    `After \`kill -9\` and a start ${lost === 0 ? "all" : `all but ${grouped(lost)}`} are back in ${share(storm.backSeconds, 0)} s, on two cores`,
    `that they share with the coordinator${costOf(storm)}. Measured at a load of ${share(load, 0)}.`,
  ].join("\n");
}

/** Figures of before 29 November 2026 do not tell what the tabs themselves took. */
function costOf({ cpuMsPerSession, tabsMsPerSession }: Row): string {
  if (tabsMsPerSession === undefined) return "";
  return `: it takes ${share(cpuMsPerSession, 1)} ms for each, and they ${share(tabsMsPerSession, 1)} ms themselves`;
}

/** What it would take of each, as far as it goes on as it does up to here. */
function million({ rows }: Figures): string {
  const [idle, storm] = [idleOf(rows), stormOf(rows)];
  const batchMs = numberOf(connectedWith(rows, MOST), "cpuMsPerBatch");
  const kib = (numberOf(idle, "rssMb") * 1_024) / MOST;
  const comesMs = numberOf(storm, "cpuMsPerSession");
  return [
    `Processor time for batches runs out first. The coordinator spends ${share(batchMs, 1)} ms on each, so one core takes in`,
    `${grouped(1e3 / batchMs)} a second: ten thousand tabs are busy where a batch lasts ${grouped((batchMs * MOST) / 1e3)} s, a million where it lasts`,
    `${grouped((batchMs * MILLION) / 6e4)} minutes. Larger batches help, for most of that time is spent a batch and not a row; then more cells do, which`,
    `share nothing but the database. A restart is second: a tab that comes costs ${share(comesMs, 1)} ms (a signature, a known question), a million`,
    `of them ${grouped((comesMs * MILLION) / 6e4)} minutes of one core. Memory is third, ${share(kib, 0)} KiB a tab: ${grouped((kib * MILLION) / 2 ** 20)} GiB. Heartbeats come last,`,
    `with ${share((numberOf(idle, "coreShare") * MILLION) / MOST, 1)} cores.`,
  ].join("\n");
}

/** As multiples of what ten tabs cost: flat is what is wanted. */
function picture({ rows }: Figures): string {
  const curve = (title: string, key: string, colour: string) => ({
    title,
    colour,
    points: SIZES.map((sessions) => [sessions, times(rows, key, sessions, TEN)] as const),
  });
  return linePlot({
    title: "One coordinator: what its work costs with how many tabs connected",
    xTitle: "tabs",
    yTitle: "processor time of the coordinator, times what it is with ten tabs",
    curves: [
      curve("a checked answer", "cpuMsPerAnswer", "#0b7a75"),
      curve("a batch taken in", "cpuMsPerBatch", "#a04a1c"),
    ],
  });
}
