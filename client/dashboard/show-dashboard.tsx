import { signal } from "@preact/signals";
import { render } from "preact";
import { pollWhileVisible } from "../ui/poll.ts";
import { GuardedPage } from "./guarded-page.tsx";
import { saveLinksWithToken } from "./save-links.ts";
import { createSignIn } from "./sign-in.ts";

const LOOK_MS = 2_000;

const signIn = createSignIn(location.origin, sessionStorage);
const saveProblem = signal<string | null>(null);
saveLinksWithToken(document, signIn, (problem) => {
  saveProblem.value = problem;
});
pollWhileVisible(async () => {
  if (signIn.access.value.kind === "unknown") await signIn.look();
}, LOOK_MS);

function Page() {
  return <GuardedPage signIn={signIn} saveProblem={saveProblem.value} />;
}
render(<Page />, document.getElementById("page")!);
