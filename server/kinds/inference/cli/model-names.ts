/** `paritab model ...`: text models under names, for /v1 and whoever asks it. */
import { type HubFile, sentFiles } from "../../../../shared/hub/hub-place.ts";
import { POOLS } from "../../../../shared/hub/pooling.ts";
import { namedModelFiles, textModel, textTask } from "../../../../shared/hub/text-model.ts";
import { Problems } from "../../../../shared/inputs/problems.ts";
import { modelNameProblem } from "../../../../shared/protocol/model-name.ts";
import { patiently } from "../../../../shared/sdk/patience.ts";
import type { ClientCommand } from "../../../cli/command.ts";
import { EXIT } from "../../../cli/exit-codes.ts";
import { textTable } from "../../../cli/outputs/text-table.ts";
import { hubPlace } from "../../../hub/hub-folder.ts";

export const modelAdd: ClientCommand = {
  name: "model add",
  summary: "a text model under a name, for /v1/embeddings",
  usage: "NAME FOLDER [--pool mean|cls|none] [--normalize]",
  about:
    "Uploads a text model's folder as on the Hugging Face Hub (the model, tokenizer.json and the files that say how a text's vector is " +
    "made). From then on the coordinator answers POST /v1/embeddings for that name, as OpenAI does: its clients need the coordinator's " +
    "address with /v1 as base URL, and an access token as API key. A model of yours under that name is replaced.",
  flags: {
    pool: {
      value: POOLS.join("|"),
      help: "how a text's vector is made from the vectors of its tokens (default: as the folder says)",
    },
    normalize: { help: "scale vectors to length 1 (default: as the folder says)" },
  },
  words: [2, 2],
  examples: [["paritab model add minilm ./all-MiniLM-L6-v2/", "asked for as model: minilm"]],
  async run({ client, terminal, flags, words, json }) {
    const [name, folder] = words as [string, string];
    const pool = flags.oneOf("pool", POOLS);
    const normalize = flags.has("normalize") ? true : undefined;
    const files = sentFiles(await filesOf(name, folder, pool ?? null));
    const { signal } = terminal;
    const model = await patiently(client, () => client.addNamedModel(name, files, { pool, normalize }, signal), signal);
    const { dimensions, tokens } = model.paritab;
    const limit = tokens === null ? "" : `, texts of at most ${tokens} tokens`;
    await terminal.out(
      json ? `${JSON.stringify(model)}\n` : `model ${model.id}: vectors of ${dimensions} numbers${limit}\n`,
    );
    return EXIT.ok;
  },
};

export const modelList: ClientCommand = {
  name: "model list",
  summary: "the models that have names",
  usage: "",
  about: "One line for each model: its name, numbers in a vector, most tokens of a text, and its submitter.",
  flags: {},
  words: [0, 0],
  examples: [["paritab model list --json | jq -r .id", "names, for a script"]],
  async run({ client, terminal, json }) {
    const models = await client.namedModels(terminal.signal);
    const rows = models.map(({ id, owned_by, paritab }) => [
      id,
      String(paritab.dimensions),
      String(paritab.tokens ?? "-"),
      owned_by,
    ]);
    const table = rows.length === 0 ? "no models\n" : textTable(["name", "dimensions", "tokens", "of"], rows);
    await terminal.out(json ? models.map((model) => `${JSON.stringify(model)}\n`).join("") : table);
    return EXIT.ok;
  },
};

export const modelRemove: ClientCommand = {
  name: "model remove",
  summary: "remove a model and its name",
  usage: "NAME",
  about: "Its files are deleted; running jobs that use it go on.",
  flags: {},
  words: [1, 1],
  examples: [["paritab model remove minilm", "the name is free again"]],
  async run({ client, terminal, words, json }) {
    await client.removeNamedModel(words[0]!, terminal.signal);
    await terminal.out(json ? `${JSON.stringify({ id: words[0], deleted: true })}\n` : `model ${words[0]} is gone\n`);
    return EXIT.ok;
  },
};

/** What a coordinator reads of the folder, looked through before it is sent. @throws InputError with every reason, the name's too */
async function filesOf(name: string, path: string, pool: (typeof POOLS)[number] | null): Promise<HubFile[]> {
  const problems = new Problems();
  const wrongName = modelNameProblem(name);
  if (wrongName !== null) problems.add(`NAME: ${wrongName}`);
  const model = await problems.attempt(async () => textModel(await hubPlace(path), problems));
  problems.throwIfAny();
  textTask(model!, pool, null);
  return namedModelFiles(model!);
}
