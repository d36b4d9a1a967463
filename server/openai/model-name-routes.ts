/** Models by name: listed as OpenAI lists them, added by `paritab model add`. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { POOLS } from "../../shared/hub/pooling.ts";
import { MODEL_FILES_MAX, MODEL_JSON_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { MODEL_NAME, MODEL_NAME_RULE } from "../../shared/protocol/model-name.ts";
import { v1DeletedSchema, v1ModelSchema, v1ModelsSchema } from "../../shared/protocol/v1-api.ts";
import { modelBytesMaxHere } from "../trusted/models-taken.ts";
import { identityOf, partyAsking } from "../web/access-hooks.ts";
import { goesOn } from "../web/goes-on.ts";
import { orLater } from "../web/later-answers.ts";
import { type App, rawBody, route } from "../web/route.ts";
import type { NamedModel, NamedModels } from "./named-models.ts";
import type { OpenAi } from "./openai.ts";
import { invalid, OpenAiFailure } from "./openai-error.ts";
import { askerOf, belongsTo } from "./owned.ts";
import { TextModelError } from "./text-works.ts";
import { v1Model } from "./v1-schemas.ts";

const group = "openai";
const addSchema = z.object({
  id: z.string().regex(MODEL_NAME, MODEL_NAME_RULE).describe("the name"),
  pool: z
    .enum(POOLS)
    .optional()
    .describe("how a text's vector is made from the vectors of its tokens; by default as the folder says"),
  normalize: z.enum(["true", "false"]).optional().describe("vectors of length 1; by default as the folder says"),
});
const modelParams = z.object({ model: z.string() });
/** Any length will do: what is refused of one is refused of all. */
const TRIED_LENGTH = 8;

export function addModelNameRoutes(app: App, openAi: OpenAi): void {
  const { models } = openAi;
  const find = (id: string): NamedModel => {
    const model = models.get(id);
    if (model !== null) return model;
    throw new OpenAiFailure(404, "model_not_found", `The model \`${id.slice(0, 160)}\` does not exist`, "model");
  };
  // A name may have a slash, which clients escape.
  const address = "/v1/models/:model";

  app.get(
    "/v1/models",
    route(
      { name: "models", group, about: "The models with a name.", scope: "read" },
      {
        response: {
          200: v1ModelsSchema.describe("all of them"),
        },
      },
    ),
    async () => ({ object: "list" as const, data: models.all().map(v1Model) }),
  );
  app.get(
    address,
    route(
      { name: "model", group, about: "One model.", scope: "read" },
      { params: modelParams, response: { 200: v1ModelSchema.describe("the model") } },
    ),
    async (request) => v1Model(find(request.params.model)),
  );
  app.delete(
    address,
    route(
      { name: "deleteModel", group, about: "Deletes a model; running jobs that use it go on.", scope: "submit" },
      { params: modelParams, response: { 200: v1DeletedSchema.describe("it is deleted") } },
    ),
    async (request) => {
      const model = find(request.params.model);
      requireOwn(request, model);
      await models.remove(model.id);
      return { id: model.id, object: "model", deleted: true as const };
    },
  );

  const about =
    "Adds a text model under a name, from its folder on the Hugging Face Hub: the model's file and what it names, tokenizer.json, and the " +
    "other JSON files beside them, each under its path in the folder. It is looked through before it is taken.";
  const bytesMax = modelBytesMaxHere() + MODEL_JSON_BYTES_MAX;
  const options = {
    ...route(
      { name: "addModel", group, about, scope: "submit" },
      {
        ...rawBody("the files of the folder", "multipart/form-data"),
        querystring: addSchema,
        response: { 201: v1ModelSchema.describe("the model"), ...orLater },
      },
    ),
    onRequest: [openAi.ownership.requireModelRoom(bytesMax), openAi.modelBudget(bytesMax)],
  };
  app.post("/v1/models", options, async (request, reply) => {
    const { id, pool, normalize } = request.query;
    const before = models.get(id);
    const { submitter } = identityOf(request);
    if (before !== null) requireOwn(request, before);
    const giveBack = before === null ? models.reserve(submitter) : () => {};
    const folder = models.newFolder();
    const byteCount = await goesOn(request, async () => {
      try {
        const byteCount = await receivedInto(folder, request, models, bytesMax);
        openAi.files.requireRoom(submitter, models.bytesOf(submitter) + byteCount);
        return byteCount;
      } catch (error) {
        giveBack();
        await models.drop(folder);
        throw error;
      }
    });
    return openAi.later.give(request, reply, 201, async () => {
      try {
        const asked = { folder, pool: pool ?? null, normalizes: normalize === undefined ? null : normalize === "true" };
        const model = await lookedThrough(openAi, partyAsking(request), asked, {
          id,
          owner: submitter,
          createdS: Math.floor(Date.now() / 1000),
          byteCount,
        });
        await models.add(model);
        return v1Model(model);
      } catch (error) {
        await models.drop(folder);
        if (error instanceof TextModelError) throw invalid("files", error.message.replaceAll(folder, id));
        throw error;
      } finally {
        giveBack();
      }
    });
  });
}

