/**
 * Links that save a file of the coordinator. A browser follows a link without our header, so where a token is wanted the file
 * is fetched here and saved from memory.
 */

import { saveFile } from "../ui/jobs/save-file.ts";
import type { SignIn } from "./sign-in.ts";

/** @param onProblem a file could not be fetched, and why; null: one could again */
export function saveLinksWithToken(
  page: Pick<Document, "addEventListener">,
  signIn: SignIn,
  onProblem: (problem: string | null) => void,
): void {
  page.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[download]") : null;
    // Links of our own making to what is in memory have the scheme blob:.
    if (!(link instanceof HTMLAnchorElement) || link.protocol === "blob:") return;
    if (signIn.access.value.kind !== "signed-in") return;
    event.preventDefault();
    save(signIn, link.href).then(
      () => onProblem(null),
      (error: unknown) => onProblem((error as Error).message),
    );
  });
}

async function save(signIn: SignIn, url: string): Promise<void> {
  const response = await signIn.fetch(url);
  if (!response.ok) {
    const body = (await response.json().catch(() => null)) as { error?: { message?: string } } | null;
    throw new Error(body?.error?.message ?? `the coordinator answered with status ${response.status}`);
  }
  const named = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  saveFile(await response.blob(), named ?? new URL(url).pathname.split("/").at(-1)!);
}
