import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
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
import type { FormState } from "../../../../ui/form/field-specs.ts";
import { DataTable } from "../../../../ui/table.tsx";
import { Terms } from "../../../../ui/terms.tsx";
import type { Asked } from "../../../../ui/use-asked.ts";
import { PlainAndCodedTable } from "../../plain-and-coded-table.tsx";
import type { InferenceFields } from "../inference-fields.ts";
import { dial as texts } from "../submit-texts.ts";
import { fieldsOf, positionsOf, stopOf } from "./dial-stops.ts";
import { TermsToCome } from "./terms-to-come.tsx";

type FieldsProps = Pick<FormState<InferenceFields>, "fields" | "change">;

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

interface DialProps extends FieldsProps {
  readonly asked: Asked<InferenceEstimate>;
  /** Without any there are no times, and no positions to turn to. */
  readonly hasTabs: boolean;
  /** As measured here; a text: why it is not; null: there is nothing to compare. */
  readonly alone: Alone | string | null;
}

/** What the job will take with the crowd as it is now; by hand, with positions to turn to, from the least work to the soonest. */
export function RedundancyDial({ asked, fields, change, hasTabs, alone }: DialProps) {
  return (
    <section class="estimate note dial" aria-label={texts.title} data-testid="dial">
      <h3>{texts.title}</h3>
      {asked.kind !== "there" && (
        <ToCome hasTabs={hasTabs} isTurned={hasTabs && fields.mode === "code"} isCompared={alone !== null}>
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
          {fields.mode === "code" && asked.value.choices.length > 1 && (
            <Slider estimate={asked.value} fields={fields} change={change} />
          )}
          {alone !== null && (
            <p class="terms-to-come" role="status" data-testid="comparison">
              <span>{aloneAndTogether(alone, inferenceKind.togetherOf(asked.value)).words}</span>
              <span class="to-come">{TYPICAL_COMPARISON}</span>
            </p>
          )}
          <Terms rows={figuresOf(asked.value)} />
          {fields.mode === "code" && asked.value.choices.length > 1 && (
            <Stops estimate={asked.value} fields={fields} change={change} />
          )}
          <p class="hint">{basisWords(asked.value)}</p>
        </div>
      )}
    </section>
  );
}

type StopsProps = FieldsProps & { readonly estimate: InferenceEstimate };

function Slider({ estimate, fields, change }: FieldsProps & { estimate: InferenceEstimate }) {
  const id = useId();
  const { positions, at } = positionsOf(fields, estimate);
  const isBetween = positions.length > estimate.choices.length;
  return (
    <div class="slider">
      <label for={id}>{texts.slider}</label>
      <input
        id={id}
        type="range"
        min={0}
        max={positions.length - 1}
        step={1}
        value={at}
        aria-valuetext={isBetween ? texts.between : positions[at]!.inWords}
        onInput={({ currentTarget }) => change(fieldsOf(positions[Number(currentTarget.value)]!.code))}
      />
      <p class="hint ends" aria-hidden="true">
        <span>{texts.cheaper}</span>
        <span>{texts.faster}</span>
      </p>
      {isBetween && <p class="hint">{texts.between}</p>}
    </div>
  );
}

interface ToComeProps extends Pick<DialProps, "hasTabs"> {
  /** Is there a slider? */
  readonly isTurned: boolean;
  readonly isCompared: boolean;
  readonly children: ComponentChildren;
}

/** As tall as what comes, so that nothing below it moves then. */
function ToCome({ hasTabs, isTurned, isCompared, children }: ToComeProps) {
  const chosen = hasTabs ? TYPICAL.chosen : { ...TYPICAL.chosen, firstAnswerMs: null, finishMs: null };
  return (
    <div>
      {isTurned && (
        <div class="slider to-come">
          <span>{texts.slider}</span>
          <input type="range" disabled />
          <p class="hint">{texts.cheaper}</p>
          <p class="hint">{texts.between}</p>
        </div>
      )}
      {isCompared && <p class="to-come">{TYPICAL_COMPARISON}</p>}
      <TermsToCome rows={figuresOf({ ...TYPICAL, chosen })}>{children}</TermsToCome>
      {isTurned && <p class="table-to-come to-come">{texts.stops}</p>}
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

function Stops({ estimate, fields, change }: StopsProps) {
  const { choices } = estimate;
  const stop = stopOf(fields, choices);
  const { figures, short } = texts;
  return (
    <details class="as-tables">
      <summary>{texts.stops}</summary>
      <PlainAndCodedTable estimate={estimate} />
      <DataTable
        label={texts.stops}
        rows={choices}
        keyOf={({ inWords }) => inWords}
        columns={(of) => [
          of.head(figures.code, ({ code, inWords }) => (
            <>
              {texts.code(code.scheme, code.queriesPerGroup, code.stragglers, code.liars)}
              <span class="hint">{inWords}</span>
            </>
          )),
          of.number("N", ({ code }) => code.workers),
          of.text(short.time, ({ finishMs }) => timeOf(finishMs)),
          of.text(short.bytes, ({ bytesDown, bytesUp }) => texts.bytesText(bytesDown.p50, bytesUp.p50)),
          of.text(short.wrong, ({ wrongBound }) => texts.wrong(wrongBound)),
          of.text(<span class="visually-hidden">{texts.choose}</span>, ({ code, inWords }, place) =>
            place === stop ? (
              texts.chosen
            ) : (
              <button
                type="button"
                class="small"
                aria-label={`${texts.choose}: ${inWords}`}
                onClick={() => change(fieldsOf(code))}
              >
                {texts.choose}
              </button>
            ),
          ),
        ]}
      />
    </details>
  );
}

function timeOf(spread: CodeEstimate["finishMs"]): string {
  return spread === null ? texts.noTabs : spreadInWords(spread);
}

type BasisOf = { readonly basis: Pick<EstimateBasis, "tabsReady" | "tabsMeasured"> & Record<"slow" | "lying", Rate> };
type Rate = Pick<SeenRate, "rate">;

function basisWords({ basis }: BasisOf): string {
  return texts.basis(basis.tabsReady, basis.tabsMeasured, basis.slow.rate, basis.lying.rate);
}
