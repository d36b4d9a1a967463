/** A table as people have it: numbers of very different sizes, words, empty cells; and labels of three sorts. */
import { GAP } from "../../shared/protocol/gap.ts";
import { normal, simulationRandom } from "../../shared/random/simulation-random.ts";
import { asNpy } from "../../shared/sdk/as-npy.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";

export type LabelSort = "yes or no" | "species" | "price";

const ROWS = 240;
const CITIES = ["Bergen", "Oslo", "Rome"];
const EFFECT = [-1.5, 0.5, 2];

/** The same each time. */
export function mixedTable() {
  const random = simulationRandom(11);
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const [age, height, city] = [
      20 + Math.floor(60 * random.uniform()),
      1.4 + 0.7 * random.uniform(),
      random.integer(3),
    ];
    const score = 0.08 * (age - 50) + 4 * (height - 1.75) + EFFECT[city]! + 0.3 * normal(random);
    return {
      values: [row % 17 === 3 ? GAP : age, row % 23 === 5 ? GAP : city, height],
      "yes or no": score > 0 ? 1 : 0,
      species: score < -1.5 ? 0 : score < 1.5 ? 1 : 2,
      price: 1_000 * score + 50_000,
    };
  });
  const cell = (value: number, written: string) => (value === GAP ? "" : written);
  const lines = rows.map(({ values: [age = GAP, city = GAP, height], ...labels }) => {
    const y = labels["yes or no"] === 1 ? "yes" : "no";
    return `${height},${cell(city, CITIES[city]!)},${y},${cell(age, String(age))}`;
  });
  return { rows, names: ["age", "city", "height"], cities: CITIES, lines: ["height,city,y,age", ...lines] };
}

const LABEL_NAMES: Readonly<Partial<Record<LabelSort, string[]>>> = {
  "yes or no": ["no", "yes"],
  species: ["ash", "elm", "oak"],
};

/** @returns the id of a job that has learned from it */
export async function trainMixed({ client }: { readonly client: ParitabClient }, sort: LabelSort): Promise<string> {
  const { rows, names, cities } = mixedTable();
  const upload = async (shape: number[], data: Float64Array<ArrayBuffer>) =>
    (await client.uploadTensor(asNpy({ dtype: "F64", shape, data }) as Uint8Array<ArrayBuffer>)).tensorSha256;
  const source = {
    kind: "uploads" as const,
    featuresSha256: await upload([ROWS, 3], Float64Array.from(rows.flatMap(({ values }) => values))),
    labelsSha256: await upload(
      [ROWS],
      Float64Array.from(rows, (row) => row[sort]),
    ),
    columnNames: names,
    categories: [{ column: 1, levels: cities }],
    gap: GAP,
    ...(LABEL_NAMES[sort] && { labelNames: LABEL_NAMES[sort] }),
  };
  const { jobId } = await client.submit({
    ...{ kind: "regression", source, name: sort, dataVolunteers: 2, stragglers: 1, liars: 0 },
  });
  for await (const job of client.watch(jobId)) {
    if (job.finishedMs !== null && job.state !== "done") throw new Error(`${sort}: ${job.state}, ${job.error}`);
  }
  return jobId;
}
