/** What dropped files are taken for, by their names: a model, queries, labels, or something to convert first. Pure. */
import { isMainOfAny } from "../../../../../shared/compute/model-files.ts";
import { dropTexts as texts } from "./drop-texts.ts";

export interface SortedFiles {
  readonly model: readonly File[];
  /** One table, one `.npy`, or pictures. */
  readonly queries: readonly File[];
  readonly labels: File | null;
  /** Files that cannot be used, and what would help. */
  readonly refused: readonly { readonly name: string; readonly say: string }[];
}

/** What stands beside the main file of a model. */
const BESIDE_MODEL = /\.(bin|data)$|(^|\/)(input-(sizes|values)|model-outputs)\.json$/i;
const PICTURE = /\.png$/i;
const TABLE = /\.(npy|npz|csv|tsv|txt|parquet)$/i;
const LABELS = /(^|[^a-z])(labels?|targets?|classes|y)([^a-z]|$)/i;
/** What systems put beside files, and nobody means. */
const LITTER = /(^|\/)(\.[^/]*|__MACOSX\/.*|Thumbs\.db|desktop\.ini)$/i;

const isOfModel = (name: string) => isMainOfAny(name) || BESIDE_MODEL.test(name);

/** @param files with their names, folders in front where they came in one */
export function sortFiles(files: readonly File[]): SortedFiles {
  const given = files.filter(({ name }) => !LITTER.test(name));
  const model = given.filter(({ name }) => isOfModel(name));
  const pictures = given.filter(({ name }) => PICTURE.test(name));
  const tables = given.filter(({ name }) => TABLE.test(name));
  const rest = given.filter(({ name }) => !isOfModel(name) && !PICTURE.test(name) && !TABLE.test(name));
  const refused = rest.map(({ name }) => ({ name, say: texts.convert(endingOf(name)) }));
  const { queries, labels, left } = parted(tables, pictures);
  const surplus = left.map(({ name }) => ({ name, say: texts.surplus }));
  return { model: model.map(withoutFolder), queries, labels, refused: [...refused, ...surplus] };
}

/** What stands beside a model may come after it, such as sizes that its refusal asked for; another main file is another model. */
export function modelTogether(dropped: readonly File[], before: readonly File[]): readonly File[] {
  if (dropped.some(({ name }) => isMainOfAny(name))) return dropped;
  const kept = before.filter(({ name }) => !dropped.some((file) => file.name === name));
  return [...kept, ...dropped];
}

/** Labels are called so; a lone table is the queries, whatever it is called. */
function parted(tables: readonly File[], pictures: readonly File[]) {
  const named = tables.filter(({ name }) => LABELS.test(baseName(name)));
  const others = tables.filter((table) => !named.includes(table));
  if (pictures.length > 0) {
    const [labels = null, ...more] = named.length > 0 ? named : others;
    const left = named.length > 0 ? [...more, ...others] : more;
    return { queries: pictures, labels, left };
  }
  if (others.length === 0) return { queries: named.slice(0, 1), labels: null, left: named.slice(1) };
  const [labels = null, ...more] = named;
  return { queries: others.slice(0, 1), labels, left: [...others.slice(1), ...more] };
}

function baseName(name: string): string {
  return name
    .split("/")
    .at(-1)!
    .replace(/\.[^.]*$/, "");
}

function endingOf(name: string): string {
  return /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
}

/** The coordinator knows a model's files by their names alone. */
function withoutFolder(file: File): File {
  const name = file.name.split("/").at(-1)!;
  return name === file.name ? file : new File([file], name, { type: file.type });
}
