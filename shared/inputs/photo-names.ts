/** Which files are photographs, by their names. macOS puts a file beside each, whose name begins with a dot. */
export function isPhotoName(name: string): boolean {
  const isHidden = name.split("/").some((part) => part.startsWith(".") || part === "__MACOSX");
  return !isHidden && /\.(jpe?g|png|webp)$/i.test(name);
}
