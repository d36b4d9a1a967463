import type { AnswersPage, AnswerView } from "../../shared/protocol/api.ts";
import { Scroll } from "../ui/scroll.tsx";
import { dashboard } from "../ui/texts.ts";
import { chance, count, percent } from "../ui/units.ts";
import { ANSWERS_SHOWN } from "./dashboard-store.ts";

const texts = dashboard.detail.answers;
const marks = dashboard.jobs.marks;
const NUMBERS_SHOWN = 3;

/** One page of answers, each with its mark and what stands behind it. */
export function AnswersTable({ page, showFrom }: { page: AnswersPage | null; showFrom(offset: number): void }) {
  if (page === null || page.answers.length === 0) return <p class="hint">{texts.none}</p>;
  const { offset, queryCount, answers } = page;
  const { columns } = texts;
  const end = offset + answers.length;
  return (
    <section aria-label={texts.title}>
      <h4>{texts.title}</h4>
      <Scroll label={texts.title}>
        <table>
          <caption>{texts.caption(offset + 1, end, queryCount)}</caption>
          <thead>
            <tr>
              <th scope="col" class="number">
                {columns.index}
              </th>
              <th scope="col" class="number">
                {columns.label}
              </th>
              <th scope="col">{columns.mark}</th>
              <th scope="col">{columns.trust}</th>
              <th scope="col">{columns.first}</th>
            </tr>
          </thead>
          <tbody>
            {answers.map((answer) => (
              <tr key={answer.index}>
                <td class="number">{count(answer.index)}</td>
                <td class="number">{said(answer)}</td>
                <td>
                  <span class={`tag answer-${answer.mark}`} title={marks[answer.mark].means}>
                    {marks[answer.mark].name}
                  </span>
                </td>
                <td>{trustOf(answer)}</td>
                <td>{firstOf(answer)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <div class="buttons">
        <button type="button" class="small" disabled={offset === 0} onClick={() => showFrom(offset - ANSWERS_SHOWN)}>
          {texts.previous}
        </button>
        <button type="button" class="small" disabled={end >= queryCount} onClick={() => showFrom(end)}>
          {texts.next}
        </button>
      </div>
    </section>
  );
}

function trustOf({ bound, confidence, final, mark }: AnswerView): string {
  if (mark === "missing") return "";
  const parts = [
    bound === null || bound === 0 ? "" : texts.bound(chance(bound)),
    confidence === null ? "" : texts.confidence(percent(confidence)),
    final ? "" : texts.notFinal,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** The label; of a regression its numbers, the first few where they are many. */
function said({ label, outputs }: AnswerView): string {
  if (label !== null) return String(label);
  const shown = outputs.slice(0, NUMBERS_SHOWN).map((value) => String(Number(value.toPrecision(4))));
  return shown.join(", ") + (outputs.length > NUMBERS_SHOWN ? ", …" : "");
}

/** What the first delivery said, where it was something else. */
function firstOf({ first, mark, label }: AnswerView): string {
  if (first === null || (first.mark === mark && first.label === label)) return "";
  if (first.label === null || first.mark === "missing") return marks[first.mark].name;
  return `${first.label}, ${marks[first.mark].name}`;
}
