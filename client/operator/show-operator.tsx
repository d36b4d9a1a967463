import { render } from "preact";
import { createSignIn } from "../dashboard/sign-in.ts";
import { pollWhileVisible } from "../ui/poll.ts";
import { GuardedOperatorPage } from "./guarded-operator-page.tsx";

const LOOK_MS = 2_000;

const signIn = createSignIn(location.origin, sessionStorage);
pollWhileVisible(async () => {
  if (signIn.access.value.kind === "unknown") await signIn.look();
}, LOOK_MS);
// In a task of its own, for reading the scripts takes long on a slow processor.
setTimeout(() => render(<GuardedOperatorPage signIn={signIn} />, document.getElementById("page")!));
