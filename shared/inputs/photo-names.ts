/** Which files are photographs, by their names. macOS puts a file beside each, whose name begins with a dot; `tar` of a folder begins all names with "./". */
export function isPhotoName(name: string): boolean {
  const isHidden = name.split("/").some((part) => (part.startsWith(".") && part !== ".") || part === "__MACOSX");
  return !isHidden && /\.(jpe?g|png|webp)$/i.test(name);
}
