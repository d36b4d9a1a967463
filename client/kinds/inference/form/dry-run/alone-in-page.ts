/** What a job would take on the submitter's own computer, in this page: a second of its model, as `paritab submit` has it in a terminal. */
import {
  ALL_CORES_MS,
  aloneOfRuns,
  HOME_ROWS_AT_ONCE_MAX,
  needsAllCores,
  ONE_CORE_MS,
} from "../../../../../shared/kinds/home-times.ts";
import type { Alone } from "../../../../../shared/protocol/estimate-api.ts";
import { HOME_TRIAL_THREADS_MAX } from "../../../../../shared/protocol/limits.ts";
import { dryRun as texts } from "../submit-texts.ts";
import { type LocalModel, modelFromFiles } from "./local-model.ts";
import { inModelThread, type ModelThread } from "./run-here.ts";

/** The memory that a page takes for a look: the model's copies in all threads together. */
const COPIES_BYTES_MAX = 512 * 1024 * 1024;
const NUMBERS_AT_ONCE_MAX = 1 << 24;

/** @throws where the model does not run here; the signal's reason */
export async function aloneInPage(
  files: readonly File[],
  output: string | number | undefined,
  rowCount: number,
  signal: AbortSignal,
): Promise<Alone> {
  const { bundle, facts } = await modelFromFiles(files, output);
  const fitting = Math.max(1, Math.floor(NUMBERS_AT_ONCE_MAX / facts.activationsPerQuery));
  const atOnce = Math.min(rowCount, HOME_ROWS_AT_ONCE_MAX, fitting);
  const rows = new Float32Array(atOnce * facts.inputSize);
  const first = await inModelThread(bundle, (thread) => timesOn(thread, rows, atOnce, ONE_CORE_MS), { signal });
  const { backend, times: onOne } = first;
  const isOnCores = backend === "wasm" || backend === "cpu";
  const cores = navigator.hardwareConcurrency;
  const runs = { rowCount, cores: isOnCores ? cores : null, by: texts.backends[backend] ?? backend, onOne };
  const threads = Math.min(cores, HOME_TRIAL_THREADS_MAX, copiesOf({ bundle }));
  if (backend !== "wasm" || threads <= 1 || !needsAllCores(runs)) return aloneOfRuns({ ...runs, onAll: null });
  const together = Array.from({ length: threads }, () =>
    inModelThread(bundle, (thread) => timesOn(thread, rows, atOnce, ALL_CORES_MS), { signal, backend: "wasm" }),
  );
  const times = (await Promise.all(together)).flatMap((one) => one.times);
  return aloneOfRuns({ ...runs, onAll: { threads, times } });
}

const copiesOf = ({ bundle }: Pick<LocalModel, "bundle">) => Math.floor(COPIES_BYTES_MAX / Math.max(1, bundle.length));

/** Rows of zeros: what a row holds changes nothing of the time that it takes. */
async function timesOn(thread: ModelThread, rows: Float32Array, rowCount: number, ms: number) {
  // The first run makes the back-end compile what it needs.
  await thread.run(rows, rowCount);
  const times: number[] = [];
  const endMs = performance.now() + ms;
  for (;;) {
    const { msPerRow, backend } = await thread.run(rows, rowCount);
    times.push(msPerRow);
    if (performance.now() >= endMs) return { times, backend };
  }
}
