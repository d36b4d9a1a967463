/** What a person handed in is wrong: the message says which file, what was expected and what came. */
export class InputError extends Error {
  override readonly name = "InputError";
}
