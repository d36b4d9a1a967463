/** Names under which models are asked for: "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2". */

const LENGTH_MAX = 90;
export const MODEL_NAME = new RegExp(
  `^(?=.{1,${LENGTH_MAX}}$)[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$`,
);

export const MODEL_NAME_RULE = `expected a name of 1 to ${LENGTH_MAX} letters, digits, . _ and -, a letter or digit first, with at most one / between two such names`;

/**
 * @returns what a name may be, what came, and a name like it that may be taken; null: it is right
 * @example modelNameProblem("all MiniLM") // -> 'expected a name of ..., got "all MiniLM"; take "all-MiniLM", for example'
 */
export function modelNameProblem(name: string): string | null {
  if (MODEL_NAME.test(name)) return null;
  const like = name
    .split("/")
    .map((part) => part.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[._-]+|-+$/g, ""))
    .filter((part) => part !== "")
    .slice(-2)
    .join("/")
    .slice(0, LENGTH_MAX);
  const advice = MODEL_NAME.test(like) ? `; take "${like}", for example` : "";
  return `${MODEL_NAME_RULE}, got "${name.slice(0, 2 * LENGTH_MAX)}"${advice}`;
}
