import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { AnswerFilter, AnswersPage, AnswerView } from "../../../../shared/kinds/inference/answers.ts";
import type { NpyArray } from "../../../../shared/protocol/npy.ts";
import { DataTable } from "../../../ui/table.tsx";
import { count } from "../../../ui/units.ts";
import { QueryView } from "../form/preview/query-view.tsx";
import { type ShownQueries, shownAtOnce } from "../inference-detail.ts";
import { inferenceTexts, marks } from "../inference-texts.ts";
import { resultsTexts } from "../results-texts.ts";
import { firstOf, said, trustOf } from "./answer-words.ts";

const texts = inferenceTexts.detail.answers;
const FILTERS = Object.keys(resultsTexts.filters) as AnswerFilter[];
const ID_SHOWN = 6;

interface AnswersSectionProps {
  readonly page: AnswersPage | null;
  /** The answers with what their submitter brought along, in place of the table; null: nothing was brought. */
  readonly named: ComponentChildren;
  /** Why nothing can be shown of what came with it; null: it can, or nothing did. */
  readonly note: ComponentChildren;
  readonly queries: ShownQueries;
  readonly only: AnswerFilter;
  whoGave(answer: AnswerView): string;
  show(selection: { offset: number; only: AnswerFilter }): void;
}

/** The answers beside their queries, each with its mark and what stands behind it; some of them, or all, page by page. */
export function AnswersSection({ page, named, note, queries, only, whoGave, show }: AnswersSectionProps) {
  return (
    <section aria-label={resultsTexts.title}>
      <h2>{resultsTexts.title}</h2>
      <FilterChoice only={only} choose={(chosen) => show({ offset: 0, only: chosen })} />
      {page === null || page.answers.length === 0 ? (
        <p class="hint">{only === "all" ? resultsTexts.none : resultsTexts.noneSuch}</p>
      ) : (
        <>
          {note}
          {named ?? <AnswersTable page={page} queries={queries} whoGave={whoGave} />}
          {queries === "gone" && <p class="hint">{resultsTexts.noQueries}</p>}
          <Pager page={page} showFrom={(offset) => show({ offset, only })} />
        </>
      )}
    </section>
  );
}

function FilterChoice({ only, choose }: { only: AnswerFilter; choose(only: AnswerFilter): void }) {
  const id = useId();
  return (
    <div class="filter">
      <div class="filter-field">
        <label for={id}>{resultsTexts.only}</label>
        <select id={id} value={only} onChange={({ currentTarget }) => choose(currentTarget.value as AnswerFilter)}>
          {FILTERS.map((filter) => (
            <option key={filter} value={filter}>
              {resultsTexts.filters[filter]}
            </option>
          ))}
        </select>
      </div>
      {only !== "all" && <p class="hint">{resultsTexts.filterMeans[only]}</p>}
    </div>
  );
}

function Pager({ page, showFrom }: { page: AnswersPage; showFrom(offset: number): void }) {
  const end = page.offset + page.answers.length;
  return (
    <div class="buttons">
      <button
        type="button"
        class="small"
        disabled={page.offset === 0}
        onClick={() => showFrom(page.offset - shownAtOnce(page))}
      >
        {texts.previous}
      </button>
      <button type="button" class="small" disabled={end >= page.matching} onClick={() => showFrom(end)}>
        {texts.next}
      </button>
    </div>
  );
}

type AnswersTableProps = Pick<AnswersSectionProps, "queries" | "whoGave"> & { readonly page: AnswersPage };

function AnswersTable({ page, queries, whoGave }: AnswersTableProps) {
  const { offset, matching, answers } = page;
  const { columns } = texts;
  const rows = typeof queries === "object" ? queries : null;
  return (
    <DataTable
      label={resultsTexts.title}
      caption={resultsTexts.caption(offset + 1, offset + answers.length, matching)}
      class="answers"
      rows={answers}
      keyOf={({ index }) => index}
      columns={(of) => [
        of.number(columns.index, ({ index }) => count(index)),
        ...(rows === null ? [] : [of.text(resultsTexts.query, ({ index }) => <Query index={index} queries={rows} />)]),
        of.number(columns.label, (answer) => <span class="answer-label">{said(answer)}</span>),
        of.text(columns.mark, ({ mark }) => (
          <span class={`tag answer-${mark}`} title={marks[mark].means}>
            {marks[mark].name}
          </span>
        )),
        of.text(columns.trust, trustOf),
        of.text(columns.first, (answer) => firstOf(answer)),
        of.text(resultsTexts.volunteer, whoGave, ({ volunteerId }) => volunteerId ?? undefined),
      ]}
    />
  );
}

function Query({ index, queries }: { index: number; queries: { indices: readonly number[]; array: NpyArray } }) {
  const row = queries.indices.indexOf(index);
  return row < 0 ? null : <QueryView array={queries.array} row={row} label={resultsTexts.queryPicture(index)} />;
}

/** @param nicknames by volunteer, where somebody of that name is known */
export function giverOf({ mark, volunteerId }: AnswerView, nicknames: ReadonlyMap<string, string>): string {
  if (mark === "missing") return "";
  if (volunteerId === null) return mark === "exact" ? resultsTexts.coordinator : resultsTexts.several;
  return nicknames.get(volunteerId) ?? `${volunteerId.slice(0, ID_SHOWN)}…`;
}
