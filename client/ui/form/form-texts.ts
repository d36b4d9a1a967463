/** What every form says. Sentences for people, as in client/ui/texts.ts. */
import { count } from "../units.ts";

export const formTexts = {
  submitting: "Submitting",
  failed: "Not submitted",
  name: "Job name",
  submitter: "Your name",
  submitterHint: "Volunteers see both names while they compute.",
  anonymous: "anonymous",
  problems: {
    number: (got: string) => (got === "" ? "Expected a number, got nothing." : `Expected a number, got “${got}”.`),
    whole: (got: string) => `Expected a whole number, got “${got}”.`,
    within: (label: string, least: number, most: number) =>
      `${label} must be a whole number from ${count(least)} to ${count(most)}.`,
    scale: "Expected a positive number, such as 1 or 1/255.",
  },
};
