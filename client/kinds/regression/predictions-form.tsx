import { useState } from "preact/hooks";
import { predictionsCsv } from "../../../shared/inputs/predictions-csv.ts";
import type { RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import type { RegressionColumns, RegressionPredictions } from "../../../shared/kinds/regression/weights.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { Field } from "../../ui/field.tsx";
import { NUMBERS_ENDINGS } from "../../ui/files/numbers-file.ts";
import { SaveButton } from "../../ui/jobs/job-actions.tsx";
import { saveFile } from "../../ui/jobs/save-file.ts";
import { useAction } from "../../ui/jobs/use-action.ts";
import { DataTable } from "../../ui/table.tsx";
import { percent } from "../../ui/units.ts";
import { useAsked } from "../../ui/use-asked.ts";
import { firstPredictions, predictionWords } from "./prediction-words.ts";
import { regressionTexts } from "./regression-texts.ts";
import { rowsToPredict } from "./rows-to-predict.ts";

const texts = regressionTexts.predictions;
const ROWS_SHOWN_MAX = 10;
const NAMES_SHOWN_MAX = 12;

/** Rows in, predictions out, by the weights that the job has now. */
export function PredictionsForm({ client, job }: { client: ParitabClient; job: RegressionJobView }) {
  const [file, setFile] = useState<File | null>(null);
  const { busy, problem, act } = useAction();
  const [answer, setAnswer] = useState<RegressionPredictions | null>(null);
  const columns = useAsked([job.jobId], (signal) => client.columns(job.jobId, signal));

  async function predict(): Promise<void> {
    setAnswer(null);
    if (file === null) throw new Error(texts.noFile);
    const { rows, notes } = await rowsToPredict(file, () => client.tableModel(job.jobId));
    const told = await client.predict(job.jobId, rows);
    setAnswer({ ...told, notes: [...notes, ...told.notes] });
  }

  return (
    <section aria-label={texts.title}>
      <h2>{texts.title}</h2>
      <form
        class="fields"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          act(predict);
        }}
      >
        <Field
          label={texts.features}
          hint={hintOf(columns.kind === "there" ? columns.value : null, job)}
          problem={problem ?? undefined}
        >
          {(ids) => (
            <input
              {...ids}
              type="file"
              accept={NUMBERS_ENDINGS}
              onChange={({ currentTarget }) => setFile(currentTarget.files?.[0] ?? null)}
            />
          )}
        </Field>
        <div class="buttons">
          <button type="submit" class="small" disabled={busy}>
            {busy ? texts.predicting : texts.predict}
          </button>
          {answer !== null && (
            <>
              {texts.save}
              {(["csv", "npy"] as const).map((format) => (
                <SaveButton key={format} label={texts.saveAs(format)} onClick={() => save(job.jobId, answer, format)}>
                  .{format}
                </SaveButton>
              ))}
            </>
          )}
        </div>
        <div role="status" data-testid="predictions">
          {answer !== null && predictionWords(answer).map((words) => <p key={words}>{words}</p>)}
        </div>
      </form>
      {answer !== null && <FirstRows answer={answer} />}
    </section>
  );
}

function hintOf(told: RegressionColumns | null, { columns }: RegressionJobView): string {
  const names = told?.columnNames ?? null;
  if (names === null) return texts.hint(null, told?.columns ?? columns);
  const more = names.length > NAMES_SHOWN_MAX ? ["…"] : [];
  return texts.hint([...names.slice(0, NAMES_SHOWN_MAX), ...more], names.length);
}

function FirstRows({ answer }: { answer: RegressionPredictions }) {
  const rows = firstPredictions(answer, ROWS_SHOWN_MAX);
  const { table } = texts;
  return (
    <DataTable
      label={texts.title}
      caption={table.caption(rows.length, answer.predictions.length)}
      rows={rows}
      keyOf={({ row }) => row}
      columns={(of) => [
        of.number(table.row, ({ row }) => row),
        of.head(table.prediction, ({ prediction }) => prediction),
        ...(answer.probabilities === null
          ? []
          : [of.number(table.probability, ({ probability }) => (probability === null ? "" : percent(probability)))]),
        ...(rows.some(({ next }) => next !== null)
          ? [of.text(table.next, ({ next }) => (next ? table.nextWords(next.label, percent(next.probability)) : ""))]
          : []),
      ]}
    />
  );
}

/** Saves predictions. A .npy of words holds their places among the labels. */
function save(jobId: string, answer: RegressionPredictions, format: "csv" | "npy"): void {
  const name = `${jobId}-predictions.${format}`;
  if (format === "csv") {
    saveFile(new Blob([predictionsCsv(answer)], { type: "text/csv" }), name);
    return;
  }
  const { predictions, labels } = answer;
  const data = Float64Array.from(predictions, (one) => (typeof one === "number" ? one : labels!.indexOf(one)));
  const npy = encodeNpy({ dtype: "F64", shape: [data.length], data });
  saveFile(new Blob([npy], { type: "application/octet-stream" }), name);
}
