/** Reads photographs beside the page, which stays awake meanwhile. */
import * as Comlink from "comlink";
import type { PicturePlan } from "../../../../../shared/hub/picture-plan.ts";
import { type PictureLayout, preparePicture } from "../../../../../shared/hub/prepare-picture.ts";
import { InputError } from "../../../../../shared/inputs/input-error.ts";
import { decodePhoto } from "./decode-photo.ts";

/** A row, or what is wrong with the picture: the class of an error does not come through. */
export type PreparedPhoto = { readonly row: Uint8Array<ArrayBuffer> } | { readonly problem: string };

const api = {
  async prepare(photo: File, plan: PicturePlan, layout: PictureLayout): Promise<PreparedPhoto> {
    try {
      const row = preparePicture(await decodePhoto(photo), plan, layout, photo.name);
      return Comlink.transfer({ row }, [row.buffer]);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return { problem: error.message };
    }
  },
};
export type PhotoThread = typeof api;

Comlink.expose(api);