/** @throws TextModelError, OpenAiFailure where it cannot be used */
async function lookedThrough(
  { works, models, intake }: OpenAi,
  party: string,
  asked: Pick<NamedModel, "folder" | "pool" | "normalizes">,
  about: Pick<NamedModel, "id" | "owner" | "createdS" | "byteCount">,
): Promise<NamedModel> {
  const there = models.askedOf(asked);
  const facts = await works.look(there, party);
  if (facts.task.gives !== "vectors") {
    throw invalid(
      "pool",
      `expected a model that gives vectors, got one that gives ${facts.task.output}; say pool=mean, max, cls or last`,
    );
  }
  const outputs = await intake.takeIn(
    await works.files(there, TRIED_LENGTH, party),
    async (taken) => {
      if ("problem" in taken) throw invalid("files", taken.problem);
      return taken.outputs;
    },
    party,
  );
  const output = outputs.find(({ name }) => name === facts.task.output) ?? outputs[0];
  return { ...about, ...asked, facts, dimensions: output.facts.outputSize };
}

function requireOwn(request: FastifyRequest, model: NamedModel): void {
  if (belongsTo(askerOf(request), model)) return;
  throw new OpenAiFailure(
    403,
    "not_owner",
    `model ${model.id}: expected one of yours, got one of another submitter; take another name`,
    "id",
  );
}

/** The files of a request, each under its path within the folder. @returns their bytes together @throws OpenAiFailure */
async function receivedInto(
  folder: string,
  request: FastifyRequest,
  models: NamedModels,
  bytesMax: number,
): Promise<number> {
  if (!request.isMultipart()) throw invalid("files", "expected multipart/form-data with the files of a model's folder");
  let total = 0;
  const counted = async function* (file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of file) {
      total += chunk.length;
      if (total > bytesMax) {
        const message = `files: expected at most ${bytesMax} bytes together, got more`;
        throw new OpenAiFailure(413, "file_too_large", message, "files");
      }
      yield chunk;
    }
  };
  const names = new Set<string>();
  for await (const { filename: name, file } of request.files({
    limits: { files: MODEL_FILES_MAX, fields: 0, fileSize: bytesMax + 1 },
  })) {
    const isInside = /^[\w. -]+(\/[\w. -]+){0,2}$/.test(name) && !name.split("/").some((one) => /^\.*$/.test(one));
    if (!isInside) throw invalid("files", `expected paths within the folder, got "${name.slice(0, 80)}"`);
    const isTwice = [...names].some((one) => one === name || one.startsWith(`${name}/`) || name.startsWith(`${one}/`));
    if (isTwice) throw invalid("files", `expected each path once, got "${name.slice(0, 80)}" again`);
    names.add(name);
    await models.store(folder, name, counted(file));
  }
  if (names.size > 0) return total;
  throw invalid("files", "expected the files of a model's folder, got none");
}
