/** Why a model could not be run, in sentences for whoever submitted it. */
import { type InspectedModel, processBytesMax, runBytes } from "./model-cost.ts";
import { bytesInWords, secondsInWords } from "./model-run-error.ts";
import type { ProcessLost } from "./trusted-process.ts";

interface TrialSoFar {
  readonly model: InspectedModel;
  readonly rowCount: number;
  readonly rowsDone: number;
}

/** @param paceMs what a row takes, as far as was seen */
export function trialTooLong({ model, rowCount, rowsDone }: TrialSoFar, limitMs: number, paceMs: number): string {
  const rowMs = Math.max(paceMs, limitMs / (rowsDone + 1));
  const done = rowsDone === 0 ? "not one row was done" : `${rowsDone} of ${rowCount} rows were done`;
  return (
    `its trial was stopped after ${secondsInWords(limitMs)} of processor time, ${done}; ` +
    `it needs more than ${secondsInWords(rowMs)} a row (${model.facts.macsPerQuery} multiply-adds), ` +
    `${secondsInWords(rowMs * rowCount)} in all, and a trial may take ${secondsInWords(limitMs)}; ` +
    `a model whose rows take ${secondsInWords(limitMs / (2 * rowCount))} each fits`
  );
}

/** Of a run that broke a process, and then a fresh one in which it was alone, one row at a time. */
export function brokenTwice(model: InspectedModel, { kind, message }: ProcessLost): string {
  const twice = "twice, the second time alone in a fresh process with one row at a time";
  const predicted = `inspection predicted ${bytesInWords(runBytes(model, 1))}`;
  switch (kind) {
    case "refused":
      return message;
    case "memory":
      return `${message}, ${twice}; ${predicted}, the limit is ${bytesInWords(processBytesMax(model))}; a smaller model fits`;
    case "trap":
      return `its runtime broke ("${message}"), ${twice}; ${predicted}`;
    default:
      return `${message}, ${twice}`;
  }
}
