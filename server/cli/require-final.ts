import type { JobView } from "../../shared/kinds/kinds.ts";
import { wordsOf } from "../kinds/cli-words.ts";
import { NotReadyError } from "./exit-codes.ts";

/** @param problem of what is taken of it @throws NotReadyError that says what may still change */
export function requireFinal(job: JobView, problem: string | null = wordsOf(job).notFinal(job)): void {
  if (problem !== null) throw new NotReadyError(`job ${job.jobId}: ${problem}`);
}
