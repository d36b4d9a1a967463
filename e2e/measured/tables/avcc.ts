/** Coded gradients at the settings of the paper: `npm run bench -- avcc`. Simulated delays; the master's time is measured. */
import {
  type Figures,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  rowWith,
  share,
  withSpread,
} from "../measured-table.ts";
import { alike, rangeText } from "../over-parts.ts";

const SCHEMES = ["uncoded", "lcc", "avcc"];
const PINNED: Row = { attack: "reverse", delayModel: "pinned" };

export const avcc: MeasuredRun = {
  name: "avcc",
  bench: "avcc",
  args: [],
  minutes: 6,
  tables: { all },
  figures: {
    repeats: ({ facts }) => String(factsIn(facts).repeats),
    "fresh-lcc": ({ rows }) => rangeOf(rows, "fresh", "ratioToLcc"),
    "fresh-uncoded": ({ rows }) => rangeOf(rows, "fresh", "ratioToUncoded"),
    "most-lcc": ({ rows }) => most(rows, "ratioToLcc", 1),
    "most-lcc-points": ({ rows }) => most(rows, "accuracyGainToLcc", 1),
    "most-uncoded": ({ rows }) => most(rows, "ratioToUncoded", 1),
    "most-uncoded-points": ({ rows }) => most(rows, "accuracyGainToUncoded", 1),
    "bit-for-bit": ({ facts }) => (factsIn(facts).bitForBit === "yes" ? "are" : "ARE NOT"),
    accuracy: ({ facts }) => share(factsIn(facts).accuracy, 4),
    "float-accuracy": ({ facts }) => share(factsIn(facts).floatAccuracy, 4),
    "master-ms": ({ facts }) => share(factsIn(facts).masterMs, 1),
    "honest-refused": ({ facts }) => String(factsIn(facts).honestRejected),
    static: ({ facts }) => share(factsIn(facts).staticSeconds, 0),
    dynamic: ({ facts }) => share(factsIn(facts).dynamicSeconds, 0),
  },
};

const factsIn = (facts: unknown) => (facts as readonly Row[])[0]!;
const ofAvcc = (rows: readonly Row[]) => rows.filter(({ scheme }) => scheme === "avcc");

function rangeOf(rows: readonly Row[], delayModel: string, field: string): string {
  const values = ofAvcc(rows.filter((row) => row.delayModel === delayModel)).map((row) => numberOf(row, field));
  return rangeText(values, (value) => value.toFixed(2));
}

const most = (rows: readonly Row[], field: string, digits: number) =>
  Math.max(...ofAvcc(rows).map((row) => numberOf(row, field))).toFixed(digits);

function all({ rows }: Figures): string {
  return markdownTable(
    [
      { title: "S", isNumber: true, cell: ({ stragglers }) => String(stragglers) },
      { title: "M", isNumber: true, cell: ({ liars }) => String(liars) },
      { title: "scheme", cell: ({ scheme }) => `\`${scheme}\`` },
      {
        title: "50 iterations, s",
        isNumber: true,
        cell: ({ secondsFor50, secondsHalfWidth }) => withSpread(secondsFor50, secondsHalfWidth, 1),
      },
      { title: "times `lcc`", isNumber: true, cell: (row) => numberOf(row, "ratioToLcc").toFixed(2) },
      { title: "times `uncoded`", isNumber: true, cell: (row) => numberOf(row, "ratioToUncoded").toFixed(2) },
      { title: "accuracy", isNumber: true, cell: ({ accuracy50 }) => share(accuracy50, 4) },
      { title: "wrong results accepted", isNumber: true, cell: ({ wrongAccepted }) => String(wrongAccepted) },
    ],
    alike(rows, ["stragglers", "liars"]).flatMap((group) =>
      SCHEMES.map((scheme) => rowWith(group, { ...PINNED, scheme })),
    ),
  );
}
