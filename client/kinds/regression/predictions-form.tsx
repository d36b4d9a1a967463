import { useState } from "preact/hooks";
import type { RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import type { RegressionPredictions } from "../../../shared/kinds/regression/weights.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { Field } from "../../ui/field.tsx";
import { fileInOrder, NUMBERS_ENDINGS, numbersFrom } from "../../ui/files/numbers-file.ts";
import { saveFile } from "../../ui/jobs/save-file.ts";
import { useAction } from "../../ui/jobs/use-action.ts";
import { predictionWords } from "./prediction-words.ts";
import { regressionTexts } from "./regression-texts.ts";

const texts = regressionTexts.predictions;

/** Rows in, predictions out, by the weights that the job has now. */
export function PredictionsForm({ client, job }: { client: ParitabClient; job: RegressionJobView }) {
  const [file, setFile] = useState<File | null>(null);
  const { busy, problem, act } = useAction();
  const [answer, setAnswer] = useState<RegressionPredictions | null>(null);

  async function predict(): Promise<void> {
    setAnswer(null);
    if (file === null) throw new Error(texts.noFile);
    const rows = await numbersFrom([file], { labelColumn: null });
    const trained = rows.columnNames === null ? null : (await client.columns(job.jobId)).columnNames;
    setAnswer(await client.predict(job.jobId, await fileInOrder(file, rows, trained)));
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
        <Field label={texts.features} hint={texts.hint(job.columns)} problem={problem ?? undefined}>
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
            <button type="button" class="small" onClick={() => save(job.jobId, answer)}>
              {texts.save}
            </button>
          )}
        </div>
        <div role="status" data-testid="predictions">
          {answer !== null && predictionWords(answer, job.model).map((words) => <p key={words}>{words}</p>)}
        </div>
      </form>
    </section>
  );
}

function save(jobId: string, { predictions }: RegressionPredictions): void {
  const npy = encodeNpy({ dtype: "F64", shape: [predictions.length], data: Float64Array.from(predictions) });
  saveFile(new Blob([npy], { type: "application/octet-stream" }), `${jobId}-predictions.npy`);
}
