import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { KeptNames, KeptRows, KeptTexts } from "../../../../shared/hub/kept-names.ts";
import { topLabels } from "../../../../shared/hub/label-names.ts";
import { spanAt } from "../../../../shared/hub/named-lines.ts";
import { unitVector } from "../../../../shared/hub/pooling.ts";
import { type LabelledToken, labelledTokens } from "../../../../shared/hub/token-lines.ts";
import type { AnswersPage, AnswerView } from "../../../../shared/kinds/inference/answers.ts";
import type { ParitabClient } from "../../../../shared/sdk/paritab-client.ts";
import { SaveButton } from "../../../ui/jobs/job-actions.tsx";
import { jobHash } from "../../../ui/jobs/job-address.ts";
import { saveFile } from "../../../ui/jobs/save-file.ts";
import { useAction } from "../../../ui/jobs/use-action.ts";
import { Problem } from "../../../ui/problem.tsx";
import { DataTable } from "../../../ui/table.tsx";
import { count, percent } from "../../../ui/units.ts";
import { numbersText } from "../form/preview/query-rows.ts";
import type { ShownQueries } from "../inference-detail.ts";
import { marks } from "../inference-texts.ts";
import { firstOf, trustOf } from "../results/answer-words.ts";
import { resultsTexts } from "../results-texts.ts";
import { broughtTexts as texts } from "./brought-texts.ts";
import { Gallery } from "./gallery.tsx";
import { namedAnswers, type SavedFormat, savedFormats } from "./named-answers.ts";
import { shownNames } from "./shown-names.ts";

const NUMBERS_SHOWN = 4;
const TOKENS_SHOWN = 40;

export interface BroughtSectionProps {
  readonly client: ParitabClient;
  readonly jobId: string;
  readonly brought: KeptNames;
  /** They stay with the job. */
  readonly staysWithJob: boolean;
  readonly page: AnswersPage;
  readonly queries: ShownQueries;
  /** Says who gave an answer; "" of one that is not there. */
  whoGave(answer: AnswerView): string;
}

/** The answers of the open page with what their submitter brought along: pictures and names of labels, or texts. */
export function BroughtSection({ client, jobId, brought, staysWithJob, page, queries, whoGave }: BroughtSectionProps) {
  const { answers, offset, matching } = page;
  const caption = resultsTexts.caption(offset + 1, offset + answers.length, matching);
  return (
    <>
      <Downloads client={client} jobId={jobId} brought={brought} />
      {brought.kind === "texts" ? (
        <Texts {...{ jobId, brought, answers, caption, whoGave }} />
      ) : (
        <>
          <p class="hint">{caption}</p>
          <Gallery brought={brought} answers={answers} queries={queries} whoGave={whoGave} />
        </>
      )}
      {brought.kind !== "texts" && brought.skipped !== undefined && <Skipped skipped={brought.skipped} />}
      <p class="hint">{staysWithJob ? texts.staysWithJob : texts.notKept}</p>
    </>
  );
}

/** Files that were no rows of the job, for they could not be read. */
function Skipped({ skipped }: Required<Pick<KeptRows, "skipped">>) {
  return (
    <details data-testid="skipped">
      <summary>{texts.skipped(skipped.length)}</summary>
      <ul>
        {skipped.map(({ file, reason }) => (
          <li key={file}>{reason}</li>
        ))}
      </ul>
    </details>
  );
}

function Downloads({ client, jobId, brought }: Pick<BroughtSectionProps, "client" | "jobId" | "brought">) {
  const [progress, setProgress] = useState<string | null>(null);
  const { busy, problem, act } = useAction(() => setProgress(null));
  async function save(format: SavedFormat): Promise<void> {
    const tell = (done: number, all: number) => setProgress(texts.gathering(done, all));
    saveFile(await namedAnswers(client, jobId, brought, format, tell), `${jobId}-named.${format}`);
  }
  return (
    <div class="buttons no-print" data-testid="named-answers">
      {texts.download}
      {savedFormats(brought).map((format) => (
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
  readonly brought: KeptTexts;
  readonly outputs: readonly number[];
  /** Of the text. */
  readonly row: number;
}

/** Each token of a text with its label. */
function Tokens({ brought, outputs, row }: TokensProps) {
  let named: readonly LabelledToken[];
  try {
    named = labelledTokens(outputs, brought.tokens![row]!, brought.labels!);
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

interface TextsProps extends Pick<BroughtSectionProps, "jobId" | "whoGave"> {
  readonly brought: KeptTexts;
  readonly answers: readonly AnswerView[];
  readonly caption: string;
}

function Texts({ jobId, brought, answers, caption, whoGave }: TextsProps) {
  const { jobs, gives, normalizes, labels, places, candidates } = brought;
  const { columns } = texts;
  const nameOf = (place: number) => labels?.names[place] ?? String(place);
  function said({ index, outputs }: AnswerView): ComponentChildren {
    if (outputs.length === 0) return "";
    if (gives === "tokens") return <Tokens brought={brought} outputs={outputs} row={index} />;
    if (gives === "spans") {
      const span = spanAt(brought, outputs, index);
      return span === null ? "" : `${span.answer} (${percent(span.score)})`;
    }
    if (gives === "vectors") {
      return numbersText(normalizes ? [...unitVector(outputs)] : outputs, NUMBERS_SHOWN);
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
          {jobs.map((id, place) => (
            <a key={id} href={jobHash(id, "answers")} aria-current={id === jobId || undefined}>
              {texts.job(place, id === jobId ? places.length : null)}{" "}
            </a>
          ))}
        </p>
      )}
      <DataTable
        label={texts.texts}
        caption={caption}
        class="answers"
        rows={answers}
        keyOf={({ index }) => index}
        columns={(of) => [
          of.number(columns.index, ({ index }) => count(places[index] ?? index)),
          of.text(columns.text, ({ index }) => askedAt(brought, index)),
          ...(candidates === null
            ? []
            : [of.text(columns.candidate, ({ index }) => candidates.names[places[index]! % candidates.names.length]!)]),
          of.text(columns.answer, (answer) => <span class="answer-label">{said(answer)}</span>),
          of.text(columns.mark, ({ mark }) => (
            <span class={`tag answer-${mark}`} title={marks[mark].means}>
              {marks[mark].name}
            </span>
          )),
          of.text(columns.trust, trustOf),
          ...(gives === "labels" && candidates === null
            ? [of.text(columns.first, (answer: AnswerView) => firstOf(answer, nameOf))]
            : []),
          of.text(resultsTexts.volunteer, whoGave, ({ volunteerId }) => volunteerId ?? undefined),
        ]}
      />
    </>
  );
}

function askedAt({ texts: all, pairs }: KeptTexts, row: number): string {
  const text = all[row] ?? "";
  return pairs === null ? text : `${text} / ${pairs[row] ?? ""}`;
}
