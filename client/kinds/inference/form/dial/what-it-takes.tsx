import type { ComponentChildren } from "preact";
import { aloneAndTogether, spreadInWords } from "../../../../../shared/kinds/alone-and-together.ts";
import type {
  CodeEstimate,
  CodeSettings,
  EstimateBasis,
  InferenceEstimate,
  SeenRate,
} from "../../../../../shared/kinds/inference/estimate.ts";
import { inferenceKind } from "../../../../../shared/kinds/inference/kind.ts";
import { checksAheadInWords } from "../../../../../shared/kinds/inference/rows-words.ts";
import type { Alone } from "../../../../../shared/protocol/estimate-api.ts";
import { Terms } from "../../../../ui/terms.tsx";
import type { Asked } from "../../../../ui/use-asked.ts";
import { dial as texts } from "../submit-texts.ts";
import { TermsToCome } from "./terms-to-come.tsx";

/** Words of a usual length. */
const TYPICAL: FiguresOf & BasisOf = {
  volunteersReady: 7,
  chosen: {
    code: { scheme: "systematic", queriesPerGroup: 4, stragglers: 0, liars: 0, workers: 4 },
    inWords: "7 tabs: groups of four, no parities; late batches are sent again",
    ...{ firstAnswerMs: { p50: 2_000, p90: 4_000 }, finishMs: { p50: 20_000, p90: 40_000 }, chanceOfAim: null },
    ...{ bytesDown: { p50: 2e6, p90: 2e6 }, bytesUp: { p50: 2e6, p90: 2e6 }, tabMacs: { p50: 2e8, p90: 2e8 } },
    wrongBound: 1e-3,
  },
  rows: {
    finalBy: "account",
    ...{ coordinatorRows: 200, coordinatorMs: 2_000, duplicateRows: 0 },
    ...{ rowsThatSuffice: null, rowsMax: null, promise: null },
  },
  basis: { tabsReady: 7, tabsMeasured: 7, slow: { rate: 0.05 }, lying: { rate: 0.05 } },
};

const TYPICAL_COMPARISON = aloneAndTogether(
  { lowMs: 40_000, highMs: 50_000, how: "this computer, WebAssembly on 4 cores; a native runtime is faster" },
  { finishMs: TYPICAL.chosen.finishMs, tabsReady: 7, redundancy: 1 },
).words;

interface Props {
  readonly asked: Asked<InferenceEstimate>;
  /** Without any there are no times. */
  readonly hasTabs: boolean;
  /** As measured here; a text: why it is not; null: there is nothing to compare. */
  readonly alone: Alone | string | null;
}

/** What the job will take with the crowd as it is now. */
export function WhatItTakes({ asked, hasTabs, alone }: Props) {
  return (
    <section class="estimate note dial" aria-label={texts.title} data-testid="dial">
      <h3>{texts.title}</h3>
      {asked.kind !== "there" && (
        <ToCome hasTabs={hasTabs} isCompared={alone !== null}>
          {asked.kind === "nothing" && texts.unknown}
          {asked.kind === "asking" && texts.asking}
          {asked.kind === "failed" && <span role="alert">{texts.refused(asked.message)}</span>}
        </ToCome>
      )}
      {asked.kind === "there" && (
        <div aria-busy={asked.isStale}>
          {asked.value.refusal !== null && (
            <p class="note warn" role="alert">
              {asked.value.refusal}
            </p>
          )}
          {alone !== null && (
            <p class="terms-to-come" role="status" data-testid="comparison">
              <span>{aloneAndTogether(alone, inferenceKind.togetherOf(asked.value)).words}</span>
              <span class="to-come">{TYPICAL_COMPARISON}</span>
            </p>
          )}
          <Terms rows={figuresOf(asked.value)} />
          <p class="hint">{basisWords(asked.value)}</p>
        </div>
      )}
    </section>
  );
}

interface ToComeProps extends Pick<Props, "hasTabs"> {
  readonly isCompared: boolean;
  readonly children: ComponentChildren;
}

/** As tall as what comes, so that nothing below it moves then. */
function ToCome({ hasTabs, isCompared, children }: ToComeProps) {
  const chosen = hasTabs ? TYPICAL.chosen : { ...TYPICAL.chosen, firstAnswerMs: null, finishMs: null };
  return (
    <div>
      {isCompared && <p class="to-come">{TYPICAL_COMPARISON}</p>}
      <TermsToCome rows={figuresOf({ ...TYPICAL, chosen })}>{children}</TermsToCome>
      <p class="hint to-come">{basisWords(TYPICAL)}</p>
    </div>
  );
}

type FiguresOf = Pick<InferenceEstimate, "volunteersReady"> & {
  /** Absent: nothing is said of them. */
  readonly rows?: InferenceEstimate["rows"] | null;
  readonly chosen: Omit<CodeEstimate, "code" | "meetsAim" | "auditMacs" | "coordinatorRows"> & {
    readonly code: Pick<CodeSettings, "scheme" | "queriesPerGroup" | "stragglers" | "liars" | "workers">;
  };
};

function figuresOf({ chosen, volunteersReady, rows = null }: FiguresOf): [string, string][] {
  const { code, inWords, firstAnswerMs, finishMs, bytesDown, bytesUp, tabMacs, wrongBound, chanceOfAim } = chosen;
  const { figures } = texts;
  return [
    [figures.code, `${texts.code(code.scheme, code.queriesPerGroup, code.stragglers, code.liars)}. ${inWords}`],
    [figures.tabs, texts.tabs(code.workers, volunteersReady)],
    [figures.first, timeOf(firstAnswerMs)],
    [figures.time, timeOf(finishMs)],
    ...(chanceOfAim === null ? [] : [[figures.aim, texts.chance(chanceOfAim)] as [string, string]]),
    [figures.bytes, texts.bytesText(bytesDown.p50, bytesUp.p50)],
    [figures.work, texts.work(tabMacs.p50)],
    ...(rows === null
      ? [[figures.wrong, texts.wrong(wrongBound)] as [string, string]]
      : [[figures.checks, checksAheadInWords(rows)] as [string, string]]),
  ];
}

function timeOf(spread: CodeEstimate["finishMs"]): string {
  return spread === null ? texts.noTabs : spreadInWords(spread);
}

type BasisOf = { readonly basis: Pick<EstimateBasis, "tabsReady" | "tabsMeasured"> & Record<"slow" | "lying", Rate> };
type Rate = Pick<SeenRate, "rate">;

function basisWords({ basis }: BasisOf): string {
  return texts.basis(basis.tabsReady, basis.tabsMeasured, basis.slow.rate, basis.lying.rate);
}
