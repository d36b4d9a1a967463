/**
 * `npm run hidden-tab`: a worker page in front for half a minute, then hidden for some minutes, with no flag that keeps
 * hidden tabs awake. Prints batches verified a second in each phase, and what the browser leaves its page.
 *
 *   --minutes N   hidden for so long (default 7, past the five minutes after which Chromium is strictest)
 */
import { parseArgs } from "node:util";
import { sayUsageErrors, UsageError } from "../../flags/usage-error.ts";
import { watchHiddenTab } from "./watch-hidden-tab.ts";
import { withCoordinator } from "./with-coordinator.ts";

const MINUTES_DEFAULT = "7";
const COLUMNS = ["phase", "s", "page", "batches verified / s", "page timers / s", "frames / s"];

sayUsageErrors();
const { values } = parseArgs({ options: { minutes: { type: "string", default: MINUTES_DEFAULT } } });
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

console.log(`| ${COLUMNS.join(" | ")} |\n|${" --- |".repeat(COLUMNS.length)}`);
await withCoordinator((coordinator) =>
  watchHiddenTab(coordinator, phases, (phase) => {
    const rates = [phase.verifiedPerSecond, phase.pageTimersPerSecond, phase.framesPerSecond];
    const cells = [phase.name, phase.seconds.toFixed(0), phase.visibility, ...rates.map((rate) => rate.toFixed(1))];
    console.log(`| ${cells.join(" | ")} |`);
  }),
);
