/** Reads photographs beside the page, which stays awake meanwhile. */
import * as Comlink from "comlink";
import type { PicturePlan, PictureSize } from "../../../../../shared/hub/picture-plan.ts";
import { resizedPicture } from "../../../../../shared/hub/prepare-picture.ts";
import type { Pixels } from "../../../../../shared/hub/resample.ts";
import { InputError } from "../../../../../shared/inputs/input-error.ts";
import { decodePhoto } from "./decode-photo.ts";

/** The picture resized, and its own size; or what is wrong with it: the class of an error does not come through. */
export type PreparedPhoto = { readonly resized: Pixels; readonly own: PictureSize } | { readonly problem: string };

const api = {
  async prepare(photo: File, plan: PicturePlan): Promise<PreparedPhoto> {
    try {
      const whole = await decodePhoto(photo);
      const resized = resizedPicture(whole, plan, photo.name);
      const own = { width: whole.width, height: whole.height };
      return Comlink.transfer({ resized, own }, [resized.data.buffer as ArrayBuffer]);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return { problem: error.message };
    }
  },
};
export type PhotoThread = typeof api;

Comlink.expose(api);
