import type { CodedEstimate } from "../../shared/coded/estimate.ts";
import { aloneAndTogether, codedTogether } from "../../shared/kinds/alone-and-together.ts";
import { aloneOfProducts, productPace } from "../../shared/kinds/home-products.ts";
import type { Alone } from "../../shared/protocol/estimate-api.ts";
import { Terms } from "../ui/terms.tsx";
import type { Asked } from "../ui/use-asked.ts";
import { codedTexts } from "./coded-texts.ts";

const texts = codedTexts.estimate;

interface EstimateBoxProps {
  readonly asked: Asked<CodedEstimate & { readonly rounding?: { readonly notes: readonly string[] } }>;
  /** One of what the run goes on by: "iteration". */
  readonly step: string;
}

/** The predicted cost, before anything is begun. */
export function EstimateBox({ asked, step }: EstimateBoxProps) {
  return (
    <section class="estimate note" aria-label={texts.title} data-testid="estimate">
      <h3>{texts.title}</h3>
      {asked.kind === "nothing" && <p>{texts.unknown}</p>}
      {asked.kind === "asking" && <p>{texts.asking}</p>}
      {asked.kind === "failed" && <p>{texts.impossible}</p>}
      {asked.kind === "there" && (
        <p data-testid="comparison">{aloneAndTogether(aloneOf(asked.value), codedTogether(asked.value)).words}</p>
      )}
      {asked.kind === "there" &&
        [...asked.value.notes, ...(asked.value.rounding?.notes ?? [])].map((note) => <p key={note}>{note}</p>)}
      {asked.kind === "there" && <Terms rows={figuresOf(asked.value, step)} />}
    </section>
  );
}

/** Measured once: a page stands still meanwhile. */
let paceMs: number | null = null;

function aloneOf({ multiplicationsAlone }: CodedEstimate): Alone {
  paceMs ??= productPace(PACE_MS, () => performance.now());
  return aloneOfProducts(multiplicationsAlone, paceMs);
}

/** So short that nobody notices. */
const PACE_MS = 30;

function figuresOf(estimate: CodedEstimate, step: string): [string, string][] {
  return [
    [texts.tabs, texts.tabsText(estimate.volunteersNeeded, estimate.volunteersReady)],
    [texts.share, texts.shareText(estimate.shardBytesPerVolunteer)],
    [
      texts.step(step),
      texts.stepText(
        estimate.broadcastBytesPerIteration,
        estimate.resultBytesPerIteration,
        estimate.multiplicationsPerVolunteerPerIteration,
      ),
    ],
    [texts.total, texts.totalText(estimate.rounds, estimate.totalBytes)],
    [texts.redundancy, texts.redundancyText(estimate.redundancy)],
    [texts.checking, texts.checkingText(estimate.verificationShare)],
    [texts.time, texts.timeText(estimate.finishMs)],
  ];
}
