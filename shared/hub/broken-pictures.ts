/** Pictures of a set that cannot be read: refused together, or left out and told. */
import { InputError } from "../inputs/input-error.ts";
import { BROKEN_PICTURES_NAMED_MAX } from "../protocol/limits.ts";
import type { SkippedFile } from "./kept-names.ts";

/** Some of them cannot be read, and what people can do about it. */
export class BrokenPicturesError extends InputError {
  readonly skippable: number;

  constructor(message: string, skippable: number) {
    super(message);
    this.skippable = skippable;
  }
}

interface ReadPictures {
  /** Why, by the place of the picture. */
  readonly broken: ReadonlyMap<number, string>;
  readonly skipsBroken: boolean;
}

/**
 * @param names of all pictures
 * @param advice how one goes on without them
 * @returns the names and places of those that can be read, in their order, and what was left out
 * @throws BrokenPicturesError where some cannot be read and are not to be left out; InputError where none can be
 */
export function withoutBroken(
  names: readonly string[],
  { broken, skipsBroken }: ReadPictures,
  advice: string,
): {
  readonly names: readonly string[];
  readonly places: readonly number[];
  readonly skipped: readonly SkippedFile[];
} {
  const reasons = [...broken].sort(([a], [b]) => a - b);
  const read = names.length - broken.size;
  if (broken.size > 0 && (!skipsBroken || read === 0))
    throw new BrokenPicturesError(said(reasons, read > 0 ? advice : null), read > 0 ? broken.size : 0);
  const places = [...names.keys()].filter((place) => !broken.has(place));
  return {
    ...{ names: places.map((place) => names[place]!), places },
    skipped: reasons.map(([place, reason]) => ({ file: names[place]!, reason })),
  };
}

function said(reasons: readonly (readonly [number, string])[], advice: string | null): string {
  const behind = advice === null ? "" : `\n${advice}`;
  if (reasons.length === 1) return `${reasons[0]![1]}${behind}`;
  const lines = reasons.slice(0, BROKEN_PICTURES_NAMED_MAX).map(([, reason], i) => `(${i + 1}) ${reason}`);
  const more = reasons.length - lines.length;
  return `${reasons.length} problems:\n${lines.join("\n")}${more > 0 ? `\nand ${more} more` : ""}${behind}`;
}
