import type { MatmulJobView } from "../../../../shared/kinds/matmul/job-view.ts";
import type { JobWords } from "../../../cli/job-words.ts";
import { codedWords, liarsCaught } from "../../../coded/cli/coded-words.ts";

export const matmulWords: JobWords<MatmulJobView> = {
  ...codedWords,
  doneOf: ({ slices, slicesDone }) => [slicesDone, slices],
  qualityOf: (job) => liarsCaught(job).join(", "),
  outcomeOf: ({ rows, columns }) => `a product of ${rows} x ${columns}`,
};
