/** What a submitter's own browser knows of a job, and nobody else: names of files and labels, and the texts themselves. */
import type { LabelNames } from "../../../../shared/hub/label-names.ts";
import type { TextTask } from "../../../../shared/hub/text-model.ts";
import type { OwnTokens } from "../../../../shared/hub/token-lines.ts";

export interface BroughtPictures {
  readonly kind: "pictures";
  /** By query. */
  readonly names: readonly string[];
  /** null: the folder names none, and answers are numbered. */
  readonly labels: LabelNames | null;
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
