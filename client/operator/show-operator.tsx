import { render } from "preact";
import { createSignIn } from "../dashboard/sign-in.ts";
import { pollWhileVisible } from "../ui/poll.ts";
import { GuardedOperatorPage } from "./guarded-operator-page.tsx";

const LOOK_MS = 2_000;

const signIn = createSignIn(location.origin, sessionStorage);
pollWhileVisible(async () => {
  if (signIn.access.value.kind === "unknown") await signIn.look();
}, LOOK_MS);
render(<GuardedOperatorPage signIn={signIn} />, document.getElementById("page")!);
