/** Which files are photographs, by their names: what kind each is, its bytes say. HEIC and TIFF are told how they become one that is read. */
export function isPhotoName(name: string): boolean {
  return !isHiddenName(name) && /\.(jpe?g|jfif|png|webp|hei[cf]|hif|tiff?)$/i.test(name);
}

/** macOS puts a file beside each, whose name begins with a dot; `tar` of a folder begins all names with "./". */
export function isHiddenName(name: string): boolean {
  return name.split("/").some((part) => (part.startsWith(".") && part !== ".") || part === "__MACOSX");
}
