import { useState } from "preact/hooks";
import { SCHEMES } from "../../../../shared/coding/schemes/schemes.ts";
import { files as fileTexts } from "../../../ui/files/file-texts.ts";
import type { FormStep } from "../../../ui/form/field-specs.ts";
import { JobForm } from "../../../ui/form/job-form.tsx";
import { useEstimate } from "../../../ui/jobs/use-estimate.ts";
import type { FormProps } from "../../job-pages.ts";
import { inferenceTexts } from "../inference-texts.ts";
import { estimateRequest } from "./dial/estimate-request.ts";
import { RedundancyDial } from "./dial/redundancy-dial.tsx";
import { useLocalModel } from "./dial/use-local-model.ts";
import { DropBox } from "./drop/drop-box.tsx";
import { DryRunPanel } from "./dry-run/dry-run-panel.tsx";
import {
  INFERENCE_AT_FIRST,
  INFERENCE_SPECS,
  type InferenceFields,
  type ReadyForm,
  readInferenceForm,
  workersFor,
} from "./inference-fields.ts";
import { OwnFiles } from "./own-files.tsx";
import { DataPreview } from "./preview/data-preview.tsx";
import { dataProblem } from "./preview/data-problem.ts";
import { previewIn, usePreview } from "./preview/preview-data.ts";
import { submitForm } from "./submit.ts";
import { dial as dialTexts } from "./submit-texts.ts";
import { useNumbers } from "./use-numbers.ts";

const texts = inferenceTexts.form;

/** Three steps on one page: the data, when or at what price the answers are wanted, and a last look before it is sent. */
export function InferenceForm({ dashboard, isShown }: FormProps) {
  const { client } = dashboard;
  const [typed, setTyped] = useState<InferenceFields>(INFERENCE_AT_FIRST);
  const tabsReady = dashboard.status.value?.sessionsReady ?? null;
  const model = useLocalModel(typed);
  const numbers = useNumbers(model.kind === "there" ? model.value.inputShape : null);
  const { queriesFile, labelsFile } = numbers;
  const queriesProblem = numbers.isReading ? fileTexts.stillReading : numbers.problem;
  const fields: InferenceFields = { ...typed, queriesFile, queriesProblem, labelsFile };
  const previewAsked = usePreview(client, fields);
  const preview = previewIn(previewAsked);
  const problem = typed.source === "uploads" ? dataProblem(preview, model.kind === "there" ? model.value : null) : null;
  const request = estimateRequest(fields, preview, model.kind === "there" ? model.value.sizes : null);
  const dial = useEstimate(client.estimate, isShown ? request : null, tabsReady);

  async function send(form: ReadyForm, onStep: (words: string) => void): Promise<{ jobId: string; name: string }> {
    const { jobId } = await submitForm(client, form, (step) => onStep(texts.uploading[step]));
    return { jobId, name: form.rest.name ?? "" };
  }

  const steps: FormStep<InferenceFields>[] = [
    {
      legend: texts.source.legend,
      parts: [
        "source",
        ({ fields: { source } }) => source === "sample" && <p class="hint">{texts.source.sampleHint}</p>,
        ["queryCount", "queryStart"],
        ({ fields: { source }, change }) =>
          source === "uploads" && (
            <DropBox
              onSorted={({ model, queries, labels }) => {
                const arePictures = queries.length > 0 && queries.every(({ name }) => /\.png$/i.test(name));
                numbers.pickAll(queries, labels);
                change({
                  ...(model.length > 0 && { modelFiles: model }),
                  ...(arePictures && fields.inputScale === "1" && { inputScale: "1/255" }),
                });
              }}
            />
          ),
        (state) =>
          state.fields.source === "uploads" && (
            <OwnFiles {...state} numbers={numbers} modelProblem={model.kind === "failed" ? model.message : undefined} />
          ),
        "inputScale",
        "task",
        "output",
        () => <DataPreview asked={previewAsked} problem={problem} />,
      ],
    },
    {
      legend: texts.scheme.legend,
      parts: [
        "mode",
        ["finishMinutes", "confidence"],
        "budgetMillions",
        ({ fields: { mode } }) => mode !== "code" && <p class="hint">{dialTexts.aimHint}</p>,
        (state) => <RedundancyDial {...state} asked={dial} />,
        {
          summary: dialTexts.advanced,
          shownIf: ({ mode }) => mode === "code",
          parts: [
            "scheme",
            ["queriesPerGroup", "stragglers", "liars"],
            "groupsPerRound",
            ({ fields }) => <WorkersNote fields={fields} tabsReady={tabsReady} />,
          ],
        },
        () => <p class="hint">{texts.scheme.notPrivate}</p>,
      ],
    },
    {
      legend: texts.finish.legend,
      parts: [
        (state) => <DryRunPanel client={client} fields={state.fields} preview={preview} />,
        "completion",
        "name",
        "submitter",
        "purpose",
      ],
    },
  ];
  return (
    <JobForm
      words={texts}
      specs={INFERENCE_SPECS}
      steps={steps}
      isNumbered
      fields={fields}
      change={(changes) => setTyped((before) => ({ ...before, ...changes }))}
      reading={readInferenceForm(fields)}
      submit={send}
      onSubmitted={dashboard.submitted}
    />
  );
}

/** How many tabs work on a round, and whether they are there. */
function WorkersNote({ fields, tabsReady }: { fields: InferenceFields; tabsReady: number | null }) {
  const needs = workersFor(fields);
  const { noCode, workers, overhead, tooFewTabs } = texts.scheme;
  const isShort = needs !== null && tabsReady !== null && tabsReady < needs.workers;
  return (
    <p class="note" role="status" data-testid="workers">
      {needs === null ? noCode : `${workers(needs.workers)} ${overhead(needs.overhead)}`}
      {isShort && ` ${tooFewTabs(tabsReady, SCHEMES[fields.scheme].needsDistinctVolunteers)}`}
    </p>
  );
}
