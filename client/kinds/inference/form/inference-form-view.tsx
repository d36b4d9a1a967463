import { useState } from "preact/hooks";
import { SCHEMES } from "../../../../shared/coding/schemes/schemes.ts";
import type { LabelNames } from "../../../../shared/hub/label-names.ts";
import { inOrderOfNames } from "../../../../shared/inputs/in-order-of-names.ts";
import { submissionKey } from "../../../../shared/sdk/submit-once.ts";
import { type HubDrop, takesTexts } from "../../../hub/hub-drop.ts";
import { files as fileTexts } from "../../../ui/files/file-texts.ts";
import { fileKindOf } from "../../../ui/files/numbers-file.ts";
import type { FormStep } from "../../../ui/form/field-specs.ts";
import { JobForm } from "../../../ui/form/job-form.tsx";
import { useEstimate } from "../../../ui/jobs/use-estimate.ts";
import { loadedLater } from "../../../ui/loaded-later.tsx";
import type { FormProps } from "../../job-pages.ts";
import { inferenceTexts } from "../inference-texts.ts";
import { askedOfFiles, askedOfHub } from "./asked-of-form.ts";
import { estimateRequest } from "./dial/estimate-request.ts";
import { useLocalModel } from "./dial/use-local-model.ts";
import { WhatItTakes } from "./dial/what-it-takes.tsx";
import { useAloneHere } from "./dry-run/use-alone-here.ts";
import type { HubAsked } from "./hub/prepare-hub.ts";
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
  const [hubAsked, setHubAsked] = useState<HubAsked>(AS_THE_FOLDER_SAYS);
  const [keepsNames, setKeepsNames] = useState(true);
  const tabsReady = dashboard.status.value?.sessionsReady ?? null;
  const hub = useHub(drop, hubAsked);
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
  const isOwn = isShown && typed.source === "uploads" && model.kind === "there";
  const alone = useAloneHere(isOwn ? modelFiles : null, fields.output, rows?.queryCount ?? null);
  const dial = useEstimate(client.estimate, isShown ? request : null, tabsReady);

  async function send(form: ReadyForm, onStep: (words: string) => void): Promise<{ jobId: string; name: string }> {
    const name = form.rest.name ?? "";
    if (hub.kind === "there") {
      const { sendHub } = await import("./hub/send-hub.ts");
      const named = { ...form, rest: { ...form.rest, name: typed.name.trim() === "" ? hub.prepared.name : name } };
      const sending = { keepsNames, onStep, stepWords: texts.uploading };
      const asked = keepsNames ? { asked: askedOfHub(drop!, hubAsked, form) } : {};
      const sent = { ...named, rest: { ...named.rest, ...asked } };
      return { ...(await sendHub(client, hub.prepared, sent, sending)), name: named.rest.name };
    }
    const words = keepsNames && !isByInput ? askedOfFiles(form, numbers) : [];
    const sent = words.length === 0 ? form : { ...form, rest: { ...form.rest, asked: words } };
    // Pictures have names; rows of an array have none.
    const names = isByInput ? [] : pictureNames(numbers.queries);
    const kept = names.length === 0 ? null : { kind: "rows" as const, seal: submissionKey(), names };
    const left = kept !== null && keepsNames ? await client.uploadNames(kept) : {};
    const { jobId } = await submitForm(
      client,
      sent,
      (step) => onStep(texts.uploading[step]),
      async () => left,
    );
    if (kept !== null && !keepsNames) await (await import("../brought/brought-store.ts")).keepBrought(jobId, kept);
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
              onHub={(next) => {
                // Whether broken pictures are skipped is asked anew for other pictures.
                setHubAsked((before) => ({ ...before, skipsBroken: false }));
                setDrop(next);
              }}
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
              asked={hubAsked}
              ask={(changes) => setHubAsked((before) => ({ ...before, ...changes }))}
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
        () => <WhatItTakes asked={dial} hasTabs={(tabsReady ?? 0) > 0} alone={alone} />,
        {
          summary: dialTexts.advanced,
          shownIf: ({ mode }) => mode === "code",
          parts: [
            "scheme",
            ["queriesPerGroup", "stragglers", "liars"],
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
        {
          summary: texts.finish.price,
          parts: [
            () => dial.kind === "there" && dial.value.rows?.promise != null && <p>{dial.value.rows.promise}</p>,
            "coordinatorRowsMax",
          ],
        },
        "name",
        "submitter",
        "purpose",
        ({ fields: { source } }) =>
          source === "uploads" && (
            <label class="choice">
              <input
                type="checkbox"
                checked={keepsNames}
                onChange={({ currentTarget }) => setKeepsNames(currentTarget.checked)}
              />
              {texts.finish.keepNames}
            </label>
          ),
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

/** Names in the order of the rows; empty: the files are no pictures. */
function pictureNames(files: readonly File[]): string[] {
  if (files.length === 0 || fileKindOf(files) !== "pictures") return [];
  return inOrderOfNames(files, ({ name }) => name).map(({ name }) => name);
}

const AS_THE_FOLDER_SAYS: HubAsked = {
  ...{ column: null, pool: null, normalizes: null, truncates: false, skipsBroken: false },
};

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

/** Names of the folder's labels, where its answers are labels. */
function namesOf(hub: HubState): LabelNames | null {
  if (hub.kind !== "there" || hub.prepared.kind !== "pictures") return null;
  const { decoding, brought } = hub.prepared;
  return decoding.task.gives === "labels" ? brought.labels : null;
}

/** For the estimate: ids travel in the smallest whole numbers, mostly two bytes. */
function rowsOfTexts({ corpus }: PreparedTexts) {
  return { queryCount: corpus.texts.length, rows: { dtype: "F32" } } as const;
}

/** How many tabs work on a group, and whether they are there. */
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
