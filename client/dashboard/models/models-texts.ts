/** The words of the page of named models. */
import { HUB_PLACES, HUB_RUNTIMES } from "../../../shared/hub/hub-runtimes.ts";

export const modelsTexts = {
  title: "Models",
  lead: "Text models with a name. Programs that speak OpenAI’s API get vectors from them; only the base URL changes.",
  who: "Every submitter may use every model. Only the submitter who added a model, or an operator, can replace or remove it.",
  list: "Named models",
  none: "No model has a name yet.",
  columns: {
    name: "Name",
    dimensions: "Numbers of a vector",
    tokens: "Tokens of a text, at most",
    of: "Added by",
    since: "Since",
    remove: "Remove",
  },
  noLimit: "no limit",
  remove: "Remove",
  removeNamed: (id: string) => `Remove ${id}`,
  ask: (id: string) => `Remove ${id} and its files? Running jobs that use the model go on.`,
  yes: "Remove it",
  no: "Keep it",
  add: {
    title: "Add a model",
    drop: "A text model’s folder",
    hint: `As on the Hugging Face Hub: ${HUB_PLACES}, tokenizer.json, and the files that say how a text’s vector is made. Drop the folder here, or choose it.`,
    folder: "or a folder",
    noFolder: `expected a folder with ${HUB_PLACES} and tokenizer.json, got other files; ${HUB_RUNTIMES.map(({ hub }) => hub.export).join("; ")}`,
    looking: "Looking at the folder",
    name: "Name",
    nameHint:
      "The name that programs use: letters, digits, . _ and -, with at most one / between. It replaces a model of yours with the same name.",
    button: "Add the model",
    adding: "Uploading",
    added: (id: string, dimensions: number) => `${id} is ready: vectors of ${dimensions} numbers.`,
  },
  call: {
    title: "How to ask for it",
    lead: "Use an access token as the API key. If the coordinator needs no tokens, any key works.",
    languages: { curl: "curl", python: "Python", node: "Node.js" },
  },
};
