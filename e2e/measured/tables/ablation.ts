/** What code, likeness and neighbours each add to accuracy: `npm run bench -- ablation`. */
import { dotPlot } from "../dot-plot.ts";
import {
  type Figures,
  type MarkdownColumn,
  type MeasuredRun,
  markdownTable,
  numberOf,
  type Row,
  rowWith,
  share,
} from "../measured-table.ts";

const GROUP_SIZE = 8;
const ALIKE_OWN = { groups: "alike", estimator: "decoder" };
const PUBLISHED = { code: "approxifer", groups: "random", estimator: "decoder" };
const SYSTEMATIC = { code: "systematic", groups: "alike", estimator: "best of both" };

export const ablation: MeasuredRun = {
  name: "ablation",
  bench: "ablation",
  args: ["--group-sizes", String(GROUP_SIZE)],
  minutes: 40,
  tables: {
    "one-lost": (figures) => ingredients(figures, 1),
    "three-lost": (figures) => ingredients(figures, 3),
    headline: (figures) => headline(figures),
    best: (figures) => bestOf(figures),
  },
  figures: {
    base: ({ rows }) => share(rowWith(rows, { ...SYSTEMATIC, model: "mnist-mlp", stragglers: 1 }).base),
    "approxifer-two": ({ rows }) => share(rowWith(rows, { ...PUBLISHED, model: "mnist-mlp", stragglers: 2 }).overall),
    "systematic-two": ({ rows }) => share(rowWith(rows, { ...SYSTEMATIC, model: "mnist-mlp", stragglers: 2 }).overall),
    settings: ({ rows }) => String(settingsOf(rows).size),
    "approxifer-rise": ({ rows }) => mostPoints(rows, "approxifer"),
    "systematic-rise": ({ rows }) => mostPoints(rows, "systematic"),
  },
  pictures: { ablation: picture },
};

/** The same with larger groups, on fewer images. */
export const ablationTwelve: MeasuredRun = {
  name: "ablation-twelve",
  bench: "ablation",
  args: ["--group-sizes", "12", "--limit", "1000"],
  parts: [
    ["--datasets", "mnist"],
    ["--datasets", "fashion"],
    ["--datasets", "cifar"],
  ],
  minutes: 8,
  tables: { best: (figures) => bestOf(figures) },
};

/** The same in jobs of ten groups: hardly any query has one that resembles it. */
export const ablationFew: MeasuredRun = {
  name: "ablation-few",
  bench: "ablation",
  args: ["--group-sizes", String(GROUP_SIZE), "--limit", "80", "--seeds", "20", "--datasets", "mnist,cifar"],
  minutes: 3,
  tables: { headline: (figures) => headline(figures) },
};

/** A way to answer a row. */
const wayOf = ({ code, groups, estimator }: Row): Row => ({ code: code!, groups: groups!, estimator: estimator! });
const WAY_COLUMNS: readonly MarkdownColumn[] = [
  { title: "code", cell: ({ code }) => (code === "none" ? "no code" : `\`${code}\``) },
  { title: "groups", cell: ({ groups }) => String(groups) },
  { title: "lost answers by", cell: ({ estimator }) => String(estimator) },
];
const keyOf = (row: Row) => Object.values(wayOf(row)).join("|");
const waysIn = (rows: readonly Row[]) => [...new Map(rows.map((row) => [keyOf(row), wayOf(row)])).values()];

/** A row a way, a column a model: A_overall, and behind it A_degraded. */
function ingredients({ rows }: Figures, stragglers: number): string {
  const own = rows.filter((row) => row.stragglers === stragglers);
  const models = [...new Set(own.map(({ model }) => String(model)))];
  const ways = waysIn(own);
  const best = new Map(models.map((model) => [model, highest(own.filter((row) => row.model === model))]));
  const columns: MarkdownColumn[] = [
    ...WAY_COLUMNS,
    ...models.map((model): MarkdownColumn => {
      const base = numberOf(own.find((row) => row.model === model)!, "base");
      return {
        title: `${model} (${share(base)})`,
        cell: (way) => cellOf(rowWith(own, { ...way, model }), best.get(model)!),
      };
    }),
  ];
  return markdownTable(columns, ways);
}

const highest = (rows: readonly Row[]) => Math.max(...rows.map((row) => numberOf(row, "overall")));

/** Bold is whatever the interval of the best cannot be told from. */
function cellOf(row: Row, best: number): string {
  const overall = numberOf(row, "overall");
  const text = `${share(overall)} ± ${share(row.overallHalfWidth)}`;
  const degraded = row.degraded === null ? "" : ` / ${share(row.degraded)}`;
  return `${overall + numberOf(row, "overallHalfWidth") >= best ? `**${text}**` : text}${degraded}`;
}

