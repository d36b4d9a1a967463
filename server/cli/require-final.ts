import type { JobView } from "../../shared/kinds/kinds.ts";
import { wordsOf } from "../kinds/cli-words.ts";
import { NotReadyError } from "./exit-codes.ts";

/** @throws NotReadyError that says what may still change */
export function requireFinal(job: JobView): void {
  const problem = wordsOf(job).notFinal(job);
  if (problem !== null) throw new NotReadyError(`job ${job.jobId}: ${problem}`);
}
