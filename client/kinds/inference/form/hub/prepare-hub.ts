/** A dropped folder and its photographs or texts, as what is submitted: the same preparation as `paritab submit`, by the same code. */
import * as Comlink from "comlink";
import { BOX_THRESHOLD } from "../../../../../shared/hub/boxes.ts";
import { withoutBroken } from "../../../../../shared/hub/broken-pictures.ts";
import { hubCorpus } from "../../../../../shared/hub/corpus.ts";
import { type HubFile, sentFiles } from "../../../../../shared/hub/hub-place.ts";
import {
  type PictureModel,
  pictureModel,
  requireRoom,
  settingsOfPictures,
  shownLabels,
} from "../../../../../shared/hub/picture-model.ts";
import { PictureRows } from "../../../../../shared/hub/picture-rows.ts";
import type { Pool } from "../../../../../shared/hub/pooling.ts";
import { textModelFiles } from "../../../../../shared/hub/text-model.ts";
import { inOrderOfNames } from "../../../../../shared/inputs/in-order-of-names.ts";
import { InputError } from "../../../../../shared/inputs/input-error.ts";
import { Problems } from "../../../../../shared/inputs/problems.ts";
import { textsIn } from "../../../../../shared/inputs/texts.ts";
import { PICTURES_MAX } from "../../../../../shared/protocol/limits.ts";
import { encodeNpy } from "../../../../../shared/protocol/npy.ts";
import { submissionKey } from "../../../../../shared/sdk/submit-once.ts";
import { chunksOf } from "../../../../hub/dropped-files.ts";
import { droppedPlace } from "../../../../hub/dropped-place.ts";
import { type HubDrop, takesTexts } from "../../../../hub/hub-drop.ts";
import { hubWords as words } from "./hub-words.ts";
import type { PhotoThread } from "./photo-thread.ts";
import type { Prepared, PreparedPictures, PreparedTexts } from "./prepared.ts";

export interface HubAsked {
  /** Of a table; two with a comma between them: pairs; null: the usual one. */
  readonly column: string | null;
  /** null: as the folder says. */
  readonly pool: Pool | null;
  readonly normalizes: boolean | null;
  readonly truncates: boolean;
  /** Pictures that cannot be read are left out, and not refused. */
  readonly skipsBroken: boolean;
}

/** Labels of an answer, as the command line writes them. */
export const TOP = 5;

export interface Preparing {
  readonly signal: AbortSignal;
  onProgress(words: string): void;
}

/** @throws InputError, ModelError with all that is wrong; the signal's reason */
export function prepareHub(drop: HubDrop, asked: HubAsked, preparing: Preparing): Promise<Prepared> {
  return takesTexts(drop) ? prepareTexts(drop, asked, preparing) : preparePictures(drop, asked, preparing);
}

async function preparePictures(
  { photos, ...drop }: HubDrop,
  { skipsBroken }: HubAsked,
  { signal, onProgress }: Preparing,
): Promise<PreparedPictures> {
  const problems = new Problems();
  const model = await pictureModel(droppedPlace(drop), problems);
  if (photos.length === 0 || photos.length > PICTURES_MAX) problems.add(words.noPictures(PICTURES_MAX, photos.length));
  problems.throwIfAny();
  requireRoom(words.thePictures, model!, photos.length);
  const ordered = inOrderOfNames(photos, ({ name }) => name);
  const rows = await rowsOf(model!, ordered, { signal, onProgress }, skipsBroken);
  const { place, plan, labels, task } = model!;
  const { shapes, frame, names, skipped } = rows;
  const truths = shownLabels(model!, names);
  return {
    kind: "pictures",
    name: place.name,
    size: frame,
    modelFiles: asFiles(model!.files(rows)),
    queries: npyFile("pictures", encodeNpy(rows.queries)),
    labels:
      truths === null
        ? null
        : npyFile("labels", encodeNpy({ dtype: "F32", shape: [truths.length], data: Float32Array.from(truths) })),
    asked: settingsOfPictures(model!, truths),
    brought: {
      ...{ kind: "pictures", seal: submissionKey(), names: [...names], top: TOP },
      labels: labels && { holds: labels.holds, names: [...labels.names] },
      ...(skipped.length === 0 ? {} : { skipped: [...skipped] }),
    },
    decoding: { task, shapes, isCropped: plan.crop !== null, threshold: BOX_THRESHOLD },
  };
}

/** Threads that read pictures at once: more than the page's own machine has cores for would only take memory. */
const PHOTO_THREADS_MAX = 4;

async function rowsOf(
  model: PictureModel,
  photos: readonly File[],
  { signal, onProgress }: Preparing,
  skipsBroken: boolean,
) {
  const rows = new PictureRows(photos.length, model);
  const wrong = new Map<number, string>();
  let [next, done] = [0, 0];
  const readSome = async () => {
    const worker = new Worker(new URL("./photo-thread.ts", import.meta.url), { type: "module", name: "photos" });
    // A thread that cannot start, or dies of a picture, never answers.
    const broken = new Promise<never>((_, reject) => {
      worker.onerror = ({ message }) => reject(new Error(words.noPhotoThread(message)));
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    broken.catch(() => {});
    const thread = Comlink.wrap<PhotoThread>(worker);
    try {
      while (next < photos.length) {
        signal.throwIfAborted();
        const place = next++;
        onProgress(words.reading(done, photos.length));
        const prepared = await Promise.race([thread.prepare(photos[place]!, model.plan), broken]);
        if ("resized" in prepared) rows.add(place, prepared.resized, prepared.own);
        else wrong.set(place, prepared.problem);
        done++;
      }
    } finally {
      worker.terminate();
    }
  };
  const threads = Math.min(photos.length, PHOTO_THREADS_MAX, Math.max(1, navigator.hardwareConcurrency - 1));
  await Promise.all(Array.from({ length: threads }, readSome));
  const names = photos.map(({ name }) => name);
  const read = withoutBroken(names, { broken: wrong, skipsBroken }, words.skipAdvice);
  return { ...rows.finish(words.thePictures, read.places), names: read.names, skipped: read.skipped };
}

async function prepareTexts(
  { texts, ...drop }: HubDrop,
  asked: HubAsked,
  { signal, onProgress }: Preparing,
): Promise<PreparedTexts> {
  const place = droppedPlace(drop);
  const { gunzipSync } = await import("fflate");
  const read = () => {
    if (texts === null) throw new InputError(words.noTexts);
    const file = {
      name: texts.name,
      byteCount: texts.size,
      bytes: () => chunksOf(texts.stream()),
      slice: (start: number, end: number) => texts.slice(start, end).arrayBuffer(),
    };
    return textsIn(file, asked.column?.split(",").map((name) => name.trim()) ?? [], {
      GZIP: (packed, byteCount) => gunzipSync(packed, { out: new Uint8Array(byteCount) }),
    });
  };
  const corpus = await hubCorpus(place, read, {
    ...asked,
    async onTexts(done, of) {
      signal.throwIfAborted();
      onProgress(words.tokenizing(done, of));
      await new Promise((resolve) => setTimeout(resolve));
    },
  });
  const longest = corpus.buckets.at(-1)!.length;
  return {
    kind: "texts",
    name: place.name,
    modelFiles: asFiles(textModelFiles(corpus.model, corpus.task, longest)),
    corpus,
  };
}

const asFiles = (files: readonly HubFile[]) => sentFiles(files).map(({ name, data }) => new File([data], name));

function npyFile(name: string, bytes: Uint8Array): File {
  return new File([bytes as Uint8Array<ArrayBuffer>], `${name}.npy`, { type: "application/octet-stream" });
}
