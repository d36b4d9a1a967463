/** Models by name, for /v1: one method a request. */
import { uploadRoomSchema } from "../protocol/uploads-api.ts";
import { type V1Model, v1DeletedSchema, v1ModelSchema, v1ModelsSchema } from "../protocol/v1-api.ts";
import { askAs } from "./ask-as.ts";
import type { Requester } from "./requests.ts";
import { requireModelRoom } from "./require-upload-room.ts";
import type { ModelFile } from "./run-inference.ts";

export interface NamedModelSettings {
  /** How a text's vector is made of its tokens'; by default as the folder says. */
  readonly pool?: "mean" | "max" | "cls" | "last" | "none" | undefined;
  /** Vectors of length 1; by default as the folder says. */
  readonly normalize?: boolean | undefined;
}

export interface ModelNameCalls {
  /** @param files of a Hugging Face folder, under their paths in it */
  addNamedModel(
    id: string,
    files: readonly ModelFile[],
    settings?: NamedModelSettings,
    signal?: AbortSignal,
  ): Promise<V1Model>;
  namedModels(signal?: AbortSignal): Promise<V1Model[]>;
  removeNamedModel(id: string, signal?: AbortSignal): Promise<void>;
}

export function modelNameCalls(requester: Requester): ModelNameCalls {
  return {
    async addNamedModel(id, files, { pool, normalize } = {}, signal) {
      await requireModelRoom(files, () => askAs(requester, "/api/uploads/room", uploadRoomSchema, { signal }));
      const body = new FormData();
      for (const { name, data } of files) body.append("files", data instanceof Blob ? data : new Blob([data]), name);
      const settings = [
        `id=${encodeURIComponent(id)}`,
        ...(pool === undefined ? [] : [`pool=${pool}`]),
        ...(normalize === undefined ? [] : [`normalize=${normalize}`]),
      ];
      return askAs(requester, `/v1/models?${settings.join("&")}`, v1ModelSchema, {
        ...{ method: "POST", body, signal },
        mayTakeLong: true,
      });
    },
    namedModels: async (signal) => (await askAs(requester, "/v1/models", v1ModelsSchema, { signal })).data,
    async removeNamedModel(id, signal) {
      await askAs(requester, `/v1/models/${encodeURIComponent(id)}`, v1DeletedSchema, { method: "DELETE", signal });
    },
  };
}
