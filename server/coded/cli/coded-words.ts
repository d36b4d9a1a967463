/** What the command line says of every coded run. */
import type { CodedEndKind } from "../../../shared/coded/run-view.ts";
import { roughDuration } from "../../cli/outputs/rough-duration.ts";

interface CodedView {
  readonly state: string;
  readonly endKind: CodedEndKind | null;
  readonly endReason: string | null;
  readonly remainingMs: number | null;
  readonly liarsNamed: number;
}

export const codedWords = {
  leftOf: ({ remainingMs }: CodedView) => (remainingMs === null ? "" : `${roughDuration(remainingMs)} left`),
  // That all of it is done is said beside it.
  reasonOf: ({ endKind, endReason }: CodedView) => (endKind === "done" ? null : endReason),
  notFinal: ({ state }: CodedView) => (state === "done" ? null : `expected a job that is done, got a ${state} one`),
};

export function liarsCaught({ liarsNamed }: CodedView): string[] {
  return liarsNamed > 0 ? [`${liarsNamed} caught lying`] : [];
}
