/** What `paritab submit` is told, whatever it is told to read. */
import { POOLS } from "../../../../shared/hub/pooling.ts";
import { HYPOTHESIS } from "../../../../shared/hub/zero-shot.ts";
import type { WriteCell } from "../../../../shared/inputs/csv-cell.ts";
import type { Acceptance } from "../../../../shared/sdk/paritab-client.ts";
import type { Flag } from "../../../cli/command.ts";

export interface HubOptions {
  /** A folder, or a model's file in one. */
  readonly model: string;
  /** Of the job, under the names of the API. */
  readonly settings: Record<string, unknown>;
  readonly accept: Acceptance | undefined;
  /** Labels of an answer. */
  readonly top: number;
  /** Boxes that are less sure are left out. */
  readonly threshold: number;
  readonly out: string | undefined;
  /** How texts and names are written in CSV. */
  readonly cell: WriteCell;
}

/** What a model's folder is to read. */
export const HUB_INPUT_FLAGS: Readonly<Record<string, Flag>> = {
  images: { value: "PATH", help: "a folder of pictures, a .zip, a .tar (or .tar.gz), or one picture" },
  texts: { value: "FILE", help: ".txt, .csv, .tsv, .jsonl, .parquet, or - for lines of standard input" },
  column: {
    value: "NAME",
    multiple: true,
    help: "of a table of texts: the column (text, or the only one); twice: each row is a pair of texts (text and text_pair, question and context, premise and hypothesis, or query and passage, where both are there)",
  },
  candidate: {
    value: "LABEL",
    multiple: true,
    help: "of a model that infers (a label entailment in config.json): is the text about this? Two labels at least; answers have these in the place of the model's",
  },
  hypothesis: { value: "TEXT", help: `with --candidate: the sentence, {} is the label ("${HYPOTHESIS}")` },
  pool: {
    value: POOLS.join("|"),
    help: "how a text's vector is made from the vectors of its tokens; none: all that the model gives (default: as the folder says)",
  },
  normalize: { help: "scale vectors to length 1 (default: as the folder says)" },
  truncate: { help: "cut texts that are longer than the model takes, and say how many" },
};
/** They mean something beside --texts alone. */
export const TEXT_FLAGS = ["column", "candidate", "hypothesis", "pool", "normalize", "truncate"];
