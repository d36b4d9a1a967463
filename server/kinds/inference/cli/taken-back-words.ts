/** What the command line says of answers that were final and are not any more. */
import type { TakenBack, TakenBackNotice, TakingView } from "../../../../shared/kinds/inference/answers.ts";
import { listed } from "../../../../shared/receipts/findings.ts";

/** Told while answers are written. */
export function takenBackInWords({ jobId, indices, ...taking }: TakenBackNotice): string {
  const which = indices.length === 1 ? "answer" : "answers";
  return `job ${jobId}: ${which} ${listed(indices)}, final until now, taken back: ${because(taking)}`;
}

/** Told when answers of a job are looked at. Empty: nothing was taken back, or all of it is final again. */
export function notAnyMore({ jobId, takings }: TakenBack): string[] {
  return takings.flatMap(({ count, finalAgain, ...taking }) => {
    const left = count - finalAgain;
    if (left === 0) return [];
    const which = left === 1 ? "answer that was final is" : "answers that were final are";
    return [
      `job ${jobId}: ${left} ${which} not any more: ${because(taking)}; \`paritab redo ${jobId}\` has them done again`,
    ];
  });
}

function because({ atMs, volunteerId, reason }: TakingView): string {
  const who = volunteerId === null ? "" : `volunteer ${volunteerId} was shut out, `;
  return `${who}${new Date(atMs).toUTCString()}: ${reason}`;
}
