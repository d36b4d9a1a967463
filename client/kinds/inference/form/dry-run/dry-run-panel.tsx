import { useEffect, useState } from "preact/hooks";
import { type LabelNames, topLabels } from "../../../../../shared/hub/label-names.ts";
import type { ParitabClient } from "../../../../../shared/sdk/paritab-client.ts";
import { Problem } from "../../../../ui/problem.tsx";
import { DataTable } from "../../../../ui/table.tsx";
import { figure } from "../../../../ui/units.ts";
import { scoreText } from "../../score-text.ts";
import type { InferenceFields } from "../inference-fields.ts";
import type { Preview } from "../preview/preview-data.ts";
import { numbersText } from "../preview/query-rows.ts";
import { QueryView } from "../preview/query-view.tsx";
import { dryRun as texts } from "../submit-texts.ts";
import { largestOutputs, TRIAL_ROWS, type Trial, type TrialStep, tryHere } from "./trial.ts";

const OUTPUTS_SHOWN = 3;

type State =
  | { kind: "idle" }
  | { kind: "running"; step: TrialStep }
  | { kind: "done"; trial: Trial; preview: Preview }
  | { kind: "failed"; message: string };

interface DryRunPanelProps {
  readonly client: ParitabClient;
  readonly fields: InferenceFields;
  /** null: there is nothing to try it on */
  readonly preview: Preview | null;
  /** Names of the labels; null: nobody has said any. */
  readonly names: LabelNames | null;
}

/** A trial on the submitter's own machine: does the model run, what does it say, and how long does one query take? */
export function DryRunPanel({ client, fields, preview: data, names }: DryRunPanelProps) {
  const [state, setState] = useState<State>({ kind: "idle" });
  const { source, modelFiles, queriesFile, inputScale, output } = fields;
  // What was tried is not what stands in the form any more.
  useEffect(() => setState({ kind: "idle" }), [source, modelFiles, queriesFile, inputScale, output]);
  const isReady = data !== null && (source === "sample" || modelFiles.length > 0);

  async function run(): Promise<void> {
    if (data === null) return;
    try {
      const trial = await tryHere(client, fields, data, (step) => setState({ kind: "running", step }));
      setState({ kind: "done", trial, preview: data });
    } catch (error) {
      setState({ kind: "failed", message: (error as Error).message });
    }
  }

  return (
    <section class="dry-run" aria-label={texts.title} data-testid="dry-run">
      <p class="hint">{isReady ? texts.lead(Math.min(TRIAL_ROWS, data.rows.shape[0] ?? 0)) : texts.nothing}</p>
      <button type="button" class="small" disabled={!isReady || state.kind === "running"} onClick={() => void run()}>
        {state.kind === "running" ? texts.steps[state.step] : state.kind === "done" ? texts.again : texts.button}
      </button>
      <div role="status">
        {state.kind === "done" && <Outcome trial={state.trial} preview={state.preview} fields={fields} names={names} />}
      </div>
      <Problem message={state.kind === "failed" ? state.message : null} say={texts.failed} />
    </section>
  );
}

interface OutcomeProps extends Pick<DryRunPanelProps, "fields" | "names"> {
  readonly trial: Trial;
  readonly preview: Preview;
}

function Outcome({ trial, preview, fields, names }: OutcomeProps) {
  const isRegression = fields.source === "uploads" && fields.task === "regression";
  const { columns } = texts;
  const { rowCount, msPerRow, backend, macsPerQuery, weightBytes } = trial;
  const labels = isRegression ? null : preview.labels;
  const answers = Array.from({ length: rowCount }, (_, row) => largestOutputs(trial, row, OUTPUTS_SHOWN));
  const right = answers.filter(([best], row) => best === labels?.[row]).length;
  const known = names?.names.length === trial.outputSize ? names : null;
  const nameOf = (place: number) => known?.names[place] ?? String(place);
  const outputsCell = (best: readonly number[], row: number) =>
    known === null
      ? best.map((place) => `${place}: ${figure(outputsOf(trial, row)[place]!)}`).join(", ")
      : topLabels(outputsOf(trial, row), known, OUTPUTS_SHOWN)
          .map(({ label, score }) => `${label}: ${scoreText(score, known)}`)
          .join(", ");
  return (
    <>
      <p>
        {texts.result(rowCount, msPerRow, texts.backends[backend] ?? backend)}{" "}
        {texts.whole(msPerRow * preview.queryCount, preview.queryCount)}{" "}
        {labels !== null && texts.hits(right, rowCount)} {texts.model(macsPerQuery, weightBytes)}
      </p>
      <DataTable
        label={texts.title}
        class="answers"
        rows={answers}
        columns={(of) => [
          of.text(columns.query, (_best, row) => (
            <QueryView array={preview.rows} row={row} label={`${columns.query} ${row}`} />
          )),
          of.number(columns.answer, (best, row) => (
            <span class="answer-label">
              {isRegression && known === null ? numbersText(outputsOf(trial, row), OUTPUTS_SHOWN) : nameOf(best[0]!)}
            </span>
          )),
          ...(isRegression && known === null ? [] : [of.text(columns.outputs, outputsCell)]),
          ...(labels === null ? [] : [of.number(columns.label, (_best, row) => nameOf(Number(labels[row])))]),
        ]}
      />
    </>
  );
}

function outputsOf({ outputs, outputSize }: Trial, row: number): number[] {
  return [...outputs.subarray(row * outputSize, (row + 1) * outputSize)];
}
