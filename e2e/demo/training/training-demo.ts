/** `npm run demo -- --job regression`: one training job through four codes in real tabs, one table. */
import { createParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { parseFaultProfile } from "../../crowd/browser/fault-profile.ts";
import { type Crowd, openCrowd } from "../../crowd/browser/open-crowd.ts";
import { progressBar } from "../progress-bar.ts";
import { runTraining } from "./run-training.ts";
import { TRAINING_PROFILE, TRAINING_SCHEMES, tabsFor } from "./training-cases.ts";
import { type TrainingFigures, trainingFigures } from "./training-figures.ts";
import type { TrainingTruth } from "./training-truth.ts";

export interface TrainingDemo {
  readonly figures: readonly TrainingFigures[];
  /** Of the last scheme; the caller closes it. */
  readonly crowd: Crowd;
}

/** @throws where a scheme does not end; every crowd is closed then */
export async function trainingDemo(
  url: string,
  seed: number,
  truth: TrainingTruth,
  signal: AbortSignal,
): Promise<TrainingDemo> {
  const client = createParitabClient({ baseUrl: url });
  const progress = progressBar(process.stderr);
  const profile = parseFaultProfile(TRAINING_PROFILE);
  const figures: TrainingFigures[] = [];
  let crowd: Crowd | null = null;
  try {
    for (const scheme of TRAINING_SCHEMES) {
      await crowd?.close();
      const tabs = tabsFor(scheme);
      progress.show(`${scheme}, opening tabs`, 0, tabs);
      crowd = await openCrowd({ url, tabs, profile, seed, crowd: `training-${scheme}`, backends: ["wasm"] });
      const latest = trainingFigures(await runTraining({ client, crowd, scheme, truth, progress, signal }));
      figures.push(latest);
      const seconds = latest.seconds === null ? "no" : latest.seconds.toFixed(1);
      progress.end(`${scheme.padEnd(12)} ${latest.iterations} iterations, ${seconds} s, ${latest.end}`);
    }
    return { figures, crowd: crowd! };
  } catch (error) {
    await crowd?.close();
    throw error;
  }
}
