/** Lets the browser save what the page has in hand. */
export function saveFile(content: Blob, fileName: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  // The browser has taken hold of the content by the next turn, some only a little later.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
