/** What a teacher is told once a class may begin: what to print, what pupils open, what to project. */
import type { SubmissionInput } from "../shared/kinds/kinds.ts";
import { classPath, printPath } from "../shared/protocol/class-address.ts";

/** The name of a class whose teacher gives none. */
export const CLASS_NAME = "Our class";
/** What a class computes where its teacher has chosen nothing: handwritten digits, enough for some minutes of tabs. */
export const CLASS_SAMPLE: SubmissionInput = {
  ...{ kind: "inference", name: "Handwritten digits", purpose: "Reading digits that people wrote by hand" },
  source: { kind: "sample", sample: "mnist", queryCount: 2_000 },
};

/** @param base the coordinator's address, as others reach it */
export function classWords(
  base: string,
  { sheetId, watchKey, seats }: { sheetId: string; watchKey: string; seats: readonly unknown[] },
): string {
  const origin = base.replace(/\/$/, "");
  return [
    `  a class of ${seats.length}:`,
    `    print its codes: ${origin}${printPath(sheetId)}`,
    `    pupils open:     ${origin}/ (the sheet has an address with each code)`,
    `    project:         ${origin}${classPath(watchKey)}`,
  ].join("\n");
}
