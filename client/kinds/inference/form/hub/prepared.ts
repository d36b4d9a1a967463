/** What became of a dropped folder: ready to be looked at and submitted. */
import type { HubCorpus } from "../../../../../shared/hub/corpus.ts";
import type { KeptPictures, PictureDecoding } from "../../../../../shared/hub/kept-names.ts";
import type { settingsOfPictures } from "../../../../../shared/hub/picture-model.ts";
import type { PictureSize } from "../../../../../shared/hub/picture-plan.ts";

interface Common {
  /** Of the folder. */
  readonly name: string;
  /** As they are uploaded; of texts, the model for the longest of them. */
  readonly modelFiles: readonly File[];
}

export interface PreparedPictures extends Common {
  readonly kind: "pictures";
  /** What they become, in pixels. */
  readonly size: PictureSize;
  /** `.npy` of bytes, one row a picture. */
  readonly queries: File;
  /** Where the pictures lie in folders that have the names of labels; else null. */
  readonly labels: File | null;
  /** What the job asks of the model. */
  readonly asked: ReturnType<typeof settingsOfPictures>;
  readonly brought: Omit<KeptPictures, "decoding">;
  /** The model's outputs are known once it is there. */
  readonly decoding: Omit<PictureDecoding, "outputs">;
}

export interface PreparedTexts extends Common {
  readonly kind: "texts";
  readonly corpus: HubCorpus;
}

export type Prepared = PreparedPictures | PreparedTexts;
