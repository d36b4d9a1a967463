import { DataTable } from "../ui/table.tsx";
import { usePolled } from "../ui/use-polled.ts";
import { speech } from "./texts/texts.ts";

const POLL_MS = 5_000;

interface RankedRow {
  readonly rank: number;
  readonly creditMacs: number;
}

/** What the coordinator answers: the first rows, and one's own where there is one. */
interface RankingView<Row extends RankedRow> {
  readonly rows: readonly Row[];
  readonly own: Row | null;
}

interface RankingTexts {
  readonly title: string;
  readonly note: string;
  readonly none: string;
  readonly failed: string;
  readonly columns: { readonly rank: string; readonly name: string; readonly members?: string; readonly macs: string };
}

interface RankingProps<Row extends RankedRow> {
  readonly id: string;
  /** Asked again and again, with its query. */
  readonly path: string;
  readonly texts: RankingTexts;
  readonly ownText: string;
  keyOf(row: Row): string;
  nameOf(row: Row): string;
  /** Says more of the name where one points at it. */
  titleOf?(row: Row): string;
  membersOf?(row: Row): number;
}

/** By verified work. One's own row is there even where it is not among the first. */
export function Ranking<Row extends RankedRow>(props: RankingProps<Row>) {
  const { id, path, texts, keyOf, nameOf, titleOf, membersOf } = props;
  const { count, inWords } = speech().formats;
  const { title, columns } = texts;
  const { answer: view, failed } = usePolled<RankingView<Row>>(path, POLL_MS);
  const rows = view === null ? [] : withOwn(view, keyOf);
  const ownKey = view?.own ? keyOf(view.own) : null;
  const isOwn = (row: Row) => ownKey !== null && keyOf(row) === ownKey;
  return (
    <section class="panel leaderboard" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      <p class="hint">{failed ? texts.failed : view !== null && rows.length === 0 ? texts.none : texts.note}</p>
      {rows.length > 0 && (
        <DataTable
          label={title}
          rows={rows}
          keyOf={keyOf}
          classOf={(row) => (isOwn(row) ? "own" : undefined)}
          columns={(of) => [
            of.number(columns.rank, ({ rank }) => count(rank)),
            of.text(
              columns.name,
              (row) => (
                <span class="who">
                  {nameOf(row)}
                  {isOwn(row) && <span class="tag">{props.ownText}</span>}
                </span>
              ),
              titleOf,
            ),
            ...(membersOf === undefined ? [] : [of.number(columns.members, (row) => count(membersOf(row)))]),
            of.number(columns.macs, ({ creditMacs }) => inWords(creditMacs)),
          ]}
        />
      )}
    </section>
  );
}

function withOwn<Row extends RankedRow>({ rows, own }: RankingView<Row>, keyOf: (row: Row) => string): readonly Row[] {
  return own === null || rows.some((row) => keyOf(row) === keyOf(own)) ? rows : [...rows, own];
}
