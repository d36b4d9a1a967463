/**
 * `npm run proofs -- --only memory`, or by itself with [--jobs 3000] [--hours 24] [--real 2000] [--seed 1]: what a coordinator holds after a long service.
 * A day of virtual time in the simulator, and real jobs on a real one (Linux); fails where it grows.
 */
import { parseArgs } from "node:util";
import { sayUsageErrors } from "../../flags/usage-error.ts";
import { wholeNumber } from "../../flags/whole-number.ts";
import { growthOf, heapIsFlat, inWords, type MemorySample, rssIsFlat } from "./memory-samples.ts";
import { realService } from "./real-service.ts";
import { simulatedService } from "./simulated-service.ts";

const SAMPLES = 20;

sayUsageErrors();
const { values } = parseArgs({
  options: {
    jobs: { type: "string", default: "3000" },
    hours: { type: "string", default: "24" },
    real: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
  },
});
const seed = wholeNumber("--seed", values.seed, 0);
const jobs = wholeNumber("--jobs", values.jobs, 0);
const hours = wholeNumber("--hours", values.hours, 1);
const real = wholeNumber("--real", values.real, 0);

if (jobs > 0) {
  const { samples, virtualHours, ends } = await simulatedService({
    seed,
    jobs,
    hours,
    samples: SAMPLES,
    onSample: say,
  });
  const fates = [...ends].map(([end, count]) => `${count} ${end}`).join(", ");
  judge(`${jobs} simulated jobs, ${virtualHours.toFixed(1)} h of virtual time, ${fates}`, samples, heapIsFlat(samples));
}
if (real > 0) {
  const { samples, wrong } = await realService({ seed, jobs: real, samples: SAMPLES, onSample: say });
  judge(`${real} real jobs, ${wrong} wrong numbers`, samples, rssIsFlat(samples) && wrong === 0);
}

function say({ jobs, rssBytes, heapBytes }: MemorySample): void {
  const mib = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  console.log(`  after ${jobs} jobs: resident ${mib(rssBytes)}, heap and arrays ${mib(heapBytes)}`);
}

function judge(what: string, samples: readonly MemorySample[], isFlat: boolean): void {
  const rss = inWords(growthOf(samples, ({ rssBytes }) => rssBytes));
  const heap = inWords(growthOf(samples, ({ heapBytes }) => heapBytes));
  console.log(
    `memory: ${isFlat ? "flat" : "GROWS"} (seed ${seed}): ${what}; second quarter to last: resident ${rss}, heap and arrays ${heap}`,
  );
  if (!isFlat) process.exitCode = 1;
}
