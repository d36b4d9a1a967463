/** What a person handed in is wrong: the message says which file, what was expected and what came. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** The only thing that is wrong are empty cells, which could be filled. */
export class GapsError extends InputError {}
