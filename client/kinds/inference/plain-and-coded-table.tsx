import { spreadInWords } from "../../../shared/kinds/alone-and-together.ts";
import type { CodeEstimate, InferenceEstimate } from "../../../shared/kinds/inference/estimate.ts";
import { plainAndCoded } from "../../../shared/kinds/inference/plain-and-coded.ts";
import { DataTable } from "../../ui/table.tsx";
import { inWords } from "../../ui/units.ts";
import { besideTexts as texts } from "./beside-texts.ts";

/** What a code would change with the tabs that are there: first answers, the end, and the tabs' work. */
export function PlainAndCodedTable({ estimate }: { estimate: Pick<InferenceEstimate, "chosen" | "choices"> }) {
  const { plain, coded } = plainAndCoded(estimate);
  if (plain === null) return null;
  if (coded === null) return <p class="hint">{texts.none}</p>;
  const rows = [
    { kind: texts.plain, of: plain },
    { kind: texts.coded, of: coded },
  ];
  return (
    <DataTable
      label={texts.title}
      rows={rows}
      keyOf={({ kind }) => kind}
      columns={(of) => [
        of.head(texts.title, ({ kind, of: { inWords: code } }) => (
          <>
            {kind}
            <span class="hint">{code}</span>
          </>
        )),
        of.text(texts.columns.first, (row) => timeOf(row.of.firstAnswerMs)),
        of.text(texts.columns.time, (row) => timeOf(row.of.finishMs)),
        of.text(texts.columns.work, (row) => texts.work(inWords(row.of.tabMacs.p50))),
      ]}
    />
  );
}

function timeOf(spread: CodeEstimate["finishMs"]): string {
  return spread === null ? texts.noTabs : spreadInWords(spread);
}
