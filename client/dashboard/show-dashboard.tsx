import { signal } from "@preact/signals";
import { render } from "preact";
import { jobHash, sharedIn } from "../ui/jobs/job-address.ts";
import { pollWhileVisible } from "../ui/poll.ts";
import { GuardedPage } from "./guarded-page.tsx";
import { saveLinksWithToken } from "./save-links.ts";
import { createSignIn } from "./sign-in.ts";

const LOOK_MS = 2_000;

const signIn = createSignIn(location.origin, sessionStorage);
takeLink();
const saveProblem = signal<string | null>(null);
saveLinksWithToken(document, signIn, (problem) => {
  saveProblem.value = problem;
});
pollWhileVisible(async () => {
  if (signIn.access.value.kind === "unknown") await signIn.look();
}, LOOK_MS);

/** Whoever comes by a link reads with it from here on, in this tab; the address keeps the job, and the link's token no longer. */
function takeLink(): void {
  const shared = sharedIn(location.hash);
  if (shared === null) return;
  signIn.keep(shared.token);
  location.replace(jobHash(shared.jobId));
}
addEventListener("hashchange", takeLink);

function Page() {
  return <GuardedPage signIn={signIn} saveProblem={saveProblem.value} />;
}
// In a task of its own, for reading the scripts takes long on a slow processor.
setTimeout(() => render(<Page />, document.getElementById("page")!));
