import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { topLabels } from "../../../../shared/hub/label-names.ts";
import { unitVector } from "../../../../shared/hub/pooling.ts";
import type { LabelledToken } from "../../../../shared/hub/token-lines.ts";
import type { AnswerView } from "../../../../shared/kinds/inference/answers.ts";
import type { ParitabClient } from "../../../../shared/sdk/paritab-client.ts";
import { SaveButton } from "../../../ui/jobs/job-actions.tsx";
import { jobHash } from "../../../ui/jobs/job-address.ts";
import { saveFile } from "../../../ui/jobs/save-file.ts";
import { useAction } from "../../../ui/jobs/use-action.ts";
import { Problem } from "../../../ui/problem.tsx";
import { DataTable } from "../../../ui/table.tsx";
import { count } from "../../../ui/units.ts";
import { numbersText } from "../form/preview/query-rows.ts";
import { QueryView } from "../form/preview/query-view.tsx";
import type { ShownQueries } from "../inference-detail.ts";
import { marks } from "../inference-texts.ts";
import type { Brought, BroughtPictures, BroughtTexts } from "./brought.ts";
import { broughtTexts as texts } from "./brought-texts.ts";
import { formatsOf, type NamedFormat, namedAnswers, tokensOf } from "./named-answers.ts";
import { shownNames } from "./shown-names.ts";

const TOP = 5;
const NUMBERS_SHOWN = 4;
const TOKENS_SHOWN = 40;

export interface BroughtSectionProps {
  readonly client: ParitabClient;
  readonly jobId: string;
  readonly brought: Brought;
  readonly answers: readonly AnswerView[];
  readonly queries: ShownQueries;
}

/** The answers of the open page with what their submitter brought along: pictures and names of labels, or texts. */
export function BroughtSection({ client, jobId, brought, answers, queries }: BroughtSectionProps) {
  return (
    <>
      <Downloads client={client} jobId={jobId} brought={brought} />
      {brought.kind === "pictures" ? (
        <Gallery brought={brought} answers={answers} queries={queries} />
      ) : (
        <Texts jobId={jobId} brought={brought} answers={answers} />
      )}
      <p class="hint">{texts.notKept}</p>
    </>
  );
}

function Downloads({ client, jobId, brought }: Pick<BroughtSectionProps, "client" | "jobId" | "brought">) {
  const [progress, setProgress] = useState<string | null>(null);
  const { busy, problem, act } = useAction(() => setProgress(null));
  async function save(format: NamedFormat): Promise<void> {
    const tell = (done: number, all: number) => setProgress(texts.gathering(done, all));
    saveFile(await namedAnswers(client, jobId, brought, format, tell), `${jobId}-named.${format}`);
  }
  return (
    <div class="buttons no-print" data-testid="named-answers">
      {texts.download}
      {formatsOf(brought).map((format) => (
        <SaveButton key={format} label={texts.downloadAs(format)} onClick={() => act(() => save(format))}>
          .{format}
        </SaveButton>
      ))}
      <span role="status" class="hint">
        {busy && progress}
      </span>
      <Problem message={problem} />
    </div>
  );
}

interface TokensProps {
  readonly brought: BroughtTexts;
  readonly outputs: readonly number[];
  /** Of the text. */
  readonly place: number;
}

/** Each token of a text with its label. */
function Tokens({ brought, outputs, place }: TokensProps) {
  let named: readonly LabelledToken[];
  try {
    named = tokensOf(brought, outputs, place);
  } catch (error) {
    return <span class="hint">{(error as Error).message}</span>;
  }
  const shown = named.slice(0, TOKENS_SHOWN);
  return (
    <>
      {shown.map(({ token, label, score }, at) => (
        <span key={at} title={texts.score(score, brought.labels!)}>
          {token} <span class="gallery-score">{label}</span>{" "}
        </span>
      ))}
      {named.length > shown.length && <span class="hint">{texts.moreTokens(named.length - shown.length)}</span>}
    </>
  );
}

interface GalleryProps {
  readonly brought: BroughtPictures;
  readonly answers: readonly AnswerView[];
  readonly queries: ShownQueries;
}

function Gallery({ brought: { names, labels }, answers, queries }: GalleryProps) {
  const rows = queries === null || queries === "gone" ? null : queries;
  return (
    <ul class="gallery" aria-label={texts.gallery}>
      {answers.map(({ index, mark, outputs }) => {
        const row = rows?.indices.indexOf(index) ?? -1;
        const name = names[index] ?? count(index);
        const known = shownNames(labels, outputs.length);
        const top = topLabels(outputs, known, TOP);
        return (
          <li key={index}>
            {row >= 0 && <QueryView array={rows!.array} row={row} label={texts.picture(name)} />}
            <p class="gallery-name">{name}</p>
            {top.length === 0 ? (
              <p class="hint">{texts.none}</p>
            ) : (
              <ol>
                {top.map(({ label, score }) => (
                  <li key={label}>
                    <span class="gallery-label">{label}</span>{" "}
                    <span class="gallery-score">{texts.score(score, known)}</span>
                  </li>
                ))}
              </ol>
            )}
            <span class={`tag answer-${mark}`} title={marks[mark].means}>
              {marks[mark].name}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Texts({
  jobId,
  brought,
  answers,
}: Pick<BroughtSectionProps, "jobId" | "answers"> & { brought: BroughtTexts }) {
  const { jobs, task, labels } = brought;
  const places = jobs.find((job) => job.jobId === jobId)?.places ?? [];
  const { columns } = texts;
  function said({ index, outputs }: AnswerView): ComponentChildren {
    if (outputs.length === 0) return "";
    if (task.gives === "tokens") return <Tokens brought={brought} outputs={outputs} place={places[index] ?? -1} />;
    if (task.gives === "vectors") {
      return numbersText(task.normalizes ? [...unitVector(outputs)] : outputs, NUMBERS_SHOWN);
    }
    const known = shownNames(labels, outputs.length);
    const [first] = topLabels(outputs, known, 1);
    return `${first!.label} (${texts.score(first!.score, known)})`;
  }
  return (
    <>
      {jobs.length > 1 && (
        <p>
          {texts.jobs(jobs.length)}{" "}
          {jobs.map((job, place) => (
            <a key={job.jobId} href={jobHash(job.jobId, "answers")} aria-current={job.jobId === jobId || undefined}>
              {texts.job(place, job.places.length)}{" "}
            </a>
          ))}
        </p>
      )}
      <DataTable
        label={texts.texts}
        class="answers"
        rows={answers}
        keyOf={({ index }) => index}
        columns={(of) => [
          of.number(columns.index, ({ index }) => count(places[index] ?? index)),
          of.text(columns.text, ({ index }) => brought.texts[places[index] ?? -1] ?? ""),
          of.text(columns.answer, (answer) => <span class="answer-label">{said(answer)}</span>),
          of.text(columns.mark, ({ mark }) => (
            <span class={`tag answer-${mark}`} title={marks[mark].means}>
              {marks[mark].name}
            </span>
          )),
        ]}
      />
    </>
  );
}