/** MNIST, K = 8: the papers' code as published, the same with each of our ingredients, and ours. */
function headline({ rows }: Figures): string {
  const cell = (stragglers: Row[string], wanted: Row) => {
    const row = rowWith(rows, { model: "mnist-mlp", queryCount: GROUP_SIZE, stragglers: stragglers!, ...wanted });
    return `${share(row.overall)} ± ${share(row.overallHalfWidth)}`;
  };
  const way = (title: string, wanted: Row): MarkdownColumn => {
    return { title, isNumber: true, cell: ({ stragglers }) => cell(stragglers!, wanted) };
  };
  const columns: MarkdownColumn[] = [
    { title: "S", isNumber: true, cell: ({ stragglers }) => String(stragglers) },
    way("`approxifer`", PUBLISHED),
    way("`approxifer`, alike groups", { code: "approxifer", ...ALIKE_OWN }),
    way("`spline`, alike groups", { code: "spline", ...ALIKE_OWN }),
    way("`systematic`'s mixtures, random groups", { code: "systematic", groups: "random", estimator: "decoder" }),
    way("`systematic`'s mixtures, alike groups", { code: "systematic", ...ALIKE_OWN }),
    way("no code: five neighbours", { code: "none", groups: "alike", estimator: "neighbours" }),
    way("`systematic` as it is", SYSTEMATIC),
  ];
  const counts = [...new Set(rows.map(({ stragglers }) => stragglers!))];
  return markdownTable(
    columns,
    counts.map((stragglers) => ({ stragglers })),
  );
}

const PICTURED: readonly { readonly title: string; readonly colour: string; readonly way: Row }[] = [
  { title: "lost answers guessed", colour: "#8a9a97", way: { code: "none", groups: "alike", estimator: "guess" } },
  {
    title: "approxifer, as published",
    colour: "#b2423a",
    way: PUBLISHED,
  },
  {
    title: "its authors' systematic code",
    colour: "#b2423a",
    way: { code: "berrut-systematic", groups: "random", estimator: "decoder" },
  },
  { title: "approxifer, alike groups", colour: "#b5851f", way: { code: "approxifer", ...ALIKE_OWN } },
  {
    title: "systematic's mixtures, random",
    colour: "#6a6ab0",
    way: { code: "systematic", groups: "random", estimator: "decoder" },
  },
  { title: "systematic's mixtures, alike", colour: "#6a6ab0", way: { code: "systematic", ...ALIKE_OWN } },
  {
    title: "five neighbours, no code",
    colour: "#2f8f86",
    way: { code: "none", groups: "alike", estimator: "neighbours" },
  },
  {
    title: "systematic as it is",
    colour: "#2f8f86",
    way: { code: "systematic", groups: "alike", estimator: "best of both" },
  },
];
const PICTURED_STRAGGLERS = 3;

function picture({ rows }: Figures): string {
  const own = rows.filter(({ stragglers }) => stragglers === PICTURED_STRAGGLERS);
  const panels = [...new Set(own.map(({ model }) => String(model)))];
  return dotPlot({
    title: `Share of right answers where ${PICTURED_STRAGGLERS} of ${GROUP_SIZE + PICTURED_STRAGGLERS} workers are lost and nothing is redone`,
    panels,
    lines: PICTURED.map(({ title, colour, way }) => ({
      title,
      colour,
      dots: panels.map((model) => {
        const row = rowWith(own, { model, ...way });
        return { mean: numberOf(row, "overall"), halfWidth: numberOf(row, "overallHalfWidth") };
      }),
    })),
  });
}

/** Points of A_overall that groups of like queries bring a code's own decoding, in the setting where they bring most. */
function mostPoints(rows: readonly Row[], code: string): string {
  const rises = rows
    .filter((row) => row.code === code && row.groups === "random" && row.estimator === "decoder")
    .map((row) => {
      const { model, queryCount, stragglers } = row;
      const alike = rowWith(rows, {
        ...ALIKE_OWN,
        code,
        model: model!,
        queryCount: queryCount!,
        stragglers: stragglers!,
      });
      return 100 * (numberOf(alike, "overall") - numberOf(row, "overall"));
    });
  return Math.max(...rises).toFixed(0);
}

/** Rows of each network, K and S. */
function settingsOf(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const settings = new Map<string, Row[]>();
  for (const row of rows) {
    const setting = `${row.model}|${row.queryCount}|${row.stragglers}`;
    settings.set(setting, [...(settings.get(setting) ?? []), row]);
  }
  return settings;
}

/** For each way, in how many settings nothing is better beyond the interval, and its mean distance from the best of a setting. */
function bestOf({ rows }: Figures): string {
  const settings = settingsOf(rows);
  const ways = waysIn(rows);
  const summed = ways.map((way) => {
    let among = 0;
    let behind = 0;
    for (const own of settings.values()) {
      const row = rowWith(own, way);
      const best = highest(own);
      if (numberOf(row, "overall") + numberOf(row, "overallHalfWidth") >= best) among++;
      behind += (best - numberOf(row, "overall")) / settings.size;
    }
    return { ...way, among, behind };
  });
  const columns: MarkdownColumn[] = [
    ...WAY_COLUMNS,
    { title: `among the best, of ${settings.size} settings`, isNumber: true, cell: ({ among }) => String(among) },
    { title: "points behind the best", isNumber: true, cell: ({ behind }) => (100 * Number(behind)).toFixed(1) },
  ];
  return markdownTable(
    columns,
    summed.toSorted((a, b) => a.behind - b.behind),
  );
}
