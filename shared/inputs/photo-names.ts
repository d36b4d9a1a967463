/** Which files are photographs, by their names. */
export function isPhotoName(name: string): boolean {
  return !isHiddenName(name) && /\.(jpe?g|png|webp)$/i.test(name);
}

/** macOS puts a file beside each, whose name begins with a dot; `tar` of a folder begins all names with "./". */
export function isHiddenName(name: string): boolean {
  return name.split("/").some((part) => (part.startsWith(".") && part !== ".") || part === "__MACOSX");
}
