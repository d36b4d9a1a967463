/** The built-in data of regressions as uploads that a submission can name, and the digits to test the weights with. */
import { createTurnQueue } from "../../shared/control/turn-queue.ts";
import type { RegressionSample } from "../../shared/kinds/regression/submission.ts";
import { SubmissionError } from "../shell/submission-error.ts";
import type { Store } from "../store/store.ts";
import { type SampleTable, TABLE_COLUMNS, TABLE_LABELS, TABLE_ROWS, TABLE_SCALES } from "./regression-tables.ts";
import { tableInThread } from "./table-in-thread.ts";

export interface RegressionSampleSource {
  readonly featuresSha256: string;
  readonly labelsSha256: string;
  /** x = entry * inputScale */
  readonly inputScale: number;
}

/** All of gisette-like, a tenth of mnist: more teaches a linear model little and costs every tab its share. */
const ROWS_DEFAULT = 6_000;

/**
 * @returns puts the first so many rows into the store, made in a thread and then known by their hashes; throws
 *   SubmissionError where there are not so many
 */
export function createRegressionSample(store: Pick<Store, "putBlob" | "hasBlob">, makeTable = tableInThread) {
  const made = new Map<string, RegressionSampleSource>();
  const underWay = new Map<string, Promise<RegressionSampleSource>>();
  /** One thread at a time, whatever is asked for at once. */
  const inTurn = createTurnQueue();

  async function make(sample: RegressionSample, rows: number): Promise<RegressionSampleSource> {
    const { featuresNpy, labelsNpy } = await makeTable({ sample, part: "train", rows });
    return {
      featuresSha256: await store.putBlob(featuresNpy),
      labelsSha256: await store.putBlob(labelsNpy),
      inputScale: TABLE_SCALES[sample],
    };
  }

  return async (sample: RegressionSample, rows?: number): Promise<RegressionSampleSource> => {
    const shape = regressionSampleShape(sample, rows);
    const key = `${sample} ${shape.rows}`;
    const known = made.get(key);
    if (known !== undefined && (await isKept(store, known))) return known;
    let making = underWay.get(key);
    if (making === undefined) {
      making = inTurn(() => make(sample, shape.rows)).finally(() => underWay.delete(key));
      underWay.set(key, making);
    }
    const source = await making;
    made.set(key, source);
    return source;
  };
}

/** What the data will be like, without making it. @throws SubmissionError where there are not so many rows */
export function regressionSampleShape(
  sample: RegressionSample,
  rows: number = ROWS_DEFAULT,
): { rows: number; columns: number; labels: readonly number[] } {
  const most = TABLE_ROWS[sample].train;
  if (rows > most) {
    throw new SubmissionError(422, "no-such-rows", `source.rows: expected at most ${most} of ${sample}, got ${rows}`);
  }
  return { rows, columns: TABLE_COLUMNS[sample], labels: TABLE_LABELS[sample] };
}

/** The store forgets what no job refers to. */
async function isKept(store: Pick<Store, "hasBlob">, source: RegressionSampleSource): Promise<boolean> {
  return (await store.hasBlob(source.featuresSha256)) && (await store.hasBlob(source.labelsSha256));
}

/** Digits that no training set has, for predictions whose truth is known: gisette-like 1991 rows, mnist 10,000. */
export function regressionTestSet(sample: RegressionSample): Promise<SampleTable> {
  return tableInThread({ sample, part: "test", rows: TABLE_ROWS[sample].test });
}
