/** The words of the page of named models. */
import { HUB_PLACES, HUB_RUNTIMES } from "../../../shared/hub/hub-runtimes.ts";

export const modelsTexts = {
  title: "Models",
  lead: "Text models under names: programs that speak OpenAI’s API ask for their vectors with another base URL and nothing else.",
  who: "Whoever may submit here may ask for any of them. A model is replaced and removed by who added it, or by an operator.",
  list: "Named models",
  none: "No model has a name yet.",
  columns: {
    name: "Name",
    dimensions: "Numbers of a vector",
    tokens: "Tokens of a text, at most",
    of: "Added by",
    since: "Since",
  },
  noLimit: "no limit",
  remove: "Remove",
  removeNamed: (id: string) => `Remove ${id}`,
  ask: (id: string) => `Take the name ${id} away, with its files? Jobs that run on it end as they would.`,
  yes: "Remove it",
  no: "Keep it",
  add: {
    title: "Add a model",
    drop: "A text model’s folder",
    hint: `As it lies on the Hugging Face Hub: ${HUB_PLACES}, tokenizer.json, and what says how a text’s vector is made. Drop it here, or choose it.`,
    folder: "or a folder",
    noFolder: `expected a folder with ${HUB_PLACES} and tokenizer.json, got other files; ${HUB_RUNTIMES.map(({ hub }) => hub.export).join("; ")}`,
    looking: "Looking at the folder",
    name: "Name",
    nameHint:
      "As programs ask for it: letters, digits, . _ and -, with at most one / between. One of yours is replaced.",
    button: "Add the model",
    adding: "Uploading",
    added: (id: string, dimensions: number) => `${id} is there: vectors of ${dimensions} numbers.`,
  },
  call: {
    title: "How to ask for it",
    lead: "An access token is the API key; where a coordinator needs none, any key will do.",
    languages: { curl: "curl", python: "Python", node: "Node.js" },
  },
};
