/**
 * `npm run hidden-tab`: a worker page in front for half a minute, then hidden for some minutes, with no flag that keeps
 * hidden tabs awake. Batches verified a second in each phase, and what the browser leaves its page.
 *
 *   --minutes N   hidden for so long (default 7, past the five minutes after which Chromium is strictest)
 *   --json FILE   writes the figures
 */
import { parseArgs } from "node:util";
import { sayUsageErrors, UsageError } from "../../flags/usage-error.ts";
import { measure } from "../measure.ts";
import type { Measurement, Measurer } from "../measurement.ts";
import { type Phase, watchHiddenTab } from "./watch-hidden-tab.ts";
import { withCoordinator } from "./with-coordinator.ts";

const MINUTES_DEFAULT = "7";

const COLUMNS: Measurement["columns"] = [
  { key: "phase", title: "phase" },
  { key: "seconds", title: "s" },
  { key: "visibility", title: "page" },
  { key: "verifiedPerSecond", title: "batches verified / s", digits: 1 },
  { key: "pageTimersPerSecond", title: "page timers / s", digits: 1 },
  { key: "framesPerSecond", title: "frames / s", digits: 1 },
];

const NOTES = ["A Chromium that throttles hidden tabs as it does at home; intensity 100 %, batches of MNIST digits."];

const hiddenTab = (phases: readonly Phase[]): Measurer => ({
  name: "hidden-tab",
  title: "A worker page in front, and behind another tab of its window",
  async run({ progress }) {
    const figures = await withCoordinator((coordinator) =>
      watchHiddenTab(coordinator, phases, ({ name, verifiedPerSecond }) =>
        progress(`${name}: ${verifiedPerSecond.toFixed(1)} batches a second`),
      ),
    );
    const rows = figures.map(({ name, ...phase }) => ({ phase: name, ...phase }));
    return { name: this.name, title: this.title, columns: COLUMNS, rows, notes: NOTES };
  },
});

sayUsageErrors();
const { values } = parseArgs({
  options: { minutes: { type: "string", default: MINUTES_DEFAULT }, json: { type: "string" } },
});
const minutes = Number(values.minutes);
if (!(minutes >= 1 && minutes <= 120)) throw new UsageError(`--minutes: expected 1 to 120, got ${values.minutes}`);

const afterFirst = Math.round((minutes - 1) * 60_000);
const untilFive = Math.min(afterFirst, 4 * 60_000);
const phases = [
  { name: "in front", ms: 30_000 },
  { name: "hidden, first 10 s", ms: 10_000 },
  { name: "hidden, to 1 min", ms: 50_000 },
  { name: "hidden, 1 to 5 min", ms: untilFive },
  { name: "hidden, later", ms: afterFirst - untilFive },
].filter(({ ms }) => ms > 0);
await measure(hiddenTab(phases), { seed: 1, jsonFile: values.json ?? null, script: "hidden-tab" });
