/** What a submitter's own browser knows of a job, and nobody else: names of files and labels, and the texts themselves. */
import { BOX_THRESHOLD } from "../../../../shared/hub/boxes.ts";
import type { LabelNames } from "../../../../shared/hub/label-names.ts";
import type { PictureAnswers } from "../../../../shared/hub/picture-answers.ts";
import type { PictureShape } from "../../../../shared/hub/picture-rows.ts";
import type { PictureTask } from "../../../../shared/hub/picture-task.ts";
import type { TextTask } from "../../../../shared/hub/text-model.ts";
import type { OwnTokens } from "../../../../shared/hub/token-lines.ts";
import type { OutputShape } from "../../../../shared/inputs/zip-writer.ts";

export interface BroughtPictures {
  readonly kind: "pictures";
  /** By query. */
  readonly names: readonly string[];
  /** null: the folder names none, and answers are numbered. */
  readonly labels: LabelNames | null;
  /** Absent, as all that follows: kept before this page could show more than labels. */
  readonly task?: PictureTask;
  /** By query. */
  readonly shapes?: readonly PictureShape[];
  /** The model sees the middle of each. */
  readonly isCropped?: boolean;
  /** Those of the model, as a row of answers has them. */
  readonly outputs?: readonly OutputShape[];
}

/** What is needed to decode the answers; null: labels are all that is known of them. */
export function picturesAsked({ task, shapes, outputs, labels, names }: BroughtPictures): PictureAnswers | null {
  if (task === undefined || shapes === undefined || outputs === undefined) return null;
  return { task, outputs, labels, names, sizes: shapes.map(({ own }) => own), threshold: BOX_THRESHOLD };
}

export interface BroughtTexts {
  readonly kind: "texts";
  readonly texts: readonly string[];
  /** The second text of each. Absent or null: they are single. */
  readonly pairs?: readonly string[] | null;
  readonly task: TextTask;
  readonly labels: LabelNames | null;
  /** By text, where the model names tokens. Absent: kept before this page could show them. */
  readonly tokens?: readonly OwnTokens[] | null;
  /** One for each length that the texts are padded to. */
  readonly jobs: readonly { readonly jobId: string; readonly places: readonly number[] }[];
}

export type Brought = BroughtPictures | BroughtTexts;
