import { useId } from "preact/hooks";
import type { CodeEstimate, InferenceEstimate } from "../../../../../shared/kinds/inference/estimate.ts";
import type { FormState } from "../../../../ui/form/field-specs.ts";
import type { Asked } from "../../../../ui/use-asked.ts";
import type { InferenceFields } from "../inference-fields.ts";

type FieldsProps = Pick<FormState<InferenceFields>, "fields" | "change">;

import { DataTable } from "../../../../ui/table.tsx";
import { Terms } from "../../../../ui/terms.tsx";
import { dial as texts } from "../submit-texts.ts";
import { fieldsOf, positionsOf, stopOf } from "./dial-stops.ts";

/** What the job will take with the crowd as it is now; by hand, with positions to turn to, from the least work to the soonest. */
export function RedundancyDial({ asked, fields, change }: FieldsProps & { asked: Asked<InferenceEstimate> }) {
  return (
    <section class="estimate note dial" aria-label={texts.title} data-testid="dial">
      <h3>{texts.title}</h3>
      {asked.kind === "nothing" && <p>{texts.unknown}</p>}
      {asked.kind === "asking" && <p>{texts.asking}</p>}
      {asked.kind === "failed" && <p role="alert">{texts.refused(asked.message)}</p>}
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
          <Figures estimate={asked.value} />
          {fields.mode === "code" && asked.value.choices.length > 1 && (
            <Stops choices={asked.value.choices} fields={fields} change={change} />
          )}
          <p class="hint">{basisWords(asked.value)}</p>
        </div>
      )}
    </section>
  );
}

type ChoicesProps = FieldsProps & { readonly choices: readonly CodeEstimate[] };

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

function Figures({ estimate }: { estimate: InferenceEstimate }) {
  const { chosen, volunteersReady } = estimate;
  const { code, inWords, firstAnswerMs, finishMs, bytesDown, bytesUp, tabMacs, wrongBound, chanceOfAim } = chosen;
  const { figures } = texts;
  const rows: [string, string][] = [
    [figures.code, `${texts.code(code.scheme, code.queriesPerGroup, code.stragglers, code.liars)}. ${inWords}`],
    [figures.tabs, texts.tabs(code.workers, volunteersReady)],
    [figures.first, timeOf(firstAnswerMs)],
    [figures.time, timeOf(finishMs)],
    ...(chanceOfAim === null ? [] : [[figures.aim, texts.chance(chanceOfAim)] as [string, string]]),
    [figures.bytes, texts.bytesText(bytesDown.p50, bytesUp.p50)],
    [figures.work, texts.work(tabMacs.p50)],
    [figures.wrong, texts.wrong(wrongBound)],
  ];
  return <Terms rows={rows} />;
}

function Stops({ choices, fields, change }: ChoicesProps) {
  const stop = stopOf(fields, choices);
  const { figures, short } = texts;
  return (
    <details class="as-tables">
      <summary>{texts.stops}</summary>
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
  return spread === null ? texts.noTabs : texts.spread(spread.p50, spread.p90);
}

function basisWords({ basis }: InferenceEstimate): string {
  return texts.basis(basis.tabsReady, basis.tabsMeasured, basis.slow.rate, basis.lying.rate);
}
