/** What the job in the form would take on this computer alone: measured once its files are in, whether or not somebody tries it. */
import type { Alone } from "../../../../../shared/protocol/estimate-api.ts";
import { useAsked } from "../../../../ui/use-asked.ts";
import { outputOf } from "../inference-fields.ts";
import { dial as texts } from "../submit-texts.ts";

/** Files that are still being chosen are not run. */
const SETTLE_MS = 600;

/**
 * @param files of a model that was looked through; null: there is none
 * @param queryCount null: not known yet
 * @returns a text: why it is not measured, or not yet; null: there is nothing to measure
 */
export function useAloneHere(
  files: readonly File[] | null,
  output: string,
  queryCount: number | null,
): Alone | string | null {
  const isKnown = files !== null && queryCount !== null && queryCount > 0;
  const asked = useAsked(
    isKnown ? [files, output, queryCount] : null,
    async (signal) => {
      const { aloneInPage } = await import("./alone-in-page.ts");
      return aloneInPage(files!, outputOf(output), queryCount!, signal);
    },
    { settleMs: SETTLE_MS },
  );
  if (asked.kind === "there") return asked.value;
  if (asked.kind === "failed") return texts.aloneFailed(asked.message);
  return asked.kind === "asking" ? texts.aloneAsking : null;
}
