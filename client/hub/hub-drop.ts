/** A Hugging Face folder among dropped files, and what is to go through its model: photographs or texts. By names alone. Pure. */
import { isMainOfAny } from "../../shared/compute/model-files.ts";
import { HUB_RUNTIMES } from "../../shared/hub/hub-runtimes.ts";
import { isHiddenName, isPhotoName } from "../../shared/inputs/photo-names.ts";
import { textFormOf } from "../../shared/inputs/text-names.ts";

export interface HubDrop {
  /** Of the folder; empty where its files came without one. */
  readonly name: string;
  /** By their paths within the folder. */
  readonly files: ReadonlyMap<string, File>;
  readonly photos: readonly File[];
  readonly texts: File | null;
  /** Names of what came with the pictures and is none of all this: nothing that a system hides. */
  readonly others: readonly string[];
}

/** What tells such a folder from a model alone. */
const SAYS_MORE = ["preprocessor_config.json", "tokenizer.json", "config.json"];
/** Words of a tokenizer, and what people write beside models: no texts of a corpus. */
const BESIDE_MODEL = /^(vocab|merges|bpe\.codes|spiece|readme|license|requirements)\.(txt|json|csv)$/i;

const HUB_ENDINGS = HUB_RUNTIMES.map(({ files }) => files.mainExtension);

const baseName = (name: string) => name.split("/").at(-1)!;

/**
 * @param files with their names, folders in front where they came in one
 * @param before what was dropped earlier: pictures may follow their model, and a model its pictures
 * @returns null: there is no such folder
 */
export function hubDrop(files: readonly File[], before: HubDrop | null): HubDrop | null {
  const root = rootOf(files);
  const inRoot = (name: string) => root !== null && name.startsWith(root);
  const photos = files.filter(({ name }) => isPhotoName(name));
  const tables = files.filter(({ name }) => textFormOf(name) !== undefined && !BESIDE_MODEL.test(baseName(name)));
  const isModels = (file: File) => inRoot(file.name) && !photos.includes(file) && !tables.includes(file);
  const own = new Map(files.filter(isModels).map((file) => [file.name.slice(root!.length), file] as const));
  // A model without such files is another one; a drop of nothing that is read says nothing new.
  if (root === null && (before === null || files.some(({ name }) => isMainOfAny(name)))) return null;
  if (root === null && photos.length + tables.length === 0) return null;
  const others = files.filter(({ name }) => !inRoot(name) && !isPhotoName(name) && !isHiddenName(name));
  return {
    name: root === null ? before!.name : (root.split("/").at(-2) ?? ""),
    files: root === null ? before!.files : own,
    photos: photos.length > 0 ? photos : (before?.photos ?? []),
    texts: tables[0] ?? before?.texts ?? null,
    others: photos.length > 0 ? others.map(({ name }) => name) : (before?.others ?? []),
  };
}

/** The uppermost folder that holds one of those files, with the slash behind it; a model has to come with them. */
function rootOf(files: readonly File[]): string | null {
  if (!files.some(({ name }) => HUB_ENDINGS.some((ending) => name.toLowerCase().endsWith(ending)))) return null;
  const roots = files
    .filter(({ name }) => SAYS_MORE.includes(baseName(name)))
    .map(({ name }) => name.slice(0, name.lastIndexOf("/") + 1))
    .sort((a, b) => a.length - b.length);
  return roots[0] ?? null;
}

/** Whether pictures go through the model, or texts: a folder with a tokenizer alone takes no pictures, one with both (CLIP) what came with it. */
export function takesTexts({ files, photos, texts }: HubDrop): boolean {
  if (!files.has("tokenizer.json")) return false;
  return !files.has("preprocessor_config.json") || (texts !== null && photos.length === 0);
}
