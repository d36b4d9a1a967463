/** A Hugging Face folder that was dropped on the page, as shared/hub reads it. */
import { companionsOf } from "../../shared/hub/companions-of.ts";
import type { HubFile, HubModel, HubPlace } from "../../shared/hub/hub-place.ts";
import { HUB_PLACES, HUB_RUNTIMES, type HubRuntime } from "../../shared/hub/hub-runtimes.ts";
import { InputError } from "../../shared/inputs/input-error.ts";
import type { HubDrop } from "./hub-drop.ts";

export function droppedPlace({ name, files }: Pick<HubDrop, "name" | "files">): HubPlace {
  const folder = name === "" ? "the folder" : name;
  const where = (file: string) => (name === "" ? file : `${name}/${file}`);
  const bytesOf = async (file: File) => new Uint8Array(await file.arrayBuffer());
  return {
    name: name.slice(0, 80) || "model",
    folder,
    where,
    async read(path, bytesMax) {
      const file = files.get(path);
      if (file === undefined) return null;
      if (file.size <= bytesMax) return bytesOf(file);
      throw new InputError(`${where(path)}: expected at most ${bytesMax} bytes, got ${file.size}`);
    },
    async model(): Promise<HubModel> {
      const { runtime, mainPath } = mainIn(folder, [...files.keys()]);
      const data = await bytesOf(files.get(mainPath)!);
      const beside = mainPath.slice(0, mainPath.lastIndexOf("/") + 1);
      const others: HubFile[] = [];
      for (const companion of await companionsOf(runtime, data, where(mainPath))) {
        const file = files.get(`${beside}${companion}`);
        if (file === undefined) {
          throw new InputError(
            `${where(mainPath)}: expected its file of weights "${companion.slice(0, 80)}" beside it`,
          );
        }
        others.push({ name: companion, data: await bytesOf(file) });
      }
      const { hub, files: rules } = runtime;
      const mainName = hub.places.find((place) => place.slice(0, place.lastIndexOf("/") + 1) === beside);
      return {
        mainPath,
        mainName: mainName ?? hub.places[0]!,
        files: [{ name: rules.mainName ?? mainPath.slice(beside.length), data }, ...others],
        editor: await hub.loadEditor(),
      };
    },
  };
}

/** Where folders have it; else the only one. @throws InputError */
function mainIn(folder: string, paths: readonly string[]): { runtime: HubRuntime; mainPath: string } {
  for (const runtime of HUB_RUNTIMES) {
    const own = paths.filter((path) => path.toLowerCase().endsWith(runtime.files.mainExtension));
    const mainPath = runtime.hub.places.find((place) => own.includes(place)) ?? (own.length === 1 ? own[0] : undefined);
    if (mainPath !== undefined) return { runtime, mainPath };
    if (own.length > 1) {
      const list = own.slice(0, 6).join(", ");
      throw new InputError(
        `${folder}: expected ${runtime.hub.places.join(" or ")}, got ${list}; drop one of them alone`,
      );
    }
  }
  const got = paths.slice(0, 6).join(", ");
  throw new InputError(
    `${folder}: expected ${HUB_PLACES}, got ${got}; ${HUB_RUNTIMES.map(({ hub }) => hub.export).join("; ")}`,
  );
}
