/** What the command line says of every coded run. */
import { roughDuration } from "../../cli/outputs/rough-duration.ts";

interface CodedView {
  readonly state: string;
  readonly remainingMs: number | null;
  readonly liarsNamed: number;
}

export const codedWords = {
  leftOf: ({ remainingMs }: CodedView) => (remainingMs === null ? "" : `${roughDuration(remainingMs)} left`),
  notFinal: ({ state }: CodedView) => (state === "done" ? null : `expected a job that is done, got a ${state} one`),
};

export function liarsCaught({ liarsNamed }: CodedView): string[] {
  return liarsNamed > 0 ? [`${liarsNamed} caught lying`] : [];
}
