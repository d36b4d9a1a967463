/** What the flags of `submit inference` name, read and looked through before anything is sent: all that is wrong is told at once. */
import { sentFiles } from "../../../../shared/hub/hub-place.ts";
import { npyShape } from "../../../../shared/inputs/inputs-by-name.ts";
import { Problems } from "../../../../shared/inputs/problems.ts";
import type { Numbers } from "../../../../shared/sdk/as-npy.ts";
import type { ModelFile } from "../../../../shared/sdk/run-inference.ts";
import type { Call } from "../../../cli/command.ts";
import { readModel } from "../../../cli/inputs/model-folder.ts";
import { type ArchiveArrays, isArchive, readArchive } from "../../../cli/inputs/npz-archive.ts";
import { type Rows, readRows } from "../../../cli/inputs/read-rows.ts";
import { type LabelsAhead, labelsAhead, requireLabelOfEach } from "./labels-ahead.ts";
import { saidFiles } from "./said-files.ts";

/** Its files, or the hash of one that was uploaded before. */
export type ModelAhead = readonly ModelFile[] | { readonly modelSha256: string };

export interface FilesAhead {
  readonly model: ModelAhead;
  readonly parityModel: ModelAhead | undefined;
  /** Of an archive the model says whether its arrays are rows or inputs. later: of standard input, which may come line by line for hours. */
  readonly queries: Rows | ArchiveArrays | "later";
  /** Of a file of their own, else those that came with the queries. */
  readonly labels: LabelsAhead | undefined;
  readonly examples: Numbers | undefined;
}

/** @throws UsageError; InputError with all problems that can be found without the coordinator */
export async function filesAhead(call: Call, modelPath: string, queriesPath: string): Promise<FilesAhead> {
  const { flags, terminal } = call;
  const problems = new Problems();
  const ifSaid = async <T>(flag: string, read: (path: string) => Promise<T>): Promise<T | undefined> => {
    const path = flags.text(flag);
    return path === undefined ? undefined : ((await problems.attempt(() => read(path))) ?? undefined);
  };
  const model = await modelAhead(call, modelPath, problems);
  const parityModel = await ifSaid("parity-model", (path) => modelAhead(call, path, problems));
  const ownLabels = await ifSaid("labels", (path) => labelsAhead(path, terminal.stdin));
  const examples = await ifSaid("examples", async (path) => (await readRows(path, { stdin: terminal.stdin })).numbers);
  const queries = await problems.attempt(() => queriesAhead(call, queriesPath));
  const queryCount = queries === null ? null : countAhead(queries);
  if (ownLabels !== undefined && queryCount !== null)
    await problems.attempt(() => requireLabelOfEach(ownLabels, queryCount));
  problems.throwIfAny();
  const labels =
    ownLabels ?? (queries === "later" || "byName" in queries! ? undefined : labelsWith(queries!, queriesPath));
  return { model: model!, parityModel: parityModel ?? undefined, queries: queries!, labels, examples };
}

/** @returns null: it is a problem */
export function modelAhead({ flags }: Call, path: string, problems: Problems): Promise<ModelAhead | null> {
  const said = saidFiles(flags.texts("size"), flags.texts("value"), flags.texts("up-to"));
  return problems.attempt(async () =>
    /^[0-9a-f]{64}$/.test(path) ? { modelSha256: path } : [...sentFiles(await readModel(path)), ...said],
  );
}

async function queriesAhead({ flags, terminal }: Call, path: string): Promise<FilesAhead["queries"]> {
  if (path === "-" && !isReadWhole(flags)) return "later";
  if (isArchive(path)) return readArchive(path);
  return readRows(path, { stdin: terminal.stdin, labelColumn: flags.text("label-column") });
}

/** null: nobody has read them yet, or arrays of an archive differ in it. */
export function countAhead(queries: FilesAhead["queries"]): number | null {
  if (queries === "later") return null;
  if (!("byName" in queries)) return queries.shape[0] ?? 0;
  const counts = new Set([...queries.byName.values()].map((bytes) => npyShape(bytes, queries.path)[0] ?? 0));
  return counts.size === 1 ? [...counts][0]! : null;
}

/** Of a column of the table, or of folders that are classes. */
export function labelsWith({ labels }: Pick<Rows, "labels">, path: string): LabelsAhead | undefined {
  return labels === null ? undefined : { path, numbers: labels, values: labels.data };
}

/** Of standard input: are all of its queries wanted before the first one is answered? */
export function isReadWhole(flags: Call["flags"]): boolean {
  return ["labels", "out"].some((flag) => flags.text(flag) !== undefined) || flags.has("detach");
}
