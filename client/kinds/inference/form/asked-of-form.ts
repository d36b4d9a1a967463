/** The command line that does what the form does, with the names that the files have. Pure. */

import type { HubDrop } from "../../../hub/hub-drop.ts";
import { takesTexts } from "../../../hub/hub-drop.ts";
import { flagWords, type Settings, settingsAsked, settingWords } from "../../asked-words.ts";
import type { HubAsked } from "./hub/prepare-hub.ts";
import type { ReadyForm } from "./inference-fields.ts";

/** Any source will do: all have the same defaults. */
const SOME_SOURCE = { kind: "sample", sample: "mnist" };

function wordsOfSettings({ rest }: Pick<ReadyForm, "rest">): string[] {
  const settings: Settings = settingsAsked({ ...rest, kind: "inference", source: SOME_SOURCE } as never);
  return settingWords(settings);
}

/** The command for a folder of the Hub with pictures or texts. */
export function askedOfHub(drop: HubDrop, asked: HubAsked, form: Pick<ReadyForm, "rest">): string[] {
  const model = flagWords("model", drop.name === "" ? "model" : drop.name);
  const { column, pool, normalizes, truncates, skipsBroken } = asked;
  const data = takesTexts(drop)
    ? [
        ...flagWords("texts", drop.texts?.name ?? "texts.txt"),
        ...(column?.split(",") ?? []).flatMap((name) => flagWords("column", name.trim())),
        ...(pool === null ? [] : flagWords("pool", pool)),
        ...(normalizes === true ? ["--normalize"] : []),
        ...(truncates ? ["--truncate"] : []),
      ]
    : [
        ...flagWords("images", folderOf(drop.photos.map(({ name }) => name))),
        ...(skipsBroken ? ["--skip-broken"] : []),
      ];
  return ["paritab", "submit", ...model, ...data, ...wordsOfSettings(form)];
}

/** The command for a model's files and queries. @param queries the files that were chosen: one, or pictures of a folder */
export function askedOfFiles(
  { uploads, rest }: ReadyForm,
  { queries, labels }: { readonly queries: readonly File[]; readonly labels: File | null },
): string[] {
  if (uploads === null) return [];
  const nameOf = (files: readonly File[], what: string) => (files.length === 1 ? files[0]!.name : what);
  const model = nameOf(
    uploads.model,
    folderOf(
      uploads.model.map(({ name }) => name),
      "model",
    ),
  );
  const data = nameOf(queries, folderOf(queries.map(({ name }) => name)));
  return [
    ...["paritab", "submit", "inference", ...flagWords("model", model), ...flagWords("queries", data)],
    ...(uploads.parity.length === 0 ? [] : flagWords("parity-model", nameOf(uploads.parity, "parity-model"))),
    ...(labels === null ? [] : flagWords("labels", labels.name)),
    ...(uploads.inputScale === 1 ? [] : flagWords("input-scale", uploads.inputScale)),
    ...wordsOfSettings({ rest }),
  ];
}

/** The innermost folder that all of them lie in, as they were dropped; the file itself where it is one. */
function folderOf(names: readonly string[], otherwise = "pictures"): string {
  const [first = otherwise, ...others] = names;
  if (others.length === 0) return first;
  let folder = first.split("/").slice(0, -1);
  while (!others.every((name) => name.startsWith(`${folder.join("/")}/`)) && folder.length > 0)
    folder = folder.slice(0, -1);
  return folder.length === 0 ? otherwise : folder.join("/");
}
