import { useState } from "preact/hooks";
import { SCHEMES } from "../../../../shared/coding/schemes/schemes.ts";
import type { LabelNames } from "../../../../shared/hub/label-names.ts";
import { type HubDrop, takesTexts } from "../../../hub/hub-drop.ts";
import { files as fileTexts } from "../../../ui/files/file-texts.ts";
import type { FormStep } from "../../../ui/form/field-specs.ts";
import { JobForm } from "../../../ui/form/job-form.tsx";
import { useEstimate } from "../../../ui/jobs/use-estimate.ts";
import { loadedLater } from "../../../ui/loaded-later.tsx";
import type { FormProps } from "../../job-pages.ts";
import { inferenceTexts } from "../inference-texts.ts";
import { estimateRequest } from "./dial/estimate-request.ts";
import { RedundancyDial } from "./dial/redundancy-dial.tsx";
import { useLocalModel } from "./dial/use-local-model.ts";
import type { TextsAsked } from "./hub/prepare-hub.ts";
import type { PreparedTexts } from "./hub/prepared.ts";
import { type HubState, useHub } from "./hub/use-hub.ts";
import {
  INFERENCE_AT_FIRST,
  INFERENCE_SPECS,
  type InferenceFields,
  type ReadyForm,
  readInferenceForm,
  workersFor,
} from "./inference-fields.ts";
import { useInputs } from "./inputs/use-inputs.ts";
import { DataPreview } from "./preview/data-preview.tsx";
import { dataProblem } from "./preview/data-problem.ts";
import { previewIn, usePreview } from "./preview/preview-data.ts";
import { submitForm } from "./submit.ts";
import { dial as dialTexts } from "./submit-texts.ts";
import { useNumbers } from "./use-numbers.ts";

const texts = inferenceTexts.form;

// Of the form that people meet first, the built-in sample, they are no part.
const OwnFiles = loadedLater(async () => (await import("./own-files.tsx")).OwnFiles);
const DropBox = loadedLater(async () => (await import("./drop/drop-box.tsx")).DropBox);
const HubPanel = loadedLater(async () => (await import("./hub/hub-panel.tsx")).HubPanel);
const DryRunPanel = loadedLater(async () => (await import("./dry-run/dry-run-panel.tsx")).DryRunPanel);

/** Three steps on one page: the data, when or at what price the answers are wanted, and a last look before it is sent. */
export function InferenceForm({ dashboard, isShown }: FormProps) {
  const { client } = dashboard;
  const [typed, setTyped] = useState<InferenceFields>(INFERENCE_AT_FIRST);
  const [drop, setDrop] = useState<HubDrop | null>(null);
  const [textsAsked, setTextsAsked] = useState<TextsAsked>(AS_THE_FOLDER_SAYS);
  const tabsReady = dashboard.status.value?.sessionsReady ?? null;
  const hub = useHub(drop, textsAsked);
  const brought = drop === null ? {} : fieldsOf(drop, hub);
  const { facts: model, openSizes, files: modelFiles, parityFiles } = useLocalModel({ ...typed, ...brought });
  const inputs = model.kind === "there" && drop === null ? model.value.inputs : [];
  const numbers = useNumbers(model.kind === "there" ? model.value.inputShape : null);
  const chosenInputs = useInputs(inputs, numbers.queries, numbers.labels);
  const isByInput = inputs.length > 1;
  const read = isByInput ? chosenInputs : numbers;
  const fields: InferenceFields = {
    ...typed,
    queriesFile: isByInput ? null : numbers.queriesFile,
    inputFiles: isByInput ? (chosenInputs.files ?? "none") : null,
    queriesProblem: read.isReading ? fileTexts.stillReading : read.problem,
    labelsFile: read.labelsFile,
    ...brought,
    ...{ modelFiles, parityFiles, openSizes },
  };
  const previewAsked = usePreview(client, fields);
  const preview = previewIn(previewAsked);
  const problem = typed.source === "uploads" ? dataProblem(preview, model.kind === "there" ? model.value : null) : null;
  const rows = hub.kind === "there" && hub.prepared.kind === "texts" ? rowsOfTexts(hub.prepared) : preview;
  const request = estimateRequest(fields, rows, model.kind === "there" ? model.value.sizes : null);
  const dial = useEstimate(client.estimate, isShown ? request : null, tabsReady);

  async function send(form: ReadyForm, onStep: (words: string) => void): Promise<{ jobId: string; name: string }> {
    const name = form.rest.name ?? "";
    if (hub.kind === "there") {
      const { sendHub } = await import("./hub/send-hub.ts");
      const named = { ...form, rest: { ...form.rest, name: typed.name.trim() === "" ? hub.prepared.name : name } };
      return { ...(await sendHub(client, hub.prepared, named, onStep, texts.uploading)), name: named.rest.name };
    }
    const { jobId } = await submitForm(client, form, (step) => onStep(texts.uploading[step]));
    return { jobId, name };
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
              hub={drop}
              modelFiles={typed.modelFiles}
              onHub={setDrop}
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
        ({ fields: { source } }) =>
          source === "uploads" &&
          drop !== null && (
            <HubPanel
              drop={drop}
              state={hub}
              asked={textsAsked}
              ask={(changes) => setTextsAsked((before) => ({ ...before, ...changes }))}
              forget={() => setDrop(null)}
            />
          ),
        (state) =>
          state.fields.source === "uploads" &&
          drop === null && (
            <OwnFiles
              {...state}
              numbers={numbers}
              inputs={inputs}
              chosenInputs={chosenInputs}
              modelProblem={model.kind === "failed" ? model.message : undefined}
            />
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
        (state) => <RedundancyDial {...state} asked={dial} hasTabs={(tabsReady ?? 0) > 0} />,
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
        (state) =>
          state.fields.hub !== "texts" && (
            <DryRunPanel client={client} fields={state.fields} preview={preview} names={namesOf(hub)} />
          ),
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

const AS_THE_FOLDER_SAYS: TextsAsked = { column: null, pool: null, normalizes: null, truncates: false };

/** What a dropped folder has for the form. */
function fieldsOf(drop: HubDrop, hub: HubState): Partial<InferenceFields> {
  const kind = takesTexts(drop) ? "texts" : "pictures";
  if (hub.kind !== "there") {
    const queriesProblem = hub.kind === "failed" ? hub.message : fileTexts.stillReading;
    return { hub: kind, modelFiles: [], queriesFile: null, labelsFile: null, queriesProblem };
  }
  const { modelFiles, ...prepared } = hub.prepared;
  const given = { hub: kind, modelFiles, queriesProblem: null, inputScale: "1" } as const;
  if (prepared.kind === "texts") return { ...given, queriesFile: null, labelsFile: null, output: "" };
  const { task = "classification", output = "" } = prepared.asked;
  return { ...given, queriesFile: prepared.queries, labelsFile: prepared.labels, task, output };
}

/** Of the folder's labels, where its answers are labels. */
function namesOf(hub: HubState): LabelNames | null {
  if (hub.kind !== "there" || hub.prepared.kind !== "pictures") return null;
  const { task, labels } = hub.prepared.brought;
  return task?.gives === "labels" ? labels : null;
}

/** For the estimate: ids travel in the smallest whole numbers, mostly two bytes. */
function rowsOfTexts({ corpus }: PreparedTexts) {
  return { queryCount: corpus.texts.length, rows: { dtype: "F32" } } as const;
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
