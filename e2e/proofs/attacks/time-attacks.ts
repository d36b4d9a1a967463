/** Models that compute for minutes, or legally for long: on trial, and beside a stranger's small job. */
import { ParitabApiError } from "../../../shared/sdk/paritab-api-error.ts";
import { run as fairness } from "../../bench/fairness.ts";
import type { AttackOptions, AttackReport } from "./attack-report.ts";
import { attackedCoordinator, byteQueries } from "./attacked-coordinator.ts";
import { answersTo, honestWork, wrongOf } from "./honest-job.ts";
import { loopModel, SLOWEST_SIDE } from "./hostile-models.ts";

const VOLUNTEERS = 4;
const BATCH_MS = 20;
/** The short form: so many powers, and so much processor time for a trial. */
const SHORT_POWERS = 2_400;
const SHORT_TRIAL_MS = 4_000;
/** All that inspection lets through: minutes for one row, in one call of the library. */
const LONG_POWERS = 9_990;
const SHORT_SIDE = 251;

/** @returns whether its trial was stopped with what it needs, and an honest job went through meanwhile */
export async function loop({ seed, isLong }: AttackOptions): Promise<AttackReport> {
  const model = loopModel(isLong ? LONG_POWERS : SHORT_POWERS);
  const work = await honestWork(400, seed);
  const world = await attackedCoordinator({
    volunteers: VOLUNTEERS,
    answer: await answersTo(work, BATCH_MS),
    ...(isLong ? {} : { trialMsMax: SHORT_TRIAL_MS }),
  });
  try {
    const [ada, mallory] = [await world.submitter("ada"), await world.submitter("mallory")];
    let said = "";
    const submitted = mallory.submit(model, byteQueries(1, model.inputShape, seed)).then(
      () => "accepted",
      (error: unknown) => {
        if (!(error instanceof ParitabApiError)) throw error;
        return error.message;
      },
    );
    void submitted.then((verdict) => {
      said = verdict;
    });
    const honest = await wrongOf(work, ada, await ada.submit(work.model, work.queries, { task: "regression" }));
    const wasMeanwhile = said === "";
    const verdict = await submitted;
    const isStopped = /trial was stopped after .* it needs more than .* a row/.test(verdict);
    const after = `${verdict}; an honest job meanwhile: ${honest.wrong} of ${honest.answers} numbers wrong`;
    return {
      before: "no time limit: held the one numerics thread for as long as it took",
      after,
      // In the short form the trial may be over before an honest job is, on a machine that others are at work on.
      holds: isStopped && honest.wrong === 0 && (wasMeanwhile || !isLong),
    };
  } finally {
    await world.close();
  }
}

/** Tries of the short form: a job that starves others does so in each of them, and a busy machine is slow now and then. */
const SHORT_TRIES = 3;

/** The bench of fairness; in the short form with a smaller model, and one pair after the other until one is fair. */
export async function starve({ seed, isLong }: AttackOptions): Promise<AttackReport> {
  const measured = async (tries: number) => {
    const size = isLong ? { side: SLOWEST_SIDE } : { side: SHORT_SIDE, pairs: 1 };
    const { rows } = await fairness({ seed: seed + tries, progress: () => {}, ...size });
    return { rows, holds: rows.every(({ kept }) => kept === "yes") };
  };
  let last = await measured(0);
  for (let tries = 1; !isLong && tries < SHORT_TRIES && !last.holds; tries++) last = await measured(tries);
  const { rows, holds } = last;
  const seconds = (ms: unknown) => `${((ms as number) / 1000).toFixed(1)} s`;
  const after = rows
    .map((row) => `beside its ${row.beside} ${seconds(row.besideMs)}, alone ${seconds(row.aloneMs)}`)
    .join("; ");
  return { before: "a stranger's job of 9 s took 96 s", after, holds };
}
